/*
 * poll_memory: what is kept of one polled instrument between answers.
 *
 * A digest of its last good body, to recognise an identical one before it is parsed, its present
 * failure, and whether it is refused because of the token.
 */
#ifndef FEED_POLL_MEMORY_H
#define FEED_POLL_MEMORY_H

#include "base/digest.h"
#include "feed/poll_outcome.h"
#include "feed/token_doubt.h"

struct poll_memory {
    struct digest body;
    size_t body_len_bytes; /* 0 = none */
    int64_t body_seq;      /* seq of the quote after it was applied */
    enum trouble_of_poll trouble;
    enum reply_class trouble_class;
    int64_t trouble_since_ms;
    long trouble_count;
    struct token_doubt doubt;
    bool dropped; /* reported as dropped for the day */
};

/* `seq` is the quote's: if a stream has changed it since, the same body must be applied again. */
bool poll_memory_same_body(const struct poll_memory *memory, int64_t seq, const char *body,
                           size_t len_bytes);
void poll_memory_keep_body(struct poll_memory *memory, int64_t seq, const char *body,
                           size_t len_bytes);

/* Records a failure. True: report it, because its kind differs from the last one or it drops the
 * instrument. */
bool poll_memory_trouble(struct poll_memory *memory, const struct poll_outcome *result,
                         int64_t now_ms);
/* Records a good answer. True: `*count` polls had failed before it, since `*since_ms`. */
bool poll_memory_fine(struct poll_memory *memory, long *count, int64_t *since_ms);

#endif
