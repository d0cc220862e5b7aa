/*
 * unobserved: how long each instrument was unobserved after a stream was lost.
 *
 * Pure. An instrument is unobserved from the last proof that its stream was alive until a REST
 * answer or a stream message with its data arrives.
 */
#ifndef MARKET_UNOBSERVED_H
#define MARKET_UNOBSERVED_H

#include <stdbool.h>
#include <stdint.h>

struct unobserved;

struct unobserved_summary {
    int32_t by_poll, by_stream;      /* instruments observed again, by source */
    int64_t shortest_ms, longest_ms; /* how long they were unobserved */
};

struct unobserved *unobserved_create(int32_t count); /* NULL: no memory */
void unobserved_destroy(struct unobserved *b);

/* `proof_ms`: the last proof that its stream was alive (monotonic). */
void unobserved_lost(struct unobserved *b, int32_t which, int64_t proof_ms);
/* True: it was the last unobserved one; `out` summarizes all since the first was lost. */
bool unobserved_seen(struct unobserved *b, int32_t which, bool by_stream, int64_t now_ms,
                     struct unobserved_summary *out);

bool unobserved_waits(const struct unobserved *b, int32_t which); /* still unobserved */
int32_t unobserved_left(const struct unobserved *b);              /* how many are unobserved */
int64_t unobserved_longest_ms(const struct unobserved *b);        /* since creation */

#endif
