/*
 * poll_memory: what is known of one polled instrument from answer to answer.
 *
 * A digest of its last good body, to recognise an identical one before it is parsed, and the
 * trouble it is in. A plain value, which outlives the poller when the instruments are chosen anew.
 */
#ifndef APP_POLL_MEMORY_H
#define APP_POLL_MEMORY_H

#include "app/verdict.h"
#include "base/digest.h"

struct poll_memory {
    struct digest body;
    size_t body_len_bytes; /* 0 = none */
    int64_t body_seq;      /* of the quote it left behind */
    enum trouble_of_poll trouble;
    enum reply_class trouble_class;
    int64_t trouble_since_ms;
    long trouble_count;
    bool dropped; /* told to be dropped for the day */
};

struct poll_memory poll_memory_move(struct poll_memory *from); /* leaves nothing there */

/* `seq` is the quote's: when a stream has changed it since, the same body is news again. */
bool poll_memory_same_body(const struct poll_memory *memory, int64_t seq, const char *body,
                           size_t len_bytes);
void poll_memory_keep_body(struct poll_memory *memory, int64_t seq, const char *body,
                           size_t len_bytes);

/* Notes a verdict that is no good answer. True: it is news, of another kind than the last, or it
 * drops the instrument. */
bool poll_memory_trouble(struct poll_memory *memory, const struct verdict *verdict, int64_t now_ms);
/* Notes a good answer. True: trouble was before; `*count` polls, since `*since_ms`. */
bool poll_memory_fine(struct poll_memory *memory, long *count, int64_t *since_ms);

#endif
