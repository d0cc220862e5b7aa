#include "service/readiness.h"

#include "base/json_write.h"

#define REASON_BYTES 4096
#define NO_LIST      "the list of instruments is not known yet"

static bool say(struct buf *why, const char *text)
{
    buf_puts(why, text);
    return false;
}

static bool say_trouble(struct buf *why, const char *text, const char *trouble)
{
    buf_printf(why, "%s%s%s", text, *trouble ? ": " : "", trouble);
    return false;
}

static bool rests(const struct readiness_facts *facts)
{
    return facts->rest && *facts->rest;
}

bool readiness_check(const struct readiness_facts *facts, struct buf *why)
{
    const struct feed_report *r = facts->feed;
    if (rests(facts))
        return say(why, facts->rest);
    if (!r)
        return say_trouble(why, "starting: " NO_LIST, facts->trouble);
    if (facts->store_failing)
        return say(why, "the database cannot be written; changes wait in memory");
    if (r->phase == PHASE_CLOSED)
        return true;
    if (r->mode == FEED_NO_TOKEN)
        return say_trouble(why, "there is no token: the broker has not accepted a login yet",
                           facts->trouble);
    if (r->poller.plan.outage != OUTAGE_NONE) {
        buf_printf(why, "no market data from the broker (%s): %s",
                   outage_name(r->poller.plan.outage), r->poller.outage);
        return false;
    }
    if (r->mode == FEED_STALE) {
        buf_printf(why, "the stream is stale: %s", r->why);
        return false;
    }
    return true;
}

/* The reason of a mode, with the trouble that explains it. */
static void put_reason(struct buf *out, const char *reason, const char *trouble)
{
    struct buf text;
    buf_init(&text, REASON_BYTES);
    say_trouble(&text, reason, trouble);
    json_put_string(out, buf_failed(&text) ? reason : buf_text(&text));
    buf_finish(&text);
}

static void put_segment(struct buf *out, const struct feed_segment *segment, int at)
{
    buf_printf(out, "%s{\"segment\":", at ? "," : "");
    json_put_string(out, segment->name);
    buf_printf(out, ",\"phase\":\"%s\"}", calendar_phase_key(segment->phase));
}

void readiness_put_feed(const struct readiness_facts *facts, struct buf *out)
{
    const struct feed_report *r = facts->feed;
    if (!r) {
        buf_printf(out, "{\"mode\":\"%s\",\"reason\":", rests(facts) ? "standby" : "starting");
        put_reason(out, rests(facts) ? facts->rest : NO_LIST, facts->trouble);
        buf_printf(
            out,
            ",\"outage\":null,\"session\":null,\"phase\":null,\"staleMs\":%lld,\"segments\":[]}",
            (long long)facts->stale_ms);
        return;
    }
    bool outage = r->poller.plan.outage != OUTAGE_NONE;
    buf_puts(out, "{\"mode\":");
    json_put_string(out, feed_mode_key(r->mode));
    buf_puts(out, ",\"reason\":");
    put_reason(out, r->why, r->mode == FEED_NO_TOKEN ? facts->trouble : "");
    buf_puts(out, ",\"outage\":");
    json_put_string(out, outage ? r->poller.outage : NULL);
    buf_printf(out, ",\"session\":%s,\"phase\":\"%s\",\"staleMs\":%lld,\"segments\":[",
               r->phase == PHASE_CLOSED ? "false" : "true", calendar_phase_key(r->phase),
               (long long)facts->stale_ms);
    for (int i = 0; i < r->segments_count; i++)
        put_segment(out, &r->segments[i], i);
    buf_puts(out, "]}");
}
