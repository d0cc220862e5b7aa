#include "market/unobserved.h"

static const struct unobserved_summary none = {.shortest_ms = INT64_MAX};

struct unobserved unobserved_init(void)
{
    return (struct unobserved){.summary = none};
}

bool unobserved_end(struct unobserved *u, int64_t for_ms, bool by_stream, int32_t left,
                    struct unobserved_summary *out)
{
    struct unobserved_summary *s = &u->summary;
    s->by_poll += !by_stream;
    s->by_stream += by_stream;
    if (for_ms < s->shortest_ms)
        s->shortest_ms = for_ms;
    if (for_ms > s->longest_ms)
        s->longest_ms = for_ms;
    if (for_ms > u->longest_ms)
        u->longest_ms = for_ms;
    if (left)
        return false;
    *out = *s;
    *s = none;
    return true;
}
