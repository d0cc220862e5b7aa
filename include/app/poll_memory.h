/*
 * poll_memory: what is known of one polled instrument from answer to answer.
 *
 * Its last good body, to recognise an identical one before it is parsed, and the trouble it is in.
 * Outlives the poller when the instruments are chosen anew.
 */
#ifndef APP_POLL_MEMORY_H
#define APP_POLL_MEMORY_H

#include "app/verdict.h"

struct poll_memory {
    char *body; /* owned; NULL = none */
    size_t body_len_bytes, body_cap_bytes;
    int64_t body_seq; /* of the quote it left behind */
    enum trouble_of_poll trouble;
    enum reply_class trouble_class;
    int64_t trouble_since_ms;
    long trouble_count;
    bool dropped; /* for the day */
    int64_t dropped_until_ms;
};

void poll_memory_finish(struct poll_memory *memory);
struct poll_memory poll_memory_move(struct poll_memory *from); /* leaves nothing there */

/* `seq` is the quote's: when a stream has changed it since, the same body is news again. */
bool poll_memory_same_body(const struct poll_memory *memory, int64_t seq, const char *body,
                           size_t len_bytes);
/* Without memory for it nothing is kept, and nothing will be recognised. */
void poll_memory_keep_body(struct poll_memory *memory, int64_t seq, const char *body,
                           size_t len_bytes);

/* Notes a verdict that is no good answer. True: it is news, of another kind than the last. */
bool poll_memory_trouble(struct poll_memory *memory, const struct verdict *verdict, int64_t now_ms);
/* Notes a good answer. True: trouble was before; `*count` polls, since `*since_ms`. */
bool poll_memory_fine(struct poll_memory *memory, long *count, int64_t *since_ms);

#endif
