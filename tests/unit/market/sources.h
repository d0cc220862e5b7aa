/*
 * sources: a source table for the tests of the modules that use one, and planners over it.
 */
#ifndef UNIT_MARKET_SOURCES_H
#define UNIT_MARKET_SOURCES_H

#include "market/planner.h"
#include "market/source_table.h"
#include "support/t.h"

/* The table of the present test; each of the functions below replaces it. */
static struct source_table *sources;

static inline struct source_table *sources_of(const int32_t *instruments, int32_t count)
{
    source_table_destroy(sources);
    sources = source_table_create();
    t_true(sources);
    t_int(source_table_list(sources, instruments, count, 0, NULL), 0);
    return sources;
}

/* Instruments 0..count-1. */
static inline struct source_table *sources_count(int32_t count)
{
    int32_t all[20000];
    t_true(count <= 20000);
    for (int32_t i = 0; i < count; i++)
        all[i] = i;
    return sources_of(all, count);
}

/* Another list for the same table. */
static inline void sources_list(const int32_t *instruments, int32_t count, int64_t now_ms)
{
    t_int(source_table_list(sources, instruments, count, now_ms, NULL), 0);
}

static inline struct source_move sources_step(int32_t instrument, enum source_event_kind kind,
                                              int64_t now_ms, int64_t at_ms)
{
    return source_table_step(
        sources, instrument,
        &(struct source_event){
            .kind = kind, .stream = SOURCE_STREAM, .now_ms = now_ms, .at_ms = at_ms});
}

/* The budget of the present test; planner_of() replaces it. */
static struct request_budget budget;

static inline struct planner *planner_of(const struct plan_limits *limits, int32_t count,
                                         int64_t now_ms, uint64_t seed)
{
    budget = budget_init(limits->rate);
    struct planner *p = planner_create(limits, sources_count(count), &budget, now_ms, seed);
    t_true(p);
    return p;
}

static inline void stream(struct planner *p, int32_t instrument, int64_t now_ms)
{
    sources_step(instrument, SOURCE_EV_DELIVERED, now_ms, 0);
    planner_streamed(p, instrument);
}

static inline void unstream(struct planner *p, int32_t instrument, int64_t now_ms)
{
    sources_step(instrument, SOURCE_EV_LOST, now_ms, now_ms);
    planner_unstreamed(p, instrument, now_ms);
}

static inline int32_t dropped_count(void)
{
    return source_table_counts(sources)->state[SOURCE_DROPPED];
}

#endif
