#include "config/config_session.h"

#include "base/clock.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* One section that is being read. */
struct section {
    struct config_value *values;
    const char *name;    /* "session", "segment" */
    const char *segment; /* NULL: section session */
    const char *file;
    const struct calendar *general; /* of section session; NULL while that is read */
    struct err *err;
};

static const struct config_value *value_of(const struct section *s, const char *key)
{
    return config_value_of(s->values, s->name, key);
}

/* What a segment does not set itself is that of section session. */
static bool is_own(const struct section *s, const char *key)
{
    return !s->general || value_of(s, key)->line > 0;
}

__attribute__((format(printf, 3, 4))) static int refuse(const struct section *s, const char *key,
                                                        const char *fmt, ...)
{
    char words[256], where[80] = "session";
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(words, sizeof(words), fmt, ap);
    va_end(ap);
    if (s->segment)
        snprintf(where, sizeof(where), "segment \"%s\"", s->segment);
    return err_set(s->err, -EINVAL, "%s:%d: %s%s%s: %s", s->file, value_of(s, key)->line, where,
                   s->segment ? ": " : ".", key, words);
}

/* --- dates ------------------------------------------------------------------------------------ */

static int take_holidays(const struct section *s, struct calendar *out)
{
    const struct config_value *value = value_of(s, "holidays");
    if (!is_own(s, "holidays")) {
        out->argentina = s->general->argentina;
        out->holidays_count = s->general->holidays_count;
        memcpy(out->holidays, s->general->holidays, sizeof(out->holidays));
        return 0;
    }
    if (value->texts_count > CALENDAR_HOLIDAYS_MAX)
        return refuse(s, "holidays", "more than %d dates", CALENDAR_HOLIDAYS_MAX);
    for (size_t i = 0; i < value->texts_count; i++) {
        if (strcmp(value->texts[i], CALENDAR_ARGENTINA) == 0)
            out->argentina = true;
        else
            clock_parse_day(value->texts[i], &out->holidays[out->holidays_count++]);
    }
    return 0;
}

/* A special session has a date of its own, which is not a holiday of the same section. */
static int take_special(const struct section *s, const char *text, struct calendar *out)
{
    struct calendar_special special;
    calendar_parse_special(text, &special);
    if (is_own(s, "holidays") && calendar_is_holiday(out, special.day))
        return refuse(s, "special",
                      "%.10s is also in %s.holidays: remove it there if the market opens that day",
                      text, s->name);
    if (calendar_special_of(out, special.day))
        return refuse(s, "special", "%.10s is given twice: one session per date", text);
    out->special[out->special_count++] = special;
    return 0;
}

static int take_specials(const struct section *s, struct calendar *out)
{
    const struct config_value *value = value_of(s, "special");
    size_t inherited = s->general ? s->general->special_count : 0;
    int rc = 0;
    if (value->texts_count + inherited > CALENDAR_SPECIAL_MAX)
        return refuse(s, "special", "more than %d dates%s", CALENDAR_SPECIAL_MAX,
                      inherited ? ", with those of session.special" : "");
    for (size_t i = 0; rc == 0 && is_own(s, "special") && i < value->texts_count; i++)
        rc = take_special(s, value->texts[i], out);
    return rc;
}

/* --- hours ------------------------------------------------------------------------------------ */

static void take_hours(const struct section *s, struct calendar *out)
{
    if (!is_own(s, "days"))
        out->days = s->general->days;
    else
        calendar_parse_days(value_of(s, "days")->texts[0], &out->days);
    if (is_own(s, "hours")) {
        calendar_parse_hours(value_of(s, "hours")->texts[0], &out->open_minute, &out->close_minute);
    } else {
        out->open_minute = s->general->open_minute;
        out->close_minute = s->general->close_minute;
    }
}

static const char *hours_text(char out[16], const struct calendar *c)
{
    snprintf(out, 16, "%02u:%02u-%02u:%02u", (unsigned)c->open_minute / 60 % 100,
             (unsigned)c->open_minute % 60, (unsigned)c->close_minute / 60 % 100,
             (unsigned)c->close_minute % 60);
    return out;
}

static int take_pre_open(const struct section *s, struct calendar *out)
{
    char hours[16];
    int minute;
    if (!is_own(s, "pre_open")) {
        out->pre_open_minutes = s->general->pre_open_minutes;
        return 0;
    }
    const char *text = value_of(s, "pre_open")->texts[0];
    if (!calendar_parse_time(text, &minute))
        return 0; /* "" */
    if (minute >= out->open_minute)
        return refuse(s, "pre_open", "'%s' is not before the opening (hours are %s)", text,
                      hours_text(hours, out));
    out->pre_open_minutes = out->open_minute - minute;
    return 0;
}

static int take_closing(const struct section *s, struct calendar *out)
{
    char hours[16];
    int minute;
    if (!is_own(s, "closing_auction")) {
        out->closing_minutes = s->general->closing_minutes;
        return 0;
    }
    const char *text = value_of(s, "closing_auction")->texts[0];
    if (!calendar_parse_time(text, &minute))
        return 0; /* "" */
    if (minute <= out->close_minute)
        return refuse(s, "closing_auction",
                      "'%s' is not after the close (hours are %s): it is the time at which the "
                      "auction ends",
                      text, hours_text(hours, out));
    out->closing_minutes = minute - out->close_minute;
    return 0;
}

static int check_length(const struct section *s, const struct calendar *c)
{
    char hours[16];
    int from = c->open_minute - c->pre_open_minutes, to = c->close_minute + c->closing_minutes;
    const char *key = is_own(s, "hours") ? "hours" : "pre_open";
    if (to - from <= CALENDAR_DAY_MINUTES && from >= 0)
        return 0;
    return refuse(s, key,
                  "'%s' with %d minutes of pre-open and %d of closing auction is not within a day: "
                  "shorten them",
                  hours_text(hours, c), c->pre_open_minutes, c->closing_minutes);
}

static int take_section(const struct section *s, struct calendar *out)
{
    out->always = value_of(s, "always")->yes || (s->general && s->general->always);
    take_hours(s, out);
    int rc = take_holidays(s, out);
    if (rc == 0)
        rc = take_specials(s, out);
    if (rc == 0)
        rc = take_pre_open(s, out);
    if (rc == 0)
        rc = take_closing(s, out);
    return rc ? rc : check_length(s, out);
}

static int take_segment(struct calendar_set *out, const struct section *s)
{
    struct segment_calendar *segment = &out->each[out->count];
    snprintf(segment->segment, sizeof(segment->segment), "%s", s->segment);
    segment->own_hours = value_of(s, "hours")->line > 0;
    int rc = take_section(s, &segment->calendar);
    if (rc)
        return rc;
    calendar_set_inherit(segment, s->general, value_of(s, "holidays")->line > 0);
    out->count++;
    return 0;
}

int config_session_read(struct calendar_set *out, const struct config_parsed *parsed,
                        const char *file, struct err *err)
{
    const struct section session = {parsed->values, "session", NULL, file, NULL, err};
    *out = (struct calendar_set){.count = 1};
    int rc = take_section(&session, &out->each[0].calendar);
    for (size_t i = 0; rc == 0 && i < parsed->segments_count; i++) {
        const struct config_segment *of = &parsed->segments[i];
        const struct section segment = {of->values, CONFIG_SEGMENT,         of->name,
                                        file,       &out->each[0].calendar, err};
        rc = take_segment(out, &segment);
    }
    return rc;
}
