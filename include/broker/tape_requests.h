/*
 * tape_requests: completes the trade tape with the broker's lists of each day's trades
 * (rest/data/getTrades).
 *
 * Reads from the database what the tape lacks (broker/tape_look), requests one list after the other
 * (market/tape_plan, broker/trade_request), within the request budget and never while the broker
 * asks for fewer requests, and hands them to the store, which merges them. Reports what was added
 * once for a pass over all instruments, and refusals by instrument.
 */
#ifndef BROKER_TAPE_REQUESTS_H
#define BROKER_TAPE_REQUESTS_H

#include "base/err.h"
#include "config/config.h"
#include "net/loop.h"

struct tape_requests;
struct token_keeper;
struct events;
struct recorder;
struct request_budget;
struct store;

/* All borrowed, `path` during the call only. */
struct tape_requests_parts {
    struct loop *loop;
    const struct config *config;
    struct token_keeper *keeper;
    struct events *events;
    struct recorder *recorder;
    struct request_budget *budget;
    struct store *store;
    const char *path; /* of the database that `store` has opened */
    /* Only what the user wants (`cinta backfill`); NULL: all. Called when nothing of it is left
     * that can be requested. */
    void (*finished)(void *arg);
    void *arg;
};

int tape_requests_create(struct tape_requests **out, const struct tape_requests_parts *parts,
                         struct err *err);
/* Lists that the store has are merged nevertheless. */
void tape_requests_destroy(struct tape_requests *requests);

void tape_requests_wake(struct tape_requests *requests); /* a token is available again */

/* Since it was created. */
struct tape_requests_state {
    int64_t lists, added; /* merged lists, and the trades that the tape had not */
    int64_t unlisted;     /* trades of the tape that the lists do not have */
    int64_t lacking;      /* instruments and days that are still to be requested */
};
struct tape_requests_state tape_requests_state(const struct tape_requests *requests);

/* Why the broker cannot be reached: "" unless the last requests were not answered, at least two, or
 * all so far. Borrowed until the next call. */
const char *tape_requests_trouble(const struct tape_requests *requests);

#endif
