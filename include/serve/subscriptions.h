/*
 * subscriptions: which clients want which instruments, and which frames are due.
 *
 * A subscribed instrument is due at once (the snapshot), then after each change, but not sooner
 * after its last frame than the interval of its level; changes within the interval become one
 * frame. Pure: no sockets, no clock; `now_ms` is monotonic and never goes back. Every call takes
 * time in proportion to what becomes due.
 */
#ifndef SERVE_SUBSCRIPTIONS_H
#define SERVE_SUBSCRIPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#define SUBSCRIPTIONS_LEVELS 5

struct subscriptions; /* of all clients */
struct subscriber;    /* one client */

/* What a client wants of an instrument. */
struct subscription_terms {
    uint32_t entries; /* bits of ENTRY_BIT() */
    int depth;
    int level; /* 1..SUBSCRIPTIONS_LEVELS */
};

/* Milliseconds between two frames at least (protocol section 10.2): 100 to 6000. */
int64_t subscriptions_interval_ms(int level);

struct subscriptions *subscriptions_create(void); /* NULL: no memory */
void subscriptions_destroy(struct subscriptions *all);

/* `user` is returned with each frame that is due. NULL: no memory. */
struct subscriber *subscriptions_add(struct subscriptions *all, void *user);
void subscriptions_remove(struct subscriber *subscriber); /* all before subscriptions_destroy() */

/* Subscribes to one more instrument, or changes its terms; its snapshot is due. 0 or -ENOMEM. */
int subscriptions_want(struct subscriber *subscriber, int32_t instrument,
                       const struct subscription_terms *terms);
void subscriptions_unwant(struct subscriber *subscriber, int32_t instrument);
void subscriptions_drop(struct subscriber *subscriber);       /* it wants nothing any more */
int64_t subscriptions_count(const struct subscriptions *all); /* instruments of all clients */

/* What the client wants of it; borrowed. NULL: it is not subscribed to it. */
const struct subscription_terms *subscriptions_terms(const struct subscriber *subscriber,
                                                     int32_t instrument);
/* The instrument has its first data: a frame of it is due for this client, if it wants it. */
void subscriptions_renew(struct subscriber *subscriber, int32_t instrument);

/* This instrument has changed. May be called for each change, and for instruments nobody wants. */
void subscriptions_changed(struct subscriptions *all, int32_t instrument);

/* While on, no frame of this client is due: it has more than it takes. What becomes due meanwhile
 * is due when it ends, once for each instrument. */
void subscriptions_hold(struct subscriber *subscriber, bool on);

/* Whether any client wants this instrument. */
bool subscriptions_wanted(const struct subscriptions *all, int32_t instrument);

struct due_frame {
    void *user;
    int32_t instrument;
    struct subscription_terms terms;
};

/* Takes the next frame that is due, which counts as sent now. False: none is due. */
bool subscriptions_next(struct subscriptions *all, int64_t now_ms, struct due_frame *out);
/* Until the next frame may be due; 0: now; -1: not before the next call that changes something. */
int64_t subscriptions_wait_ms(const struct subscriptions *all, int64_t now_ms);

#endif
