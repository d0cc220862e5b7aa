/*
 * blindness: how long each instrument was unobserved after a stream was lost.
 *
 * Pure. An instrument is unobserved from the last proof that its stream was alive until a REST
 * answer or a stream message with its data arrives.
 */
#ifndef MARKET_BLINDNESS_H
#define MARKET_BLINDNESS_H

#include <stdbool.h>
#include <stdint.h>

struct blindness;

struct blindness_summary {
    int32_t by_poll, by_stream;      /* instruments observed again, by source */
    int64_t shortest_ms, longest_ms; /* how long they were unobserved */
};

struct blindness *blindness_create(int32_t count); /* NULL: no memory */
void blindness_destroy(struct blindness *b);

/* `proof_ms`: the last proof that its stream was alive (monotonic). */
void blindness_lost(struct blindness *b, int32_t which, int64_t proof_ms);
/* True: it was the last unobserved one; `out` summarizes all since the first was lost. */
bool blindness_seen(struct blindness *b, int32_t which, bool by_stream, int64_t now_ms,
                    struct blindness_summary *out);

bool blindness_waits(const struct blindness *b, int32_t which); /* still unobserved */
int32_t blindness_left(const struct blindness *b);              /* how many are unobserved */
int64_t blindness_longest_ms(const struct blindness *b);        /* since creation */

#endif
