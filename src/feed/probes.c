#include "feed/probes.h"

#include "market/prober.h"
#include "market/session_clock.h"
#include "market/source_table.h"
#include "record/recorder.h"

#include <stdlib.h>

#define MIN_MS     250   /* interval in the session, at least */
#define QUIET_MS   10000 /* an instrument with more recent data is not probed */
#define CONFIRM_MS 2000  /* for the stream to deliver what REST returned, besides its own delay */

struct probes {
    struct probes_parts parts;
    struct prober *prober;
    struct loop_timer *timer;
    struct quote before; /* stream values of the probed instrument, before the request */
    struct probes_stats stats;
};

static const struct quote *quote_of(const struct probes *p, int32_t instrument)
{
    return &market_quote(recorder_market(p->parts.recorder), instrument)->quote;
}

static void arm(struct probes *p)
{
    int64_t every_ms = (int64_t)(1000 / p->parts.config->poll.rate);
    if (every_ms < MIN_MS)
        every_ms = MIN_MS;
    bool closed = source_table_stream_level(p->parts.sources, 0) == SESSION_CLOSED;
    loop_timer_set(p->timer, closed ? SESSION_CLOSED_INTERVAL_MS : every_ms);
}

static void on_timer(void *arg)
{
    struct probes *p = arg;
    int64_t now_ms = loop_now(p->parts.loop).mono_ms;
    int32_t instrument = prober_pick(p->prober, now_ms);
    if (instrument >= 0 && poller_probe(p->parts.poller, instrument)) {
        /* The second probe of a suspect is compared with the stream values before the first. */
        if (prober_suspect(p->prober) != instrument)
            p->before = *quote_of(p, instrument);
        prober_asked(p->prober, instrument, now_ms);
    }
    arm(p);
}

void probes_run(struct probes *p, bool streaming)
{
    if (streaming)
        arm(p);
    else
        loop_timer_stop(p->timer);
}

void probes_heard(struct probes *p, int32_t instrument, bool changed, int64_t now_ms)
{
    prober_heard(p->prober, instrument, changed, now_ms);
}

int probes_reserve(struct probes *p, int32_t size)
{
    return prober_reserve(p->prober, size);
}

void probes_relisted(struct probes *p)
{
    prober_relisted(p->prober);
}

void probes_lost(struct probes *p, int32_t instrument)
{
    prober_lost(p->prober, instrument);
}

/*
 * Compares the levels that both sources have. Entries that the stream does not deliver, or that
 * could not be read from one of them, are ignored: they always differ.
 */
static bool said_otherwise(const struct probes *p, int32_t instrument, const struct quote *now)
{
    uint32_t unreadable = recorder_unreadable_entries(p->parts.recorder, instrument);
    uint32_t entries = source_table_row(p->parts.sources, instrument)->entries & ~unreadable;
    int depth = config_common_depth(p->parts.config);
    struct quote before = quote_shallow(&p->before, depth), after = quote_shallow(now, depth);
    return quote_diff(&before, &after, entries) != 0;
}

void probes_polled(struct probes *p, const struct poll_told *told)
{
    if (prober_awaited(p->prober) != told->instrument)
        return;
    if (!told->answered || told->outdated) {
        prober_failed(p->prober, told->instrument, told->now_ms);
        return;
    }
    bool differs = said_otherwise(p, told->instrument, quote_of(p, told->instrument));
    switch (prober_answer(p->prober, told->instrument, differs, told->now_ms)) {
    case PROBE_NOTHING:
        return;
    case PROBE_AGREED:
        p->stats.agreed++;
        return;
    case PROBE_QUIET:
        p->stats.agreed++;
        p->parts.agreed(p->parts.arg);
        return;
    case PROBE_DIFFERED:
        p->stats.differed++;
        return;
    case PROBE_DIVERGED:
        p->stats.divergences++;
        p->parts.diverged(p->parts.arg, told->instrument, &p->before);
        return;
    }
}

struct probes_stats probes_stats(const struct probes *p)
{
    return p->stats;
}

/* --- life ------------------------------------------------------------------------------------- */

/* The stream may lag by its update interval: about 100, 500, 1000, 3000, 6000 ms (protocol section
 * 10.2). */
static struct prober_limits limits_of(const struct config_stream *stream)
{
    static const int64_t rate_limit_ms[] = {100, 500, 1000, 3000, 6000};
    int64_t quiet_ms = stream->stale_ms / 3;
    return (struct prober_limits){
        .quiet_ms = quiet_ms < QUIET_MS ? quiet_ms : QUIET_MS,
        .confirm_ms = CONFIRM_MS + 2 * rate_limit_ms[stream->level - 1],
    };
}

struct probes *probes_create(const struct probes_parts *parts)
{
    struct prober_limits limits = limits_of(&parts->config->stream);
    struct probes *p = calloc(1, sizeof(*p));
    if (!p)
        return NULL;
    p->parts = *parts;
    p->prober = prober_create(&limits, parts->sources);
    p->timer = loop_timer_create(parts->loop, on_timer, p);
    if (!p->prober || !p->timer) {
        probes_destroy(p);
        return NULL;
    }
    return p;
}

void probes_destroy(struct probes *p)
{
    if (!p)
        return;
    prober_destroy(p->prober);
    loop_timer_destroy(p->timer);
    free(p);
}
