#include "serve/trades_json.h"

#include "base/clock.h"
#include "base/json_write.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define ART_MIDNIGHT_NS (3 * 3600 * NS_PER_S) /* a day in Argentina begins at 03:00 UTC */

static bool parse_day(const char *text, int64_t *begin_ns)
{
    struct tm tm = {0};
    int end = 0;
    if (!text || sscanf(text, "%4d-%2d-%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &end) != 3 ||
        text[end] || tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 || tm.tm_mday > 31)
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    *begin_ns = (int64_t)timegm(&tm) * NS_PER_S + ART_MIDNIGHT_NS;
    return true;
}

bool trades_range(const char *date, const char *date_from, const char *date_to, int64_t *from,
                  int64_t *to)
{
    if (!parse_day(date ? date : date_from, from) || !parse_day(date ? date : date_to, to))
        return false;
    *to += NS_PER_DAY;
    return true;
}

struct writing {
    struct buf *out;
    const char *symbol;
    int count;
};

/* "datetime" is UTC, though it looks local. */
static void put_trade(void *arg, const struct source_trade *trade)
{
    struct writing *w = arg;
    char text[CLOCK_TEXT];
    clock_text(text, trade->ts);
    text[10] = ' ';
    text[23] = '\0';
    buf_puts(w->out, w->count++ ? ",{\"symbol\":" : "{\"symbol\":");
    json_put_string(w->out, w->symbol);
    buf_printf(w->out, ",\"servertime\":%lld,\"size\":", (long long)(trade->ts / NS_PER_MS));
    json_put_number(w->out, trade->size);
    buf_puts(w->out, ",\"price\":");
    json_put_number(w->out, trade->price);
    buf_printf(w->out, ",\"datetime\":\"%s\"}", text);
}

void trades_json(struct buf *out, const struct market_source *source, int32_t index, int64_t from,
                 int64_t to)
{
    const struct source_instrument *instrument = source->instrument(source->self, index);
    struct writing w = {.out = out, .symbol = instrument->symbol};
    buf_puts(out, "{\"status\":\"OK\",\"symbol\":");
    json_put_string(out, instrument->symbol);
    buf_puts(out, ",\"market\":");
    json_put_string(out, instrument->market_id);
    buf_puts(out, ",\"trades\":[");
    source->trades(source->self, index, from, to, put_trade, &w);
    buf_puts(out, "]}");
}
