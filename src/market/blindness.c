#include "market/blindness.h"

#include <stdlib.h>

struct blindness {
    int64_t *proof_ms; /* 0 = observed */
    int32_t left;
    int64_t longest_ms;
    struct blindness_summary summary;
};

struct blindness *blindness_create(int32_t count)
{
    struct blindness *b = calloc(1, sizeof(*b));
    if (!b)
        return NULL;
    b->proof_ms = calloc((size_t)count + 1, sizeof(*b->proof_ms));
    if (!b->proof_ms) {
        free(b);
        return NULL;
    }
    return b;
}

void blindness_destroy(struct blindness *b)
{
    if (!b)
        return;
    free(b->proof_ms);
    free(b);
}

void blindness_lost(struct blindness *b, int32_t which, int64_t proof_ms)
{
    if (b->proof_ms[which])
        return; /* unobserved since an earlier loss */
    if (b->left++ == 0)
        b->summary = (struct blindness_summary){.shortest_ms = INT64_MAX};
    b->proof_ms[which] = proof_ms;
}

bool blindness_seen(struct blindness *b, int32_t which, bool by_stream, int64_t now_ms,
                    struct blindness_summary *out)
{
    int64_t blind_ms = now_ms - b->proof_ms[which];
    struct blindness_summary *s = &b->summary;
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

bool blindness_waits(const struct blindness *b, int32_t which)
{
    return b->proof_ms[which] != 0;
}

int32_t blindness_left(const struct blindness *b)
{
    return b->left;
}

int64_t blindness_longest_ms(const struct blindness *b)
{
    return b->longest_ms;
}
