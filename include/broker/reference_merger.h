/*
 * reference_merger: what is known of all instruments and segments, and merges what was read into it
 * on another thread, one list at a time.
 *
 * Each merge begins with what is known when its turn comes, so that none undoes another one.
 */
#ifndef BROKER_REFERENCE_MERGER_H
#define BROKER_REFERENCE_MERGER_H

#include "broker/reference_work.h"

struct reference_merger;

/* Each result, from the loop; borrowed. */
typedef void reference_merger_fn(void *arg, struct reference_work *work);

/* All borrowed. */
struct reference_merger_parts {
    struct loop *loop;
    const struct config *config;
    struct instrument_list *known; /* a share of it is taken; may be NULL */
    reference_merger_fn *fn;
    void *arg;
};

struct reference_merger *reference_merger_create(const struct reference_merger_parts *parts);
void reference_merger_destroy(struct reference_merger *merger);

/* All three: -ENOMEM or 0; then `fn` follows. Each takes what it is given, also on failure. */
/* The broker's answer. `doubted`: the last one lacked too many instruments. */
int reference_merger_body(struct reference_merger *merger, struct buf *body, bool doubted);
/* Some instruments, of which something was read; none: only the segments are merged. NULL is
 * -ENOMEM. */
int reference_merger_read(struct reference_merger *merger, struct instrument_list *list);
/* The copy of broker/catalog's list on disk, if it is of this day in Argentina; 0 = of any day. */
int reference_merger_copy(struct reference_merger *merger, int64_t day);
/* The broker's segments, to be merged with the next list. A share is taken. */
void reference_merger_segments(struct reference_merger *merger, struct instrument_list *segments);

/* They were read and are not merged yet. */
bool reference_merger_has_segments(const struct reference_merger *merger);

bool reference_merger_busy(const struct reference_merger *merger);

/* From inside of `fn`: this result is what is known from now on. Returns it, borrowed. */
struct instrument_list *reference_merger_accept(struct reference_merger *merger,
                                                struct reference_work *work);
struct instrument_list *reference_merger_known(const struct reference_merger *merger);

#endif
