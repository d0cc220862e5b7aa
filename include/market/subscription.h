/*
 * subscription: which instruments to ask a stream for, in which batches, and who was heard.
 *
 * Pure. There is no acknowledgement (protocol section 10.2) but the first datum of any instrument
 * of a batch: a batch is taken whole or not at all. So one batch is out at a time; an error that
 * names an instrument drops it and asks for the rest again, one that names none halves the batch,
 * and so does silence. When most are refused it is a matter of permission: the others are not asked
 * for one by one, but a single one is tried again, 5 minutes to an hour apart, and when it is
 * heard, all are asked for anew.
 */
#ifndef MARKET_SUBSCRIPTION_H
#define MARKET_SUBSCRIPTION_H

#include <stdbool.h>
#include <stdint.h>

struct subscription;

struct subscription_limits {
    int batch;        /* instruments in one message, at most */
    int64_t pace_ms;  /* between two messages */
    int64_t quiet_ms; /* a batch nobody of which was heard for so long is asked for in halves */
};

/* Instruments are 0..count-1. NULL: no memory. */
struct subscription *subscription_create(const struct subscription_limits *limits, int32_t count);
void subscription_destroy(struct subscription *s);

/* A connection has opened, or all is asked for anew on it: everything but what was refused. */
void subscription_begin(struct subscription *s, int64_t now_ms);
void subscription_end(struct subscription *s);                  /* it closed: nobody is heard */
void subscription_again(struct subscription *s, int32_t which); /* this one anew */
void subscription_forgive(struct subscription *s);              /* a new day: refused ones too */

struct subscription_next {
    const int32_t *instruments; /* borrowed until the next call; send them now in one message */
    int32_t count;              /* 0: nothing now */
    int64_t wake_ms;            /* look again then; INT64_MAX = only when something happens */
};
struct subscription_next subscription_next(struct subscription *s, int64_t now_ms);

/*
 * A datum of this instrument came. True: the first one since it was last asked for. It ends a
 * denial: subscription_state tells.
 */
bool subscription_heard(struct subscription *s, int32_t which);
bool subscription_live(const struct subscription *s, int32_t which);

struct subscription_error {
    int32_t refused; /* this one is dropped until subscription_forgive(); -1 = none */
    bool denied;     /* now it is clear that the account may not, or the session is broken */
};
/* An error frame; `named`: the instrument in its words, -1 = none; `all`: it speaks of access. */
struct subscription_error subscription_error(struct subscription *s, int32_t named, bool all);

struct subscription_state {
    int32_t waiting; /* not asked for yet */
    int32_t asked;   /* asked for, not heard */
    int32_t live, refused;
    bool denied;
};
bool subscription_denied(const struct subscription *s);
struct subscription_state subscription_state(const struct subscription *s);

#endif
