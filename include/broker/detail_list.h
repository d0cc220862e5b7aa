/*
 * detail_list: requests rest/instruments/details, and reads the answer in steps, between which the
 * loop does other work.
 *
 * One request at a time, within the request budget; when, and what a failure means, decides its
 * owner. Owns its HTTP client and the answer that is being read.
 */
#ifndef BROKER_DETAIL_LIST_H
#define BROKER_DETAIL_LIST_H

#include "base/err.h"
#include "config/config.h"
#include "market/instrument.h"
#include "net/loop.h"
#include "primary/reply.h"

struct detail_list;
struct token_keeper;
struct events;
struct request_budget;

/* How a request, or the reading of a list, ended. */
struct detail_list_end {
    bool answered;          /* else nothing was received, for the reason in `words` */
    enum reply_class class; /* when answered */
    const char *words;      /* why, when the class is not REPLY_OK; borrowed */
    int64_t retry_after_ms; /* at least; 0 = not given */
    int unreadable;         /* items that were left out */
};

/* All borrowed. */
struct detail_list_parts {
    struct loop *loop;
    const struct config *config;
    struct token_keeper *keeper;
    struct events *events;
    struct request_budget *budget;
    /* Each item, borrowed until it returns; they count only if the end is REPLY_OK. */
    void (*item)(void *arg, const struct instrument *instrument);
    void (*ended)(void *arg, const struct detail_list_end *end); /* from the loop */
    void *arg;
};

int detail_list_create(struct detail_list **out, const struct detail_list_parts *parts,
                       struct err *err);
void detail_list_destroy(struct detail_list *list); /* `ended` is not called any more */

bool detail_list_busy(const struct detail_list *list); /* a request or a reading is under way */
/* Sends the request. 0; or the time to wait for the budget, in ms; -1: no token, or busy. */
int64_t detail_list_ask(struct detail_list *list);
/* Reads another list of instruments, such as that of rest/instruments/all. Takes the text of
 * `body`. -ENOMEM or 0. */
int detail_list_read(struct detail_list *list, struct buf *body);

#endif
