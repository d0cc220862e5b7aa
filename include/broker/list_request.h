/*
 * list_request: requests one of the broker's lists: rest/instruments/details, segment/all,
 * bySegment, byCFICode (protocol sections 6.1 to 6.6).
 *
 * One request at a time, within the request budget; when, and what a failure means, decides its
 * owner, who also reads the answer. Owns its HTTP client, which
 * exists only while a request is under way.
 */
#ifndef BROKER_LIST_REQUEST_H
#define BROKER_LIST_REQUEST_H

#include "base/err.h"
#include "config/config.h"
#include "market/request_budget.h"
#include "net/loop.h"
#include "primary/reply.h"

struct list_request;
struct token_keeper;
struct events;

#define LIST_REQUEST_PATH_BYTES 256 /* of a path with its parameters */

/* How a request ended. */
struct list_request_end {
    bool answered;          /* else nothing was received, for the reason in `words` */
    enum reply_class class; /* when answered; REPLY_OK: the answer may have a list */
    const char *words;      /* why it has none; borrowed */
    int64_t retry_after_ms; /* at least; 0 = not given */
    struct buf *body;       /* with REPLY_OK; the owner may take its content */
};

/* All borrowed. */
struct list_request_parts {
    struct loop *loop;
    const struct config *config;
    struct token_keeper *keeper;
    struct events *events;
    struct request_budget *budget;
    void (*ended)(void *arg, const struct list_request_end *end); /* from the loop */
    void *arg;
};

int list_request_create(struct list_request **out, const struct list_request_parts *parts,
                        struct err *err);
void list_request_destroy(struct list_request *request); /* `ended` is not called any more */

/* What to request: a path with its parameters, relative to broker.url. */
struct list_request_target {
    enum budget_kind kind;
    char path[LIST_REQUEST_PATH_BYTES];
};

bool list_request_busy(const struct list_request *request);
/* Sends the request. 0; or the time to wait for the budget, in ms; -1: no token, or busy. */
int64_t list_request_ask(struct list_request *request, const struct list_request_target *target);
/* The last answer was a list that could be read: its token is good. */
void list_request_worked(struct list_request *request);

#endif
