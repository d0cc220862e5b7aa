/*
 * poller: requests market data from the broker, one instrument per request, as planned by planner.
 *
 * Polls the instruments of the source table that are not streamed, and on request one that is. Owns
 * the planner, the HTTP connections of the polls and, per instrument, a digest of the last body, so
 * that an identical one is recognised before it is parsed. Passes the data to the recorder, reports
 * an invalid token to the keeper (the request is then repeated with the next token), and reports
 * events when an instrument or the broker starts or stops failing.
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
struct source_table;

/* The result of one request for market data. */
struct poll_told {
    int32_t instrument;      /* its index in the market */
    bool answered;           /* with market data, or that there is none */
    bool no_data;            /* the broker has none */
    bool dropped;            /* not polled again today */
    bool outdated;           /* ignored: the stream sent data after the request was sent */
    enum event_kind trouble; /* if not answered */
    int64_t refresh_ms;      /* if it is not streamed: until the next poll */
    int64_t now_ms;
};
typedef void poller_told_fn(void *arg, const struct poll_told *told);

struct poller_parts {
    struct loop *loop;
    const struct config *config;
    struct token_keeper *keeper;
    struct recorder *recorder;
    struct events *events;
    struct source_table *sources;
    struct request_budget *budget;
    poller_told_fn *told;
    void *arg;
};

/*
 * All parts are borrowed. Logs how often each instrument is refreshed. `feed` (may be NULL) is what
 * an earlier poller has learned of the broker.
 */
int poller_create(struct poller **out, const struct poller_parts *parts,
                  const struct plan_feed *feed, struct err *err);
void poller_destroy(struct poller *poller); /* pending requests are cancelled */

/* Memory for instruments below `size`, before they are listed. 0 or -ENOMEM. */
int poller_reserve(struct poller *poller, int32_t size);
/* Call when the list of the source table has changed: new instruments are polled, removed ones are
 * not, and an answer for a removed one that is still expected is not used. */
void poller_relisted(struct poller *poller);

void poller_wake(struct poller *poller); /* a token is available again */

/* Call when the table says that an instrument is streamed, so not polled; and when it is not
 * streamed any more, to poll it again, first after delay_ms. */
void poller_streamed(struct poller *poller, int32_t instrument);
void poller_unstreamed(struct poller *poller, int32_t instrument, int64_t delay_ms);
/* Polls a streamed instrument once. False: the rate limit allows no extra request now. */
bool poller_probe(struct poller *poller, int32_t instrument);
/* Those at which clients look are polled more often while they are not streamed. Call it again when
 * that changes. */
typedef bool poller_watched_fn(void *arg, int32_t instrument);
void poller_watch(struct poller *poller, poller_watched_fn *watched, void *arg);
/* The time between two polls of an instrument at the full rate. */
int64_t poller_refresh_ms(const struct poller *poller, int32_t instrument);
/* Call when levels or segments have changed in the source table. */
void poller_session(struct poller *poller);

struct plan_feed poller_feed(const struct poller *poller);

struct poller_state {
    int64_t requests, answers, unchanged; /* since it was made */
    int64_t outdated;                     /* ignored, because the stream had newer data */
    int64_t answered_ms;                  /* the last one; monotonic, 0 = none */
    int32_t failing;
    double per_second; /* requests, lately */
    struct plan_state plan;
    const char *outage; /* first error of the present or last outage; borrowed */
};
struct poller_state poller_state(const struct poller *poller);

#endif
