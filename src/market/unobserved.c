#include "market/unobserved.h"

#include <stdlib.h>

struct unobserved {
    int64_t *proof_ms; /* 0 = observed */
    int32_t left;
    int64_t longest_ms;
    struct unobserved_summary summary;
};

struct unobserved *unobserved_create(int32_t count)
{
    struct unobserved *b = calloc(1, sizeof(*b));
    if (!b)
        return NULL;
    b->proof_ms = calloc((size_t)count + 1, sizeof(*b->proof_ms));
    if (!b->proof_ms) {
        free(b);
        return NULL;
    }
    return b;
}

void unobserved_destroy(struct unobserved *b)
{
    if (!b)
        return;
    free(b->proof_ms);
    free(b);
}

void unobserved_lost(struct unobserved *b, int32_t which, int64_t proof_ms)
{
    if (b->proof_ms[which])
        return; /* unobserved since an earlier loss */
    if (b->left++ == 0)
        b->summary = (struct unobserved_summary){.shortest_ms = INT64_MAX};
    b->proof_ms[which] = proof_ms;
}

bool unobserved_seen(struct unobserved *b, int32_t which, bool by_stream, int64_t now_ms,
                     struct unobserved_summary *out)
{
    int64_t blind_ms = now_ms - b->proof_ms[which];
    struct unobserved_summary *s = &b->summary;
    if (!b->proof_ms[which])
        return false;
    b->proof_ms[which] = 0;
    s->by_poll += !by_stream;
    s->by_stream += by_stream;
    if (blind_ms < s->shortest_ms)
        s->shortest_ms = blind_ms;
    if (blind_ms > s->longest_ms)
        s->longest_ms = blind_ms;
    if (blind_ms > b->longest_ms)
        b->longest_ms = blind_ms;
    if (--b->left)
        return false;
    *out = *s;
    return true;
}

bool unobserved_waits(const struct unobserved *b, int32_t which)
{
    return b->proof_ms[which] != 0;
}

int32_t unobserved_left(const struct unobserved *b)
{
    return b->left;
}

int64_t unobserved_longest_ms(const struct unobserved *b)
{
    return b->longest_ms;
}
