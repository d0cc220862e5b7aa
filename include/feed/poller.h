/*
 * poller: requests market data from the broker, one instrument per request, as planned by planner.
 *
 * Owns the planner, the HTTP connections of the polls and, per instrument, a digest of the last
 * body, so that an identical one is recognised before it is parsed. Passes the data to the
 * recorder, reports an invalid token to the keeper (the request is then repeated with the next
 * token), and reports events when an instrument or the broker starts or stops failing.
 */
#ifndef FEED_POLLER_H
#define FEED_POLLER_H

#include "base/err.h"
#include "config/config.h"
#include "market/event_kind.h"
#include "market/planner.h"
#include "net/loop.h"

struct poller;
struct token_keeper;
struct recorder;
struct events;

/* The result of one request for market data. */
struct poll_told {
    int32_t slot;            /* the instrument's index in the list of symbols */
    bool answered;           /* with market data, or that there is none */
    bool no_data;            /* the broker has none */
    bool dropped;            /* not polled again today */
    bool outdated;           /* ignored: the stream sent data after the request was sent */
    uint32_t changed;        /* entries */
    enum event_kind trouble; /* if not answered */
};
typedef void poller_told_fn(void *arg, const struct poll_told *told);

struct poller_parts {
    struct loop *loop;
    const struct config *config;
    struct token_keeper *keeper;
    struct recorder *recorder;
    struct events *events;
    poller_told_fn *told; /* may be NULL */
    void *arg;
};

/*
 * All parts are borrowed, `symbols` only during the call. Logs how often each instrument is
 * refreshed. `feed` (may be NULL) is what an earlier poller has learned of the broker. `previous`
 * (may be NULL) is the poller being replaced: the state of instruments in both lists is moved to
 * the new one, also that of an instrument dropped for the day; destroy `previous` next.
 */
int poller_create(struct poller **out, const struct poller_parts *parts,
                  const struct config_strings *symbols, const struct plan_feed *feed,
                  struct poller *previous, struct err *err);
void poller_destroy(struct poller *poller); /* pending requests are cancelled */

void poller_wake(struct poller *poller); /* a token is available again */

int32_t poller_instrument(const struct poller *poller, int32_t slot); /* index in the market */

bool poller_dropped(const struct poller *poller, int32_t slot); /* not polled again today */

/* Stops polling an instrument that is streamed; starts again, first after delay_ms. */
void poller_park(struct poller *poller, int32_t slot);
void poller_unpark(struct poller *poller, int32_t slot, int64_t delay_ms);
/* Polls a parked instrument once. False: the rate limit allows no extra request now. */
bool poller_probe(struct poller *poller, int32_t slot);
void poller_set_interval(struct poller *poller, int64_t interval_ms);

struct plan_feed poller_feed(const struct poller *poller);

struct poller_state {
    int64_t requests, answers, unchanged; /* since it was made */
    int64_t outdated;                     /* ignored, because the stream had newer data */
    int64_t answered_ms;                  /* the last one; monotonic, 0 = none */
    int32_t instruments, failing;
    double per_second; /* requests, lately */
    struct plan_state plan;
    const char *outage; /* first error of the present or last outage; borrowed */
};
struct poller_state poller_state(const struct poller *poller);

#endif
