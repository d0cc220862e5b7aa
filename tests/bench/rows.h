/*
 * rows: changes like those of a busy stream, created in advance and repeated cyclically.
 *
 * They come from the simulator's market: books of five levels per side and all entries, also those
 * that an instrument of this kind does not have in reality.
 */
#ifndef BENCH_ROWS_H
#define BENCH_ROWS_H

#include "store/write/store.h"

#define ROWS_PER_S 400 /* ten million in a session of seven hours */

struct rows {
    struct store_snapshot *list; /* owned; ts_recv at a pace of ROWS_PER_S */
    size_t count;
    char (*symbols)[64]; /* owned */
    int instruments;
    double frame_bytes; /* average size of the Md frame of a change */
};

/* Exits on error. */
void rows_make(struct rows *rows, int instruments, size_t count);
void rows_finish(struct rows *rows);

/* Change `number` (0, 1, ..., cyclic), with this seq and received at `ts_recv`. */
struct store_snapshot rows_at(const struct rows *rows, int64_t number, int64_t seq,
                              int64_t ts_recv);

#endif
