/*
 * planner: which instruments to poll now, and when to call again.
 *
 * Pure: it gets `now_ms` (monotonic) and returns decisions; the caller sends the requests. It polls
 * the instruments of the source table that are not streamed, and records there which ones REST
 * refuses for the day. It guarantees, whatever the answers are:
 *   - no request that the budget (market/request_budget) does not allow: it has the rate, the
 *     slow-down when the broker asks for fewer requests, and the pause that the broker names;
 *   - at most `in_flight` at once, never two for one instrument;
 *   - none is polled sooner than after `interval_ms`, except at the time given to
 *     planner_unstreamed(); if the rate does not allow that, each waits for its share of the rate
 *     (market/poll_shares), which is larger for those that change or are watched;
 *   - one whose segment is closed is polled once a minute at most;
 *   - an instrument that fails waits longer each time, up to a minute, with jitter;
 *   - after such a pause, one request at a time until one is answered;
 *   - a broker that answers nothing usable (unreachable, pages instead of answers, most instruments
 *     refused) gets one request at a time, with growing waits (market/outage).
 */
#ifndef MARKET_PLANNER_H
#define MARKET_PLANNER_H

#include "market/outage.h"
#include "market/request_budget.h"

#include <stdbool.h>
#include <stdint.h>

struct planner;
struct source_table;

struct plan_limits {
    int64_t interval_ms;
    double rate; /* per second; the budget's full rate */
    int in_flight;
};

#define PLAN_NO_DATA_MS  30000 /* an instrument without data is polled no sooner */
#define PLAN_STILL_POLLS 4     /* so many polls in a row without a change: it is quiet again */

/* The outcome of a poll; exactly one for each instrument that planner_next() returned. */
enum plan_outcome {
    PLAN_ANSWERED,
    PLAN_NO_DATA,     /* the broker knows it but has no data: poll slowly */
    PLAN_REFUSED,     /* an answer that cannot be used: this instrument backs off */
    PLAN_BROKEN,      /* time-out, reset, 5xx: it backs off; in a row, the broker is down */
    PLAN_UNREACHABLE, /* no connection: the broker is down at once */
    PLAN_PAGE,        /* a page instead of an answer: the whole feed waits, or this instrument */
    PLAN_THROTTLED,   /* 429, 503; wait_ms = Retry-After or -1 */
    PLAN_REPEAT,      /* invalid token or cancelled, not a failure: polled first again, or when
                         wait_ms has passed */
    PLAN_DROPPED,     /* refused: not polled for wait_ms, unless most are refused; that of one on
                         trial says nothing about the others */
};

struct plan_next {
    int32_t instrument; /* -1: none now */
    int64_t wake_ms;    /* with -1: call again then; INT64_MAX = only after a planner_done() */
};

/* What planner_done() changed for the whole feed, to be reported once: bits. */
enum plan_news {
    PLAN_NEWS_SLOWED = 1, /* rate halved; no requests until Retry-After is over */
    PLAN_NEWS_FULL = 2,   /* the full rate is restored */
    PLAN_NEWS_DOWN = 4,   /* an outage began: plan_state.outage */
    PLAN_NEWS_UP = 8,
};

struct plan_state {
    double rate;     /* in force now */
    int64_t hold_ms; /* no request for so long; 0 = no hold */
    enum outage_cause outage;
    int64_t down_ms;       /* since the outage began; 0 = there is none */
    int64_t down_since_ms; /* when the present outage, or else the last one, began */
    int in_flight;
    int32_t overdue; /* instruments that are due and wait for the rate */
};

/*
 * `sources` and `budget` are borrowed. The first polls are spread over one interval from now_ms on;
 * one that REST refuses is not polled before it is allowed. NULL: no memory.
 */
struct planner *planner_create(const struct plan_limits *limits, struct source_table *sources,
                               struct request_budget *budget, int64_t now_ms, uint64_t seed);
void planner_destroy(struct planner *planner);

/* Memory for instruments below `size`, before they are listed. 0, or -ENOMEM: nothing has changed.
 */
int planner_reserve(struct planner *planner, int32_t size);
/* Call when the list of the source table has changed. Instruments on trial are polled at once,
 * other new ones within an interval; those that are no longer listed are not polled. */
void planner_relisted(struct planner *planner, int64_t now_ms);

struct plan_next planner_next(struct planner *planner, int64_t now_ms); /* claims the instrument */
unsigned planner_done(struct planner *planner, int32_t instrument, int64_t now_ms,
                      enum plan_outcome outcome, int64_t wait_ms);
/* Call before planner_done() with an answer: whether it has changed what was known before. */
void planner_observed(struct planner *planner, int32_t instrument, bool changed);
/* A client looks at it, or does not any more: it is polled more often, and the first time soon.
 * True: it is due earlier than before. */
bool planner_watch(struct planner *planner, int32_t instrument, bool watched, int64_t now_ms);
/* The time between two polls of it at the full rate, as things are since the last planner_done() or
 * planner_session(); that of one without data, if `no_data`. */
int64_t planner_refresh_ms(const struct planner *planner, int32_t instrument, bool no_data);
/* A request was sent once more (net/http does so once): that uses a slot of the rate too. */
void planner_repeated(struct planner *planner, int64_t now_ms);
struct plan_state planner_state(const struct planner *planner, int64_t now_ms);
enum outage_cause planner_outage(const struct planner *planner);

/* Call when the table says that it is streamed, so not polled, or is not streamed any more and is
 * polled from due_ms on. Both are allowed while a request for it is in flight. */
void planner_streamed(struct planner *planner, int32_t instrument);
void planner_unstreamed(struct planner *planner, int32_t instrument, int64_t due_ms);
/*
 * Claims a streamed instrument for one poll. False: the rate has no free slot now. Such polls get
 * at most half of the rate, and only while no other instrument is due.
 */
bool planner_probe(struct planner *planner, int32_t instrument, int64_t now_ms);

/* Call when levels or segments have changed in the source table. Instruments whose segment is
 * closed are polled slowly (market/poll_shares); those of which it is not any more are due within
 * an interval. */
void planner_session(struct planner *planner, int64_t now_ms);

/*
 * What a planner has learned about the broker, for the next planner: an outage does not end because
 * the list of instruments changed. (A slow-down is in the budget.) Zeros = nothing.
 */
struct plan_feed {
    int64_t hold_until_ms;
    struct outage outage;
};
struct plan_feed planner_feed(const struct planner *planner);
/* The same without its wait, for a user who retries now: with one request at a time. */
struct plan_feed plan_feed_try_now(struct plan_feed feed);
void planner_resume(struct planner *planner, const struct plan_feed *feed);

/* The time between two polls of each of `count` instruments under these limits, if none changes
 * more often than the others. */
int64_t plan_refresh_ms(const struct plan_limits *limits, int32_t count);

#endif
