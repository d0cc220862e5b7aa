#include "export/range.h"

#include "base/clock.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct moment {
    int64_t ns;
    bool is_day; /* a day was given; `ns` is its start */
};

struct range range_all(void)
{
    return (struct range){INT64_MIN, INT64_MAX};
}

/* --- parts: each function consumes one part from the start of the text ------------------------ */

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

/* One or two digits. */
static bool take_short(const char **at, int *out)
{
    int digits = 0;
    for (*out = 0; digits < 2 && **at >= '0' && **at <= '9'; ++*at, digits++)
        *out = *out * 10 + **at - '0';
    return digits > 0;
}

/* "26/11/2026", "6/1/2026": the day first, as Argentina writes it. */
static bool take_local_day(const char **at, int32_t *day)
{
    int of_month, month, century, year;
    char text[32];
    if (!take_short(at, &of_month) || !take_char(at, "/") || !take_short(at, &month) ||
        !take_char(at, "/") || !take_two(at, 99, &century) || !take_two(at, 99, &year))
        return false;
    snprintf(text, sizeof(text), "%02d%02d-%02d-%02d", century, year, month, of_month);
    return clock_parse_day(text, day);
}

static bool take_word(const char **at, const char *word)
{
    size_t bytes = strlen(word);
    if (strncmp(*at, word, bytes) != 0)
        return false;
    *at += bytes;
    return true;
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
    *ns = (hour * S_PER_HOUR + minute * S_PER_MIN + second) * NS_PER_S + fraction;
    return true;
}

/* "Z", "-03", "-0300", "-03:00"; an empty text means Argentina. */
static bool take_zone(const char **at, int *minutes)
{
    int hour, minute = 0;
    *minutes = ART_UTC_MINUTES;
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
    *out = (struct moment){day * NS_PER_DAY + in_day - zone * NS_PER_MIN, false};
    return true;
}

/* "today", "yesterday 11:00", "26/11/2026", "26/11/2026 11:00": always in Argentina. */
static bool parse_local(const char *text, int64_t now_ns, struct moment *out)
{
    int64_t day = art_day(now_ns), in_day;
    int32_t written;
    if (take_word(&text, "yesterday"))
        day--;
    else if (!take_word(&text, "today")) {
        if (!take_local_day(&text, &written))
            return false;
        day = written;
    }
    struct moment moment = day_moment(day);
    if (*text) {
        if (!take_char(&text, " ") || !take_clock(&text, &in_day) || *text)
            return false;
        moment = (struct moment){moment.ns + in_day, false};
    }
    *out = moment;
    return true;
}

/* "now", "-90m", "-1h", "-2d", "-1w". */
static bool parse_ago(const char *text, int64_t now_ns, struct moment *out)
{
    static const struct {
        const char *name;
        int64_t ns;
    } units[] = {{"s", NS_PER_S},    {"m", NS_PER_MIN}, {"min", NS_PER_MIN},
                 {"h", NS_PER_HOUR}, {"d", NS_PER_DAY}, {"w", 7 * NS_PER_DAY}};
    int64_t count = 0;
    int digits = 0;
    *out = (struct moment){now_ns, false};
    if (strcmp(text, "now") == 0)
        return true;
    if (!take_char(&text, "-"))
        return false;
    for (; *text >= '0' && *text <= '9' && digits < 9; text++, digits++)
        count = count * 10 + *text - '0';
    for (size_t i = 0; digits && i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(text, units[i].name) == 0 && count <= now_ns / units[i].ns) {
            out->ns = now_ns - count * units[i].ns;
            return true;
        }
    }
    return false;
}

/* --- error messages --------------------------------------------------------------------------- */

/* '#' in the form stands for one or more digits. */
static bool looks_like(const char *text, const char *form)
{
    for (; *form; form++) {
        size_t bytes = *form == '#' ? strspn(text, "0123456789") : *text == *form;
        if (bytes == 0)
            return false;
        text += bytes;
    }
    return *text == '\0';
}

/* In the right form and not in the calendar: 2026-02-30, 31/2/2026. */
static bool is_no_day(const char *text)
{
    int year, month, day, end = 0;
    if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &end) == 3 && end == 10)
        return !text[end] || strchr("Tt ", text[end]);
    return sscanf(text, "%2d/%2d/%4d%n", &day, &month, &year, &end) == 3 && month <= 12 &&
           year >= 1000 && (!text[end] || text[end] == ' ');
}

static const char *mistake(const char *text)
{
    static const struct {
        const char *form, *words;
    } mistakes[] = {
        {"#:#", " (the day is missing)"},
        {"#:#:#", " (the day is missing)"},
        {"#/#", " (the year is missing)"},
        {"#/#/#", " (the order is day, month, year with four digits)"},
        {"#-#-#", " (year, month and day have 4, 2 and 2 digits)"},
        {"#h", " (for hours ago write a '-' before it)"},
        {"#m", " (for minutes ago write a '-' before it)"},
        {"#d", " (for days ago write a '-' before it)"},
    };
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        if (looks_like(text, mistakes[i].form) && !is_no_day(text))
            return mistakes[i].words;
    }
    if (strchr(text, ':'))
        return " (a time of day has two digits each, 00:00 to 23:59)";
    return is_no_day(text) ? " (there is no such day)" : "";
}

static int parse_moment(const char *option, const char *text, int64_t now_ns, struct moment *out,
                        struct err *err)
{
    if (strlen(text) <= RANGE_TEXT_BYTES_MAX &&
        (parse_ago(text, now_ns, out) || parse_local(text, now_ns, out) || parse_iso(text, out)))
        return 0;
    return err_set(err, -EINVAL,
                   "%s '%.*s' is not a day or a time%s; allowed: now, -1h, -2d, today, "
                   "yesterday 11:00, 26/11/2026, 26/11/2026 11:00, 2026-11-26, 2026-11-26T11:00 "
                   "(all of these in Argentina) and 2026-11-26T14:00:00Z",
                   option, RANGE_TEXT_BYTES_MAX, text, mistake(text));
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
        return err_set(err, -EINVAL, "the range --from %s --to %s is empty: %s", from, to,
                       first.ns == last.ns && !last.is_day ? "--to itself is not included"
                                                           : "--from must be before --to");
    *out = (struct range){first.ns, last.ns};
    return 0;
}
