#include "market/alert_json.h"

#include "base/clock.h"
#include "base/json_write.h"

#define TEXT_BYTES 4096

static const char *const states[] = {
    [ALERT_BEGUN] = "begin",
    [ALERT_ENDED] = "end",
    [ALERT_ONCE] = "once",
};

/* "45 s", "12 min", "3 h 5 min" */
static void put_duration(struct buf *out, int64_t ms)
{
    long long s = (long long)(ms / 1000);
    if (s < 120)
        buf_printf(out, "%lld s", s);
    else if (s < 2 * S_PER_HOUR)
        buf_printf(out, "%lld min", s / S_PER_MIN);
    else
        buf_printf(out, "%lld h %lld min", s / S_PER_HOUR, s % S_PER_HOUR / S_PER_MIN);
}

static void put_what(struct buf *out, const struct alert *alert)
{
    char since[CLOCK_TEXT];
    buf_printf(out, "%s%s%s", event_kind_name(alert->kind), *alert->symbol ? " of " : "",
               alert->symbol);
    art_zone_text(since, alert->ts);
    if (alert->state == ALERT_ONCE) {
        buf_printf(out, " at %s.", since);
        return;
    }
    buf_puts(out, alert->state == ALERT_BEGUN ? " for " : " has ended after ");
    put_duration(out, alert->lasted_ms);
    buf_printf(out, ", since %s.", since);
}

void alert_text_put(struct buf *out, const struct alert *alert, const char *host, bool test)
{
    buf_printf(out, "%scinta on %s: ", test ? "Test, nothing has happened: " : "", host);
    put_what(out, alert);
    if (alert->state != ALERT_ENDED)
        buf_printf(out, " %s", event_kind_meaning(alert->kind));
    if (*alert->detail)
        buf_printf(out, " Detail: %s", alert->detail);
    if (alert->events > 1)
        buf_printf(out, " (%lld events)", (long long)alert->events);
}

static void put_text(struct buf *out, const char *key, const char *text)
{
    buf_printf(out, "\"%s\":", key);
    json_put_string(out, text);
    buf_puts(out, ",");
}

static void put_number(struct buf *out, const char *key, double number)
{
    buf_printf(out, "\"%s\":", key);
    json_put_number(out, number);
    buf_puts(out, ",");
}

void alert_json_put(struct buf *out, const struct alert *alert, const char *host, bool test)
{
    char time[CLOCK_TEXT];
    struct buf text;
    buf_init(&text, TEXT_BYTES);
    alert_text_put(&text, alert, host, test);
    buf_puts(out, "{");
    put_text(out, "state", states[alert->state]);
    put_text(out, "kind", event_kind_name(alert->kind));
    put_text(out, "symbol", *alert->symbol ? alert->symbol : NULL);
    put_text(out, "text", buf_text(&text));
    put_text(out, "meaning", event_kind_meaning(alert->kind));
    put_text(out, "detail", alert->detail);
    put_text(out, "time", clock_text(time, alert->ts));
    put_number(out, "lasted", (double)alert->lasted_ms / 1000);
    put_number(out, "events", (double)alert->events);
    put_text(out, "host", host);
    buf_printf(out, "\"test\":%s}\n", test ? "true" : "false");
    buf_finish(&text);
}
