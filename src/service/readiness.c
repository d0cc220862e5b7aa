#include "service/readiness.h"

#include "base/json_write.h"

static bool say(struct buf *why, const char *text)
{
    buf_puts(why, text);
    return false;
}

bool readiness_check(const struct readiness_facts *facts, struct buf *why)
{
    const struct feed_report *r = facts->feed;
    if (!r)
        return say(why, "starting: the list of instruments is not known yet");
    if (facts->store_failing)
        return say(why, "the database cannot be written; changes wait in memory");
    if (!r->in_session)
        return true;
    if (r->mode == FEED_NO_TOKEN)
        return say(why, "there is no token: the broker has not accepted a login yet");
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

void readiness_put_feed(const struct readiness_facts *facts, struct buf *out)
{
    const struct feed_report *r = facts->feed;
    if (!r) {
        buf_printf(out,
                   "{\"mode\":\"starting\",\"reason\":\"\",\"outage\":null,\"session\":null,"
                   "\"staleMs\":%lld}",
                   (long long)facts->stale_ms);
        return;
    }
    bool outage = r->poller.plan.outage != OUTAGE_NONE;
    buf_puts(out, "{\"mode\":");
    json_put_string(out, feed_mode_key(r->mode));
    buf_puts(out, ",\"reason\":");
    json_put_string(out, r->why);
    buf_puts(out, ",\"outage\":");
    json_put_string(out, outage ? r->poller.outage : NULL);
    buf_printf(out, ",\"session\":%s,\"staleMs\":%lld}", r->in_session ? "true" : "false",
               (long long)facts->stale_ms);
}
