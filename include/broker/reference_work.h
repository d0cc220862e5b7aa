/*
 * reference_work: what broker/reference_data has done on another thread, because a list of ten
 * thousand instruments takes a third of a second: it is read, and merged with what was known
 * before.
 *
 * One value is one piece of work.
 */
#ifndef BROKER_REFERENCE_WORK_H
#define BROKER_REFERENCE_WORK_H

#include "config/config.h"
#include "market/instrument_merge.h"
#include "net/background.h"
#include "primary/reply.h"

#include <stdatomic.h>

enum reference_source {
    REFERENCE_BODY, /* the broker's answer */
    REFERENCE_COPY, /* the list of broker/catalog on disk, which has CFI codes at most */
    REFERENCE_READ, /* instruments that were read before */
};

struct reference_work {
    struct background_item item; /* first */

    /* The task. */
    enum reference_source source;
    struct buf body;
    const struct config *config;   /* borrowed; of the copy */
    int64_t day;                   /* a copy of another day is not used; 0 = of any */
    struct instrument_list *read;  /* owned */
    const atomic_bool *stop;       /* borrowed: the reading ends, and its result is not used */
    struct market_segment segment; /* of all items of a list; its id is NULL: as the items say */
    const char *cfi_code;          /* the same; static */
    struct instrument_list *into;  /* owned: they are only added to it; NULL: they are merged */
    struct instrument_merge merge; /* begun */
    bool partial;                  /* others are listed too */
    bool doubted;                  /* the last list lacked too many of the known instruments */

    /* The result. */
    enum reply_class class;
    struct err why; /* when it is not REPLY_OK, or the merge failed */
    bool merged;    /* the merge has ended well */
    int unreadable; /* items that were left out */
    size_t items;   /* that were read */
    size_t missing; /* instruments that were listed and are not in a list of all */
    bool cut;       /* too many of them: the list may be incomplete */
    bool whole;     /* they are not listed any more */
};

/* For background_parts. */
void reference_work_run(void *work);
void reference_work_dispose(void *work);

#endif
