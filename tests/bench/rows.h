/*
 * rows: changes as a busy stream brings them, made beforehand and played in a circle.
 *
 * They come from the simulator's own market: books of five levels a side, and full width, that is
 * with the entries too that this kind of instrument has not got in reality.
 */
#ifndef BENCH_ROWS_H
#define BENCH_ROWS_H

#include "store/store.h"

#define ROWS_PER_S 400 /* ten million in a session of seven hours */

struct rows {
    struct store_snapshot *list; /* owned; ts_recv at a pace of ROWS_PER_S */
    size_t count;
    char (*symbols)[64]; /* owned */
    int instruments;
    double frame_bytes; /* of the Md frame that each came in, on average */
};

/* Ends the process when it cannot. */
void rows_make(struct rows *rows, int instruments, size_t count);
void rows_finish(struct rows *rows);

/* Number 0, 1, ... without end, as if it had come at `ts_recv` with this seq. */
struct store_snapshot rows_at(const struct rows *rows, int64_t number, int64_t seq,
                              int64_t ts_recv);

#endif
