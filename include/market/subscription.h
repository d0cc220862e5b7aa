/*
 * subscription: which instruments to request from a stream, in which batches, and which of them the
 * stream delivers.
 *
 * Pure. Requests all instruments of the source table; there is one subscription for each stream,
 * and an instrument may be live in several of them. The only acknowledgement (protocol
 * section 10.2) is the first data of any instrument of a batch: a batch is accepted as a whole or
 * not at all. Therefore one batch is pending at a time. An error that names an instrument drops it,
 * and the rest is requested again; an error that names none halves the batch, and so does silence.
 * If most are refused, the cause is a missing permission: the others are not requested one by one;
 * a single one is tried again, 5 minutes to an hour apart, and when it delivers data, all are
 * requested again.
 */
#ifndef MARKET_SUBSCRIPTION_H
#define MARKET_SUBSCRIPTION_H

#include <stdbool.h>
#include <stdint.h>

struct subscription;
struct source_table;

struct subscription_limits {
    int batch;             /* instruments in one message, at most */
    int64_t rate_limit_ms; /* between two messages */
    int64_t quiet_ms;      /* a batch without any data for so long is requested in halves */
};

/* Of the instruments listed in `sources`, in that order, except those that REST must answer first;
 * borrowed. NULL: no memory. */
struct subscription *subscription_create(const struct subscription_limits *limits,
                                         const struct source_table *sources);
void subscription_destroy(struct subscription *s);

/* Memory for instruments below `size`, before they are listed. 0, or -ENOMEM: nothing has changed.
 */
int subscription_reserve(struct subscription *s, int32_t size);
/* Call when the list of the source table has changed, or REST has answered for one: requests the
 * new ones, and no others. The removed ones are forgotten; the broker's protocol has no way to
 * unsubscribe. */
void subscription_relisted(struct subscription *s);

/* On a new connection, or to request all again on it: everything except refused ones. */
void subscription_begin(struct subscription *s, int64_t now_ms);
void subscription_end(struct subscription *s); /* the connection closed: none is live */
void subscription_again(struct subscription *s, int32_t instrument); /* requests this one again */
void subscription_forgive(struct subscription *s); /* on a new day: refused ones too */

struct subscription_next {
    const int32_t *instruments; /* borrowed until the next call; send them now in one message */
    int32_t count;              /* 0: none now */
    int64_t wake_ms;            /* call again then; INT64_MAX = only after another event */
};
struct subscription_next subscription_next(struct subscription *s, int64_t now_ms);

/*
 * Data of this instrument arrived. True: the first since it was last requested. It may end a
 * denial: see subscription_denied().
 */
bool subscription_heard(struct subscription *s, int32_t instrument);
bool subscription_live(const struct subscription *s, int32_t instrument);

struct subscription_error {
    int32_t refused; /* this one is dropped until subscription_forgive(); -1 = none */
    bool denied;     /* from now on: the account has no permission, or the session is broken */
};
/* An error frame; `named`: the instrument it names, -1 = none; `all`: it is about access. */
struct subscription_error subscription_error(struct subscription *s, int32_t named, bool all);

struct subscription_state {
    int32_t waiting; /* not requested yet */
    int32_t asked;   /* requested, no data yet */
    int32_t live, refused;
    bool denied;
};
bool subscription_denied(const struct subscription *s);
struct subscription_state subscription_state(const struct subscription *s);

#endif
