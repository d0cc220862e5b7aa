/*
 * request_budget: how many requests the broker gets: a rate over all of them, and a ceiling for
 * each kind.
 *
 * Pure: the time is an argument (monotonic ms). One budget for the whole service, used by everybody
 * who sends requests to the broker: ask budget_from_ms() when a request may be sent, and call
 * budget_spend() when it is. It guarantees:
 *   - no two requests closer than the rate allows (polls late by up to 20 ms may catch up). Polls
 *     keep poll.rate; other requests wait for a second at most at the full rate, also when
 *     poll.rate is lower;
 *   - but up to three requests that lead to data, where each needs the answer to the one before
 *     (login, profile, list, connection), may follow at once, if the rate was not used before: a
 *     start does not wait for turns. The polls make up for it. None while the broker asks for
 *     fewer;
 *   - a request that is not a poll, and waits for its turn only, is sent before any further poll;
 *   - no kind exceeds its ceiling, whatever its sender does;
 *   - when the broker asks for fewer requests (429, 503), none is sent during Retry-After, the rate
 *     is halved, and raised step by step (market/rate_limit), for all kinds together.
 */
#ifndef MARKET_REQUEST_BUDGET_H
#define MARKET_REQUEST_BUDGET_H

#include "market/rate_limit.h"

#include <stdbool.h>
#include <stdint.h>

enum budget_kind {
    BUDGET_LOGIN,     /* auth/getToken, and the login of the browser terminal */
    BUDGET_LIST,      /* rest/instruments/all, and the terminal's list */
    BUDGET_REFERENCE, /* rest/instruments/details */
    BUDGET_SEGMENT,   /* rest/segment/all, rest/instruments/bySegment and byCFICode */
    BUDGET_DETAIL,    /* rest/instruments/detail, of one instrument */
    BUDGET_STREAM,    /* handshakes of the WebSocket */
    BUDGET_PROFILE,   /* the profile of the browser terminal */
    BUDGET_TRADES,    /* rest/data/getTrades */
    BUDGET_POLL,      /* rest/marketdata/get, probes too */
};
#define BUDGET_KINDS 9

const char *budget_kind_name(enum budget_kind kind); /* "login" */

#define BUDGET_PARTS 24 /* a period is counted in so many parts */

struct budget_use {
    double credit;     /* requests that the ceiling allows now */
    int64_t credit_ms; /* when it was computed */
    int32_t count[BUDGET_PARTS];
    int64_t part; /* the newest part, since the start of the clock */
};

/* Open, copied by assignment; use the functions. */
struct request_budget {
    struct rate_limit pace;
    int64_t last_ms;       /* last request of any kind; INT64_MIN = none */
    double steps;          /* requests that connect which may be sent at once, at last_ms */
    int64_t hold_until_ms; /* no request before; Retry-After */
    bool trying;           /* after a hold, until an answer: polls are sent one at a time */
    int64_t wanted_ms;     /* the turn that another request than a poll waits for; 0 = none */
    int64_t trades_ms;     /* one request of BUDGET_TRADES in this time */
    struct budget_use use[BUDGET_KINDS];
};

struct request_budget budget_init(double rate); /* per second */
/* Another rate; a slow-down stays, as a fraction of it. */
void budget_set_rate(struct request_budget *budget, double rate);
/* One request of BUDGET_TRADES in this time; at first in 30 s. */
void budget_set_trades_ms(struct request_budget *budget, int64_t interval_ms);
/* Ends the hold, for a user who retries now: the broker is tried with one poll at a time. */
void budget_try_now(struct request_budget *budget);

/*
 * When a request of this kind may be sent: now if not above now_ms, else ask again then. Reserves
 * the next turn if the kind is not POLL; a turn that is not used within 100 ms is free again.
 */
int64_t budget_from_ms(struct request_budget *budget, enum budget_kind kind, int64_t now_ms);
/* When the ceiling of this kind allows one; nothing is reserved. */
int64_t budget_ceiling_ms(const struct request_budget *budget, enum budget_kind kind,
                          int64_t now_ms);
/* The broker asked for fewer requests, and the rate is not yet the full one again. */
bool budget_slowed(const struct request_budget *budget, int64_t now_ms);
/* A request is sent now; also one that is sent again because its connection broke. */
void budget_spend(struct request_budget *budget, enum budget_kind kind, int64_t now_ms);

/* The answer to a request that was sent at asked_ms asks for fewer; retry_after_ms: 0 or less = not
 * given. True: the rate is halved; false: it was halved since that request was sent. */
bool budget_slow(struct request_budget *budget, int64_t asked_ms, int64_t now_ms,
                 int64_t retry_after_ms);
/* A poll was answered by the broker. `usable`: with data. True: the full rate is restored. */
bool budget_answered(struct request_budget *budget, bool usable, int64_t now_ms);

double budget_rate(const struct request_budget *budget);                     /* of polls, now */
int64_t budget_hold_ms(const struct request_budget *budget, int64_t now_ms); /* left; 0 = none */

/* For people. `allowed`: what the broker's vendor asks clients to keep to (protocol section 11); of
 * POLL, what the configured rate allows. The ceilings are higher, so that a service can recover. */
struct budget_usage {
    int32_t used;      /* in the last period */
    double allowed;    /* in a period */
    int64_t period_ms; /* of the count, which is exact to a 24th of it */
    int64_t wait_ms;   /* until the ceiling allows the next one; 0 = now */
};
struct budget_usage budget_usage(const struct request_budget *budget, enum budget_kind kind,
                                 int64_t now_ms);

#endif
