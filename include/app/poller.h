/*
 * poller: asks the broker for market data, one instrument at a time, as the planner says.
 *
 * Owns the planner, the HTTP connections of the polls and, per instrument, the last body, so that
 * an identical one is recognised before it is parsed. Tells the recorder what came, the keeper when
 * a token is dead (the request is then repeated with the next token and that answer used), and the
 * events when an instrument or the broker begins or ceases to misbehave.
 */
#ifndef APP_POLLER_H
#define APP_POLLER_H

#include "app/config.h"
#include "base/err.h"
#include "market/event_kind.h"
#include "market/planner.h"
#include "net/loop.h"

struct poller;
struct keeper;
struct recorder;
struct events;

/* How one request for market data ended. */
struct poll_told {
    int32_t slot;            /* the instrument's place in the list of symbols */
    bool answered;           /* with market data, or with the word that there is none */
    bool no_data;            /* there is none */
    bool dropped;            /* not asked again today */
    bool outdated;           /* it came too late: a stream spoke since the request left */
    uint32_t changed;        /* entries */
    enum event_kind trouble; /* when it was not answered */
};
typedef void poller_told_fn(void *arg, const struct poll_told *told);

struct poller_parts {
    struct loop *loop;
    const struct config *config;
    struct keeper *keeper;
    struct recorder *recorder;
    struct events *events;
    poller_told_fn *told; /* NULL: nobody wants to know */
    void *arg;
};

/*
 * All parts are borrowed, `symbols` only during the call. Says in the log how often each is
 * refreshed. `feed` (may be NULL) is what an earlier poller has learned of the broker. `previous`
 * (may be NULL) is one whose instruments are being replaced: what is known of those in both is
 * taken over, an instrument dropped for the day too; it must be destroyed next.
 */
int poller_create(struct poller **out, const struct poller_parts *parts,
                  const struct config_strings *symbols, const struct plan_feed *feed,
                  struct poller *previous, struct err *err);
void poller_destroy(struct poller *poller); /* answers on their way are dropped */

void poller_wake(struct poller *poller); /* the keeper has a token again */

int32_t poller_instrument(const struct poller *poller, int32_t slot); /* in the market */

bool poller_dropped(const struct poller *poller, int32_t slot); /* not asked again today */

/* A stream has this instrument; or has it no more: it is asked for after delay_ms. */
void poller_park(struct poller *poller, int32_t slot);
void poller_unpark(struct poller *poller, int32_t slot, int64_t delay_ms);
/* Asks for a parked one between turns. False: the rate has nothing to spare now. */
bool poller_probe(struct poller *poller, int32_t slot);
void poller_set_interval(struct poller *poller, int64_t interval_ms);

struct plan_feed poller_feed(const struct poller *poller);

struct poller_state {
    int64_t requests, answers, unchanged; /* since it was made */
    int64_t outdated;                     /* answers a stream was faster than */
    int64_t answered_ms;                  /* the last one; monotonic, 0 = none */
    int32_t instruments, failing;
    double per_second; /* requests, lately */
    struct plan_state plan;
    const char *outage; /* the words of the present one's beginning, or the last one's; borrowed */
};
struct poller_state poller_state(const struct poller *poller);

#endif
