/*
 * trade_request: requests the broker's list of the trades of one instrument and day
 * (rest/data/getTrades), and reads the answer in steps, between which the loop does other work.
 *
 * One request at a time, within the request budget; which one, and what a failure means, decides
 * its owner. Owns its HTTP client and the answer that is being read.
 */
#ifndef BROKER_TRADE_REQUEST_H
#define BROKER_TRADE_REQUEST_H

#include "base/err.h"
#include "config/config.h"
#include "market/trade.h"
#include "net/loop.h"
#include "primary/reply.h"

struct trade_request;
struct token_keeper;
struct events;
struct request_budget;

/* How a request ended. */
struct trade_request_end {
    bool answered;          /* else nothing was received, for the reason in `words` */
    enum reply_class class; /* when answered */
    const char *words;      /* why, when the class is not REPLY_OK; borrowed */
    int64_t
        asked_ns; /* when it was sent, by our clock or the broker's, whichever is slower; ns UTC */
    struct trade *trades; /* of REPLY_OK; malloc, they belong to the receiver */
    size_t count;
    int unreadable; /* trades that were left out */
};

/* All borrowed. */
struct trade_request_parts {
    struct loop *loop;
    const struct config *config;
    struct token_keeper *keeper;
    struct events *events;
    struct request_budget *budget;
    void (*ended)(void *arg, const struct trade_request_end *end); /* from the loop */
    void *arg;
};

int trade_request_create(struct trade_request **out, const struct trade_request_parts *parts,
                         struct err *err);
void trade_request_destroy(struct trade_request *request); /* `ended` is not called any more */

bool trade_request_busy(const struct trade_request *request);
/* Sends it. 0; or the time to wait for the budget, in ms; -1: no token, or busy. */
int64_t trade_request_send(struct trade_request *request, const char *market_id, const char *symbol,
                           int64_t day);

#endif
