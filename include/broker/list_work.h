/*
 * list_work: what broker/catalog has done on another thread, because a list of ten thousand
 * instruments takes tens of milliseconds: it is read, the rules select from it, and the selection
 * is compared with the previous one; or the list is saved.
 *
 * One value is one piece of work. Does not log: what is to be reported is collected in words.
 */
#ifndef BROKER_LIST_WORK_H
#define BROKER_LIST_WORK_H

#include "broker/selection.h"
#include "net/background.h"

/* What the selection is made from. */
enum list_source {
    LIST_NONE,     /* nothing could be used */
    LIST_RECEIVED, /* the broker's answer */
    LIST_COPY,     /* the copy of it on disk */
    LIST_KNOWN,    /* the reference data, which has all instruments too */
    LIST_NAMED,    /* no list: the symbols that the configuration names */
};

struct list_note {
    char *symbol, *words;
};

struct list_notes {
    struct list_note *item; /* owned, with its texts */
    size_t count, cap;
};

struct list_work {
    struct background_item item; /* first */

    /* The task. */
    bool save;                            /* `body` to the copy on disk, and nothing else */
    bool received;                        /* `body` is the broker's answer */
    bool again;                           /* the same list as before, with other reference data */
    bool today_only, known_usable, named; /* which other sources may be used, in their order */
    bool doubted;                         /* the last list lacked too many of the instruments */
    int64_t saved_day; /* the copy was saved on this day, whatever the clock of its file says; 0 =
                          unknown */
    int64_t today;     /* in Argentina */
    struct buf body;
    const struct config *config;       /* borrowed */
    const struct config_strings *told; /* the previous selection; borrowed; NULL = none */
    struct instrument_list *known;     /* a share; NULL = nothing is known */

    /* The result. */
    enum list_source source;
    enum reply_class class;     /* of a received one */
    struct err why;             /* it was not usable, or not saved; code 0 = it was */
    int64_t day;                /* of the copy */
    struct selection selection; /* without its list; the catalog takes the symbols */
    bool differs;               /* from the previous one */
    size_t before, gone;        /* symbols of the previous one, and how many this list lacks */
    bool cut;                   /* too many: the list may be incomplete */
    bool kept;                  /* they are in the selection nevertheless, because it is doubted */
    struct list_notes unfound, matured;
};

/* For background_parts. */
void list_work_run(void *work);
void list_work_dispose(void *work);

#endif
