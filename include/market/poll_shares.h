/*
 * poll_shares: how the rate of requests is divided among the instruments that are polled.
 *
 * Pure. If the rate allows it, each is polled every `interval_ms`. If not, those that change or are
 * watched are polled more often than the others, but the others never wait longer than
 * POLL_ROUNDS_MAX times the round, which is the time that polling all of them in turn takes. Those
 * whose segment is closed are polled every `closed_ms`; while others are open they get no more than
 * POLL_CLOSED_SHARE of the rate, and do not count for the others' round.
 */
#ifndef MARKET_POLL_SHARES_H
#define MARKET_POLL_SHARES_H

#include <stdint.h>

enum poll_class {
    POLL_QUIET,   /* it has not changed at its last polls */
    POLL_ACTIVE,  /* it changes: POLL_ACTIVE_WEIGHT times as often as a quiet one */
    POLL_WATCHED, /* a client looks at it: POLL_WATCHED_WEIGHT times as often */
    POLL_CLOSED,  /* its segment is closed */
};
#define POLL_CLASSES 4

/* Less, if so many are active or watched that quiet ones would wait too long. */
#define POLL_ACTIVE_WEIGHT  8
#define POLL_WATCHED_WEIGHT 16
#define POLL_ROUNDS_MAX     2.5
#define POLL_CLOSED_SHARE   0.1

struct poll_demand {
    int64_t interval_ms; /* at most one poll per instrument in this time; over 0 */
    int64_t closed_ms;   /* the same of POLL_CLOSED */
    double rate;         /* requests per second, over 0 */
    int32_t count[POLL_CLASSES];
};

/* The time between two polls of an instrument of each class. */
struct poll_shares {
    int64_t interval_ms[POLL_CLASSES];
};

struct poll_shares poll_shares(const struct poll_demand *demand);

#endif
