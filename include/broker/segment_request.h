/*
 * segment_request: requests the broker's segments (rest/segment/all), which may have no
 * instruments.
 *
 * Once each time that it is wanted, within the request budget. A failure is logged and not reported
 * as an event: what is requested next fails for the same reason, or it is enough without.
 */
#ifndef BROKER_SEGMENT_REQUEST_H
#define BROKER_SEGMENT_REQUEST_H

#include "base/err.h"
#include "config/config.h"
#include "market/instrument_list.h"
#include "net/loop.h"

struct segment_request;
struct token_keeper;
struct events;
struct request_budget;

/* All borrowed. */
struct segment_request_parts {
    struct loop *loop;
    const struct config *config;
    struct token_keeper *keeper;
    struct events *events;
    struct request_budget *budget;
    /* From the loop: a list of segments only, borrowed; NULL: they were not read. */
    void (*ended)(void *arg, struct instrument_list *segments);
    void *arg;
};

int segment_request_create(struct segment_request **out, const struct segment_request_parts *parts,
                           struct err *err);
void segment_request_destroy(struct segment_request *request); /* `ended` is not called any more */

void segment_request_want(struct segment_request *request);
/* It is wanted and was not sent yet, or has not ended. */
bool segment_request_pending(const struct segment_request *request);
/* Sends it if it is wanted. 0; or the time to wait for the budget, in ms; -1: no token, or it is
 * under way. */
int64_t segment_request_ask(struct segment_request *request);

#endif
