#include "export/range.h"

#include "base/clock.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define ART_MINUTES (-180)

struct moment {
    int64_t ns;
    bool is_day; /* the day's first moment */
};

struct range range_all(void)
{
    return (struct range){INT64_MIN, INT64_MAX};
}

/* --- pieces: each takes what it knows off the front --------------------------------------------
 */

static bool take_char(const char **at, const char *any)
{
    if (!**at || !strchr(any, **at))
        return false;
    ++*at;
    return true;
}

static bool take_two(const char **at, int max, int *out)
{
    const char *t = *at;
    if (t[0] < '0' || t[0] > '9' || t[1] < '0' || t[1] > '9')
        return false;
    *out = (t[0] - '0') * 10 + t[1] - '0';
    *at = t + 2;
    return *out <= max;
}

static bool take_day(const char **at, int32_t *day)
{
    char text[11];
    if (strlen(*at) < 10)
        return false;
    memcpy(text, *at, 10);
    text[10] = '\0';
    *at += 10;
    return clock_parse_day(text, day);
}

static bool take_fraction(const char **at, int64_t *ns)
{
    int64_t unit = NS_PER_S / 10;
    const char *begin = *at;
    for (*ns = 0; **at >= '0' && **at <= '9' && unit > 0; ++*at, unit /= 10)
        *ns += (**at - '0') * unit;
    return *at > begin;
}

/* "11:00", "11:00:00", "11:00:00.123" */
static bool take_clock(const char **at, int64_t *ns)
{
    int hour, minute, second = 0;
    int64_t fraction = 0;
    if (!take_two(at, 23, &hour) || !take_char(at, ":") || !take_two(at, 59, &minute))
        return false;
    if (take_char(at, ":") && !take_two(at, 59, &second))
        return false;
    if (take_char(at, ".,") && !take_fraction(at, &fraction))
        return false;
    *ns = (hour * 3600 + minute * 60 + second) * NS_PER_S + fraction;
    return true;
}

/* Nothing is Argentina; "Z", "-03", "-0300", "-03:00". */
static bool take_zone(const char **at, int *minutes)
{
    int hour, minute = 0;
    *minutes = ART_MINUTES;
    if (!**at)
        return true;
    *minutes = 0;
    if (take_char(at, "Zz"))
        return true;
    bool west = **at == '-';
    if (!take_char(at, "+-") || !take_two(at, 14, &hour))
        return false;
    bool colon = take_char(at, ":");
    if ((colon || **at) && !take_two(at, 59, &minute))
        return false;
    *minutes = (west ? -1 : 1) * (hour * 60 + minute);
    return true;
}

/* --- moments ---------------------------------------------------------------------------------- */

static struct moment day_moment(int64_t day)
{
    return (struct moment){art_day_begins_ns(day), true};
}

static bool parse_iso(const char *text, struct moment *out)
{
    int32_t day;
    int64_t in_day;
    int zone;
    if (!take_day(&text, &day))
        return false;
    if (!*text) {
        *out = day_moment(day);
        return true;
    }
    if (!take_char(&text, "Tt ") || !take_clock(&text, &in_day) || !take_zone(&text, &zone) ||
        *text)
        return false;
    *out = (struct moment){day * NS_PER_DAY + in_day - zone * 60 * NS_PER_S, false};
    return true;
}

static int parse_moment(const char *option, const char *text, int64_t now_ns, struct moment *out,
                        struct err *err)
{
    if (strcmp(text, "today") == 0)
        *out = day_moment(art_day(now_ns));
    else if (strcmp(text, "yesterday") == 0)
        *out = day_moment(art_day(now_ns) - 1);
    else if (strlen(text) > RANGE_TEXT_BYTES_MAX || !parse_iso(text, out))
        return err_set(err, -EINVAL,
                       "%s '%.*s' is no day or time: give 2026-11-23, 2026-11-23T11:00 (both in "
                       "Argentina), 2026-11-23T14:00:00Z, today or yesterday",
                       option, RANGE_TEXT_BYTES_MAX, text);
    return 0;
}

int range_parse(const char *from, const char *to, int64_t now_ns, struct range *out,
                struct err *err)
{
    struct moment first = {INT64_MIN, false}, last = {INT64_MAX, false};
    int rc = from ? parse_moment("--from", from, now_ns, &first, err) : 0;
    if (rc == 0 && to)
        rc = parse_moment("--to", to, now_ns, &last, err);
    if (rc)
        return rc;
    if (last.is_day)
        last.ns = art_next_day_ns(last.ns);
    if (first.ns >= last.ns)
        return err_set(err, -EINVAL, "nothing lies between --from %s and --to %s: %s", from, to,
                       first.ns == last.ns && !last.is_day ? "--to itself is not included"
                                                           : "the first must be the earlier one");
    *out = (struct range){first.ns, last.ns};
    return 0;
}
