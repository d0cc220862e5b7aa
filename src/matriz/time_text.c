#include "matriz/time_text.h"

#include "base/clock.h"
#include "market/quote.h"

#include <stdbool.h>
#include <string.h>

#define DAY_BYTES 10
#define DAY_1990  7305
#define DAY_2100  47482

int32_t matriz_day(const char *text, size_t len_bytes)
{
    char day_text[DAY_BYTES + 1];
    int32_t day;
    if (len_bytes < DAY_BYTES || (len_bytes > DAY_BYTES && text[DAY_BYTES] != 'T'))
        return DAY_NONE;
    memcpy(day_text, text, DAY_BYTES);
    day_text[DAY_BYTES] = '\0';
    if (!clock_parse_day(day_text, &day) || day < DAY_1990 || day >= DAY_2100)
        return DAY_NONE;
    return day;
}

struct rest {
    const char *text;
    size_t len_bytes;
};

static int digit(const struct rest *r, size_t i)
{
    return i < r->len_bytes && r->text[i] >= '0' && r->text[i] <= '9' ? r->text[i] - '0' : -1;
}

/* `before` and two digits; -1 = they are not there. */
static int take_two(struct rest *r, char before)
{
    int tens = digit(r, 1), ones = digit(r, 2);
    if (r->len_bytes < 3 || r->text[0] != before || tens < 0 || ones < 0)
        return -1;
    r->text += 3;
    r->len_bytes -= 3;
    return tens * 10 + ones;
}

/* ".117" in ms; 0 if there is no fraction. */
static int take_fraction(struct rest *r)
{
    int ms = 0, weight = 100;
    if (!r->len_bytes || r->text[0] != '.')
        return 0;
    size_t i = 1;
    for (; digit(r, i) >= 0; i++, weight /= 10)
        ms += digit(r, i) * weight;
    r->text += i;
    r->len_bytes -= i;
    return ms;
}

static bool ends(const struct rest *r)
{
    return r->len_bytes == 0 || (r->len_bytes == 1 && r->text[0] == 'Z');
}

int64_t matriz_time(const char *text, size_t len_bytes)
{
    int32_t day = matriz_day(text, len_bytes);
    if (day == DAY_NONE || len_bytes == DAY_BYTES)
        return 0;
    struct rest r = {text + DAY_BYTES, len_bytes - DAY_BYTES};
    int hour = take_two(&r, 'T'), minute = take_two(&r, ':');
    int second = ends(&r) ? 0 : take_two(&r, ':');
    int ms = take_fraction(&r);
    take_two(&r, ':'); /* the further part */
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 ||
        !ends(&r))
        return 0;
    return day * NS_PER_DAY + (hour * 60 + minute) * NS_PER_MIN + second * NS_PER_S +
           ms * NS_PER_MS;
}
