#include "service/readiness.h"

#include "base/clock.h"
#include "base/json_write.h"
#include "replica/replica.h"

#define REASON_BYTES 4096
#define LAG_MS       30000 /* a replica that is later than that is not ready */
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

/* "reading stream CINTA at nats://10.0.0.1:4222, 3 messages behind" */
static void put_replica_words(struct buf *out, const struct replica_state *r)
{
    if (r->phase != REPLICA_READING)
        buf_printf(out, "no messages from stream %s of NATS%s%s", r->stream, *r->why ? ": " : "",
                   r->why);
    else
        buf_printf(out, "reading stream %s at %s, %lld messages behind", r->stream, r->server,
                   (long long)(r->behind > 0 ? r->behind : 0));
}

static bool check_replica(const struct readiness_facts *facts, struct buf *why)
{
    const struct replica_state *r = facts->replica;
    if (facts->store_failing)
        return say(why, "the database cannot be written; reading waits for it");
    if (r->phase == REPLICA_READING && replica_lag_ms(r, facts->now_ns) <= LAG_MS)
        return true;
    put_replica_words(why, r);
    if (r->phase == REPLICA_READING)
        buf_printf(why, ", %lld s late", (long long)replica_lag_ms(r, facts->now_ns) / 1000);
    return false;
}

bool readiness_check(const struct readiness_facts *facts, struct buf *why)
{
    const struct feed_report *r = facts->feed;
    if (rests(facts))
        return say(why, facts->rest);
    if (facts->replica)
        return check_replica(facts, why);
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

static void put_replica(const struct replica_state *r, struct buf *out)
{
    struct buf words;
    bool down = r->phase == REPLICA_DOWN;
    buf_init(&words, REASON_BYTES);
    put_replica_words(&words, r);
    buf_puts(out, "{\"mode\":\"replica\",\"reason\":");
    json_put_string(out, down ? "a replica" : buf_text(&words));
    buf_puts(out, ",\"outage\":");
    json_put_string(out, down ? buf_text(&words) : NULL);
    buf_puts(out, ",\"session\":null,\"phase\":null,\"staleMs\":null,\"segments\":[]}");
    buf_finish(&words);
}

void readiness_put_feed(const struct readiness_facts *facts, struct buf *out)
{
    const struct feed_report *r = facts->feed;
    if (facts->replica) {
        put_replica(facts->replica, out);
        return;
    }
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
