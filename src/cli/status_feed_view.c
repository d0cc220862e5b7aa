#include "cli/status_feed_view.h"

#include "cli/status_values.h"

#include <math.h>
#include <string.h>

#define AHEAD_S 5 /* a time stamp up to this far ahead of our clock is normal */

/* "closed until Mon 10:00 ART" */
static void put_phase(struct buf *out, const struct json *of)
{
    char when[CLOCK_TEXT];
    const char *changes = status_text(of, "changes"), *phase = status_text(of, "phase");
    if (strcmp(phase, "pre_open") == 0)
        phase = "pre-open";
    else if (strcmp(phase, "closing_auction") == 0)
        phase = "closing auction";
    else if (!*phase) /* of an older service */
        phase = status_flag(of, "open") ? "open" : "closed";
    buf_puts(out, phase);
    if (*changes)
        buf_printf(out, " until %s", status_future(when, changes));
    buf_puts(out, "\n");
}

/* If there are other calendars than the general one: each that some instruments have. */
static void put_segments(struct buf *out, const struct json *segments)
{
    const struct json *first = json_first(segments);
    for (const struct json *segment = first; segment; segment = json_next(segment)) {
        const char *name = status_text(segment, "segment");
        if (!json_next(first) || status_count(segment, "instruments") < 1)
            continue;
        status_title(out, "");
        buf_printf(out, "%s (%.0f instruments): ", *name ? name : "other segments",
                   status_count(segment, "instruments"));
        put_phase(out, segment);
    }
}

static void put_session(struct buf *out, const struct json *s)
{
    char age[STATUS_AGE_TEXT];
    const struct json *session = json_get(s, "session"), *token = json_get(s, "token");
    if (json_get(s, "replica"))
        return;
    if (session) { /* without a feed it is not known */
        status_title(out, "session");
        put_phase(out, session);
        put_segments(out, json_get(session, "segments"));
    }
    status_title(out, "token");
    buf_printf(out, "%s", status_text(token, "state"));
    double token_s = status_number(token, "age_s");
    if (token_s < -AHEAD_S)
        buf_printf(out, ", obtained %s ahead of this machine's clock: the clock was set back",
                   status_age_text(age, -token_s));
    else if (!isnan(token_s))
        buf_printf(out, ", %s old", status_age_text(age, token_s));
    buf_puts(out, "\n");
}

static void put_stream_now(struct buf *out, const struct json *st)
{
    char age[STATUS_AGE_TEXT], pong[STATUS_AGE_TEXT];
    double asked = status_count(st, "asked") + status_count(st, "waiting");
    buf_printf(out, "%.0f instruments live", status_count(st, "live"));
    if (asked > 0)
        buf_printf(out, ", %.0f pending", asked);
    if (status_count(st, "refused") > 0)
        buf_printf(out, ", %.0f refused", status_count(st, "refused"));
    buf_printf(out, "; %.1f messages/s, last message %s; last pong %s",
               status_count(st, "messages_per_s"), status_ago(age, st, "last_datum_age_s"),
               status_ago(pong, st, "last_pong_age_s"));
    if (!isnan(status_number(st, "round_trip_s")))
        buf_printf(out, " in %.0f ms", 1000 * status_number(st, "round_trip_s"));
    if (!isnan(status_number(st, "clock_ahead_s")))
        buf_printf(out, "; clock offset to the broker %+.0f ms",
                   1000 * status_number(st, "clock_ahead_s"));
    if (status_flag(st, "denied"))
        buf_puts(out, "; NO PERMISSION for market data");
    buf_puts(out, "\n");
}

/* Which of several streams is in use, and what the others do. */
static void put_dialects(struct buf *out, const struct json *st)
{
    const struct json *each = json_first(json_get(st, "dialects"));
    const char *used = status_text(st, "dialect");
    if (!json_next(each))
        return;
    status_title(out, "");
    buf_printf(out, "%s is in use: %s", used, status_text(st, "dialect_why"));
    for (; each; each = json_next(each)) {
        if (strcmp(status_text(each, "name"), used) != 0)
            buf_printf(out, "; %s: %s", status_text(each, "name"),
                       *status_text(each, "why") ? status_text(each, "why") : "not needed so far");
    }
    buf_puts(out, "\n");
}

static void put_stream(struct buf *out, const struct json *s)
{
    char age[STATUS_AGE_TEXT];
    const struct json *st = json_get(s, "stream");
    if (!st)
        return;
    status_title(out, "stream");
    if (!status_flag(st, "enabled")) {
        buf_puts(out, "disabled by the configuration\n");
        return;
    }
    if (status_flag(st, "connected"))
        put_stream_now(out, st);
    else if (isnan(status_number(st, "next_try_in_s")))
        buf_puts(out, "not connected\n");
    else
        buf_printf(out, "not connected; next try in %s\n",
                   status_age_text(age, status_number(st, "next_try_in_s")));
    put_dialects(out, st);
    status_title(out, "");
    buf_printf(out,
               "%.0f messages, %.0f changes, %.0f outdated, %.0f malformed; %.0f connections, "
               "%.0f losses\n",
               status_count(st, "messages"), status_count(st, "changes"),
               status_count(st, "outdated"), status_count(st, "malformed"),
               status_count(st, "connections"), status_count(st, "losses"));
}

/* A Retry-After may last for minutes: without this line the quotes age for no visible reason. */
static void put_hold(struct buf *out, const struct json *p)
{
    char wait[STATUS_AGE_TEXT];
    if (status_count(p, "hold_s") < 1)
        return;
    status_title(out, "");
    buf_printf(out,
               "NO REQUESTS for another %s: the broker asked for fewer (feed_log: rate_limited); "
               "a reload ends the wait\n",
               status_age_text(wait, status_count(p, "hold_s")));
}

/* During an outage polling sends one request at a time. */
static void put_outage(struct buf *out, const struct json *p)
{
    char age[STATUS_AGE_TEXT];
    const char *outage = status_text(p, "outage"), *head = "BROKER DOWN";
    if (!*outage) {
        put_hold(out, p);
        return;
    }
    if (strcmp(outage, "pages") == 0)
        head = "PAGES INSTEAD OF ANSWERS";
    else if (strcmp(outage, "refusals") == 0)
        head = "MOST INSTRUMENTS REFUSED";
    status_title(out, "");
    buf_printf(out, "%s for %s: %s; next try in %.0f s\n", head,
               status_age_text(age, status_number(p, "broker_down_for_s")),
               status_text(p, "outage_why"), ceil(status_count(p, "hold_s")));
}

static void put_polling(struct buf *out, const struct json *s)
{
    char age[STATUS_AGE_TEXT];
    const struct json *p = json_get(s, "polling"), *unobserved = json_get(s, "unobserved");
    const struct json *probes = json_get(s, "probes");
    if (!p)
        return;
    status_title(out, "polling");
    buf_printf(out, "%.0f of %.0f instruments", status_count(p, "polled"),
               status_count(p, "instruments"));
    if (status_count(p, "failing") > 0)
        buf_printf(out, ", %.0f failing", status_count(p, "failing"));
    if (status_count(p, "dropped") > 0)
        buf_printf(out, ", %.0f dropped for today", status_count(p, "dropped"));
    buf_printf(out, "; %.1f requests/s of %g; last answer %s", status_count(p, "requests_per_s"),
               status_count(p, "rate"), status_ago(age, p, "last_answer_age_s"));
    buf_puts(out, "\n");
    put_outage(out, p);
    if (status_count(s, "unreadable") > 0) {
        status_title(out, "unreadable");
        buf_printf(out, "%.0f entries recorded as empty (feed_log: unreadable)\n",
                   status_count(s, "unreadable"));
    }
    status_title(out, "probes");
    buf_printf(out, "%.0f agreed with the stream, %.0f differed, %.0f found it out of date\n",
               status_count(probes, "agreed"), status_count(probes, "differed"),
               status_count(probes, "divergences"));
    status_title(out, "unobserved");
    buf_printf(out, "%.0f instruments now; longest time %s\n",
               status_count(unobserved, "instruments"),
               status_age_text(age, status_number(unobserved, "longest_s")));
}

/* How often the broker was asked for what it wants to be asked once a day. */
static void put_budget(struct buf *out, const struct json *s)
{
    static const char *const kinds[] = {"login", "list", "stream"};
    const struct json *budget = json_get(s, "budget");
    if (!budget)
        return;
    status_title(out, "requests");
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const struct json *kind = json_get(budget, kinds[i]);
        buf_printf(out, "%s%s %.0f of %.0f", i ? ", " : "", kinds[i], status_count(kind, "used"),
                   status_count(kind, "allowed"));
    }
    buf_puts(out, " recommended in a day\n");
}

static void put_reference(struct buf *out, const struct json *s, int64_t now_ns)
{
    char when[CLOCK_TEXT];
    const struct json *reference = json_get(s, "reference");
    if (!reference)
        return;
    status_title(out, "reference");
    buf_printf(out, "%.0f instruments listed, read %s", status_count(reference, "instruments"),
               json_string(json_get(reference, "read"))
                   ? status_moment(when, status_text(reference, "read"), now_ns)
                   : "never");
    if (json_string(json_get(reference, "failed")))
        buf_printf(out, "; the last request failed: %s", status_text(reference, "failed"));
    buf_puts(out, "\n");
}

void status_feed_view(struct buf *out, const struct json *status, int64_t now_ns)
{
    put_session(out, status);
    put_stream(out, status);
    put_polling(out, status);
    put_budget(out, status);
    put_reference(out, status, now_ns);
}
