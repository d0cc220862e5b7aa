#include "feed/poll_memory.h"

bool poll_memory_same_body(const struct poll_memory *memory, int64_t seq, const char *body,
                           size_t len_bytes)
{
    return len_bytes && memory->body_seq == seq && memory->body_len_bytes == len_bytes &&
           digest_equal(memory->body, digest_of(body, len_bytes));
}

void poll_memory_keep_body(struct poll_memory *memory, int64_t seq, const char *body,
                           size_t len_bytes)
{
    memory->body_seq = seq;
    memory->body_len_bytes = len_bytes;
    memory->body = digest_of(body, len_bytes);
}

bool poll_memory_trouble(struct poll_memory *memory, const struct poll_outcome *result,
                         int64_t now_ms)
{
    bool dropped = result->outcome == PLAN_DROPPED;
    bool news = memory->trouble != result->trouble || memory->trouble_class != result->class ||
                (dropped && !memory->dropped);
    if (memory->trouble == POLL_FINE) {
        memory->trouble_since_ms = now_ms;
        memory->trouble_count = 0;
    }
    memory->trouble = result->trouble;
    memory->trouble_class = result->class;
    memory->trouble_count++;
    memory->dropped = dropped;
    return news;
}

bool poll_memory_fine(struct poll_memory *memory, long *count, int64_t *since_ms)
{
    bool was = memory->trouble != POLL_FINE;
    *count = memory->trouble_count;
    *since_ms = memory->trouble_since_ms;
    memory->trouble = POLL_FINE;
    memory->dropped = false;
    return was;
}
