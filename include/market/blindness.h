/*
 * blindness: how long nobody could vouch for what, after a stream was lost.
 *
 * Pure. An instrument is blind from the last proof of its stream's life until polling, or the
 * stream itself, speaks of it again.
 */
#ifndef MARKET_BLINDNESS_H
#define MARKET_BLINDNESS_H

#include <stdbool.h>
#include <stdint.h>

struct blindness;

struct blindness_summary {
    int32_t by_poll, by_stream;      /* instruments seen again */
    int64_t shortest_ms, longest_ms; /* that they were not */
};

struct blindness *blindness_create(int32_t count); /* NULL: no memory */
void blindness_destroy(struct blindness *b);

void blindness_lost(struct blindness *b, int32_t which, int64_t proof_ms);
/* True: it was the last one that was not seen; `out` tells of all since the first was lost. */
bool blindness_seen(struct blindness *b, int32_t which, bool by_stream, int64_t now_ms,
                    struct blindness_summary *out);

bool blindness_waits(const struct blindness *b, int32_t which); /* not seen again yet */
int32_t blindness_left(const struct blindness *b);              /* how many */
int64_t blindness_longest_ms(const struct blindness *b);        /* ever */

#endif
