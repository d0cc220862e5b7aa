#include "app/poll_memory.h"

#include <stdlib.h>
#include <string.h>

void poll_memory_finish(struct poll_memory *memory)
{
    free(memory->body);
    *memory = (struct poll_memory){0};
}

struct poll_memory poll_memory_move(struct poll_memory *from)
{
    struct poll_memory moved = *from;
    *from = (struct poll_memory){0};
    return moved;
}

bool poll_memory_same_body(const struct poll_memory *memory, int64_t seq, const char *body,
                           size_t len_bytes)
{
    return len_bytes && memory->body_seq == seq && memory->body_len_bytes == len_bytes &&
           memcmp(memory->body, body, len_bytes) == 0;
}

void poll_memory_keep_body(struct poll_memory *memory, int64_t seq, const char *body,
                           size_t len_bytes)
{
    memory->body_seq = seq;
    memory->body_len_bytes = 0;
    if (len_bytes > memory->body_cap_bytes) {
        char *larger = realloc(memory->body, len_bytes);
        if (!larger)
            return;
        memory->body = larger;
        memory->body_cap_bytes = len_bytes;
    }
    if (len_bytes)
        memcpy(memory->body, body, len_bytes);
    memory->body_len_bytes = len_bytes;
}

bool poll_memory_trouble(struct poll_memory *memory, const struct verdict *verdict, int64_t now_ms)
{
    bool news = memory->trouble != verdict->trouble || memory->trouble_class != verdict->class;
    if (memory->trouble == POLL_FINE) {
        memory->trouble_since_ms = now_ms;
        memory->trouble_count = 0;
    }
    memory->trouble = verdict->trouble;
    memory->trouble_class = verdict->class;
    memory->trouble_count++;
    memory->dropped = verdict->outcome == PLAN_DROPPED;
    memory->dropped_until_ms = now_ms + verdict->wait_ms;
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
