/*
 * planning: the planner's state, and its parts that decide when an instrument's next turn is.
 *
 * Shared by planner (the list, the next poll), plan_shares (turns by the share of the rate) and
 * plan_answers (what an outcome changes). Private to them.
 */
#ifndef MARKET_PLANNING_H
#define MARKET_PLANNING_H

#include "market/due_queue.h"
#include "market/planner.h"
#include "market/poll_shares.h"
#include "market/refusals.h"

struct plan_slot {
    int64_t asked_ms;
    int64_t doubted_ms; /* refused together with most others and not answered since; 0 = no */
    int32_t errors;     /* in a row */
    int32_t refusals;   /* while doubted, in a row */
    int32_t moves;      /* polls until it is quiet, if none of them finds a change; 0 = quiet */
    bool watched;
    bool closed; /* its segment is, as of the last planner_session() */
    bool in_flight;
    bool paged;   /* the last outage of pages began with it; not answered since */
    bool regular; /* its due time follows from the interval, not from a failure */
    bool early;   /* it is due when its share of the rate says so: sooner, if a request is free */
};

struct planner {
    struct plan_limits limits;
    struct rng rng;
    struct source_table *sources;
    struct plan_slot *slots; /* by instrument */
    int32_t size;            /* length of slots */
    struct due_queue due;    /* listed instruments neither in flight nor streamed */

    struct poll_shares shares, usual; /* at the present rate, at the full rate */
    double shares_rate;               /* for which they were computed */
    int64_t shares_until_ms;          /* when they must be computed again */

    struct request_budget *budget;
    double next_probe_ms;
    int64_t hold_until_ms; /* of an outage; the broker's Retry-After is in the budget */

    int in_flight;
    int broken_in_row;
    struct outage outage;
    struct refusals refusals;
};

/* Between two polls of it, at least. */
int64_t plan_least_ms(const struct planner *planner, const struct plan_slot *slot);
/* Computes the shares of the rate again. */
void plan_share(struct planner *planner, int64_t now_ms);
/* The same if they are not of now; instruments that wait for their share then wait for the new one.
 */
void plan_share_soon(struct planner *planner, int64_t now_ms);
/* The time between two polls of it, by its share of the present rate. */
int64_t plan_share_ms(struct planner *planner, int32_t instrument, int64_t now_ms);

struct plan_end {
    int64_t now_ms;
    enum plan_outcome outcome;
    int64_t wait_ms;
};
#define PLAN_FIRST INT64_MIN /* due before all others */
/* Applies the outcome. Returns the news, and in *due_ms when the instrument is due next, if the
 * outcome says so. */
unsigned plan_settle(struct planner *planner, int32_t instrument, const struct plan_end *end,
                     int64_t *due_ms);

#endif
