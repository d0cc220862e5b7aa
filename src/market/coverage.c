#include "market/coverage.h"

#include "market/source_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct slot {
    enum source source; /* 0 = not covered */
    int64_t ts_from;
    int64_t ts_proof;        /* REST: its last answer; not older than ts_from */
    int64_t due_ms;          /* REST */
    int64_t ts_ended;        /* end of the last interval: the next one starts no earlier */
    int64_t told_ms;         /* due_ms and ts_to as of the last sweep that reported it */
    int64_t ts_told;         /* 0 = it was not reported with this ts_from */
    enum event_kind trouble; /* REST: the reason, if it becomes overdue */
};

struct coverage {
    struct source_table *sources;
    coverage_fn *ended;
    void *arg;
    struct slot *slots; /* by instrument */
    int32_t count;
};

struct coverage *coverage_create(struct source_table *sources, coverage_fn *ended, void *arg)
{
    struct coverage *c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    c->sources = sources;
    c->ended = ended;
    c->arg = arg;
    return c;
}

void coverage_destroy(struct coverage *c)
{
    if (!c)
        return;
    free(c->slots);
    free(c);
}

static struct slot *slot_of(struct coverage *c, int32_t instrument)
{
    if (instrument < c->count)
        return &c->slots[instrument];
    int32_t count = (instrument + 1) * 2;
    struct slot *slots = realloc(c->slots, (size_t)count * sizeof(*slots));
    if (!slots)
        return NULL;
    memset(slots + c->count, 0, (size_t)(count - c->count) * sizeof(*slots));
    c->slots = slots;
    c->count = count;
    return &slots[instrument];
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static bool is_streamed(const struct slot *slot)
{
    return slot->source && slot->source != SOURCE_REST;
}

/* The last proof of its source: a stream's is common to all its instruments. */
static struct source_proof proof_of(const struct coverage *c, const struct slot *slot)
{
    if (is_streamed(slot))
        return source_table_proof(c->sources, slot->source);
    return (struct source_proof){{.wall_ns = slot->ts_proof}, slot->due_ms};
}

/* --- intervals -------------------------------------------------------------------------------- */

static void report_ended(struct coverage *c, const struct slot *slot, int64_t ts_to,
                         enum event_kind reason)
{
    const struct coverage_span span = {.instrument = (int32_t)(slot - c->slots),
                                       .source = slot->source,
                                       .ts_from = slot->ts_from,
                                       .ts_to = ts_to,
                                       .reason = reason};
    c->ended(c->arg, &span);
}

/* So that a query for one day need not read the days before. */
static void cut_days(struct coverage *c, struct slot *slot, int64_t ts_to)
{
    int64_t midnight;
    while ((midnight = art_next_day_ns(slot->ts_from)) <= ts_to) {
        report_ended(c, slot, midnight, EVENT_DAY_END);
        slot->ts_from = midnight;
        slot->ts_told = 0;
    }
}

static void end(struct coverage *c, struct slot *slot, int64_t ts_to, enum event_kind reason)
{
    if (!slot->source)
        return;
    ts_to = later(ts_to, slot->ts_from);
    cut_days(c, slot, ts_to);
    report_ended(c, slot, ts_to, reason);
    slot->source = 0;
    slot->ts_ended = ts_to;
}

static void begin(struct slot *slot, enum source source, int64_t ts)
{
    slot->source = source;
    slot->ts_from = slot->ts_proof = later(ts, slot->ts_ended);
    slot->ts_told = 0;
}

/* --- proofs ----------------------------------------------------------------------------------- */

int coverage_polled(struct coverage *c, int32_t instrument, struct now now, int64_t due_in_ms)
{
    struct slot *slot = slot_of(c, instrument);
    if (!slot)
        return -ENOMEM;
    if (slot->source == SOURCE_REST && now.mono_ms > slot->due_ms)
        end(c, slot, slot->ts_proof, slot->trouble);
    if (slot->source != SOURCE_REST)
        begin(slot, SOURCE_REST, now.wall_ns);
    slot->ts_proof = later(now.wall_ns, slot->ts_from);
    slot->due_ms = now.mono_ms + due_in_ms;
    slot->trouble = EVENT_OVERDUE;
    return 0;
}

int coverage_unanswered(struct coverage *c, int32_t instrument, enum event_kind why)
{
    struct slot *slot = slot_of(c, instrument);
    if (!slot)
        return -ENOMEM;
    slot->trouble = why;
    return 0;
}

/* There is no gap between REST and the stream unless the next answer was overdue. */
int coverage_streamed(struct coverage *c, int32_t instrument, struct now now)
{
    enum source stream = source_table_row(c->sources, instrument)->stream;
    struct slot *slot = slot_of(c, instrument);
    if (!slot)
        return -ENOMEM;
    if (!stream || slot->source == stream)
        return 0;
    if (slot->source == SOURCE_REST && now.mono_ms > slot->due_ms)
        end(c, slot, slot->ts_proof, slot->trouble);
    else
        end(c, slot, now.wall_ns, EVENT_STREAMING);
    begin(slot, stream, now.wall_ns);
    return 0;
}

void coverage_lost(struct coverage *c, int32_t instrument, int64_t ts_proof, enum event_kind reason)
{
    if (instrument >= c->count)
        return;
    struct slot *slot = &c->slots[instrument];
    end(c, slot, is_streamed(slot) ? ts_proof : slot->ts_proof, reason);
}

/* As when the source changes: an answer that is not due yet is not missing. */
static void dismiss(struct coverage *c, struct slot *slot, struct now now)
{
    struct source_proof proof = proof_of(c, slot);
    if (now.mono_ms <= proof.due_ms)
        end(c, slot, now.wall_ns, EVENT_INSTRUMENTS_CHANGED);
    else
        end(c, slot, proof.at.wall_ns, is_streamed(slot) ? EVENT_STALE : slot->trouble);
}

void coverage_relisted(struct coverage *c, struct now now)
{
    for (int32_t i = 0; i < c->count; i++) {
        if (source_table_row(c->sources, i)->state == SOURCE_UNLISTED)
            dismiss(c, &c->slots[i], now);
    }
}

void coverage_expect(struct coverage *c, int32_t instrument, int64_t now_ms, int64_t due_in_ms)
{
    if (instrument >= c->count)
        return;
    struct slot *slot = &c->slots[instrument];
    if (slot->source == SOURCE_REST && now_ms <= slot->due_ms)
        slot->due_ms = later(slot->due_ms, now_ms + due_in_ms);
}

/* --- all instruments -------------------------------------------------------------------------- */

static struct coverage_span open_span(const struct coverage *c, const struct slot *slot)
{
    struct source_proof proof = proof_of(c, slot);
    return (struct coverage_span){
        .instrument = (int32_t)(slot - c->slots),
        .source = slot->source,
        .ts_from = slot->ts_from,
        .ts_to = later(proof.at.wall_ns, slot->ts_from),
        .due_ms = proof.due_ms,
    };
}

void coverage_streams_gone(struct coverage *c, enum event_kind reason)
{
    for (int32_t i = 0; i < c->count; i++) {
        if (is_streamed(&c->slots[i]))
            end(c, &c->slots[i], proof_of(c, &c->slots[i]).at.wall_ns, reason);
    }
}

void coverage_end_all(struct coverage *c, enum event_kind reason)
{
    coverage_streams_gone(c, reason);
    for (int32_t i = 0; i < c->count; i++)
        end(c, &c->slots[i], c->slots[i].ts_proof, reason);
}

void coverage_clock_jumped(struct coverage *c, struct now now)
{
    for (int32_t i = 0; i < c->count; i++) {
        struct slot *slot = &c->slots[i];
        enum source stream = is_streamed(slot) ? slot->source : 0;
        end(c, slot, proof_of(c, slot).at.wall_ns, EVENT_CLOCK_JUMPED);
        slot->ts_ended = 0; /* it may be in the future now */
        if (stream)
            begin(slot, stream, now.wall_ns);
    }
    source_table_clock_jumped(c->sources, now);
}

/* The last proof of a stream is common to all its intervals: they are reported once. */
static bool is_told(const struct slot *slot, const struct coverage_span *span)
{
    if (is_streamed(slot))
        return slot->ts_told != 0;
    return span->ts_to == slot->ts_told && span->due_ms == slot->told_ms;
}

void coverage_tell_again(struct coverage *c)
{
    for (int32_t i = 0; i < c->count; i++)
        c->slots[i].ts_told = 0;
}

void coverage_sweep(struct coverage *c, int64_t now_ms, coverage_fn *fn, void *arg)
{
    for (int32_t i = 0; i < c->count; i++) {
        struct slot *slot = &c->slots[i];
        if (slot->source == SOURCE_REST && now_ms > slot->due_ms)
            end(c, slot, slot->ts_proof, slot->trouble);
        if (!slot->source)
            continue;
        cut_days(c, slot, open_span(c, slot).ts_to);
        const struct coverage_span span = open_span(c, slot);
        if (is_told(slot, &span))
            continue;
        slot->ts_told = span.ts_to;
        slot->told_ms = span.due_ms;
        fn(arg, &span);
    }
}
