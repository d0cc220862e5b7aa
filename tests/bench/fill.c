/*
 * Creates a database with one day of data: bench_fill DATABASE INSTRUMENTS ROWS. The same arguments
 * give the same database. Reports what moving a row to history took ("moved"), for those that the
 * store had not moved before.
 */
#include "report.h"

#include "base/clock.h"
#include "base/rng.h"
#include "store/write/database.h"
#include "store/write/mover.h"
#include "store/write/store.h"
#include "support/put_row.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define T0_NS    INT64_C(1795438800000000000) /* 2026-11-23 10:00 in Argentina */
#define DAY_MS   25500000                     /* to 17:05 */
#define TICK     0.5
#define PAUSE_NS 1000000

/* The present state of each instrument. */
struct state {
    double mid, volume, last_size;
    int64_t ts_last;
};

static void fill_side(struct side *side, struct rng *rng, double mid, double step)
{
    side->count = 5;
    for (int i = 0; i < side->count; i++)
        side->level[i] = (struct level){mid + step * (i + 1), (double)(1 + rng_below(rng, 900))};
}

static struct store_snapshot next_row(struct rng *rng, struct state *states, int64_t instruments,
                                      int64_t seq, int64_t rows)
{
    int64_t i = rng_below(rng, instruments);
    struct state *s = &states[i];
    struct store_snapshot row = {.instrument = (int32_t)i, .source = SOURCE_STREAM, .seq = seq};
    struct quote *q = &row.quote;
    row.ts_recv = T0_NS + seq * (DAY_MS * NS_PER_MS / rows);
    row.changed = ENTRY_BIT(ENTRY_BI) | ENTRY_BIT(ENTRY_OF);
    s->mid += rng_below(rng, 2) ? TICK : -TICK;
    if (rng_below(rng, 5) == 0) {
        row.changed |= ENTRY_BIT(ENTRY_LA) | ENTRY_BIT(ENTRY_TV);
        s->last_size = (double)(1 + rng_below(rng, 50));
        s->volume += s->last_size;
        s->ts_last = (row.ts_recv / NS_PER_MS - 7) * NS_PER_MS;
    }
    *q = quote_none();
    fill_side(&q->bids, rng, s->mid, -TICK);
    fill_side(&q->offers, rng, s->mid, TICK);
    q->last_price = s->mid;
    q->last_size = s->last_size;
    q->ts_last = s->ts_last;
    q->ts_event = (row.ts_recv / NS_PER_MS - 3) * NS_PER_MS;
    q->open_price = q->low_price = 1000 + (double)i;
    q->high_price = s->mid + 20;
    q->close_price = q->settlement_price = 1001.5 + (double)i;
    q->close_day = q->settlement_day = 20779;
    q->open_interest = 812345;
    q->trade_volume = s->volume;
    q->effective_volume = s->volume * 1600.25;
    return row;
}

/* Waits until the writer has caught up, so that nothing is dropped. */
static void put_paced(struct store *store, const struct store_snapshot *row)
{
    const struct timespec pause = {0, PAUSE_NS};
    put_row(store, row);
    while (store_stats(store).backlog_rows > 16384)
        nanosleep(&pause, NULL);
}

/* Moves all rows to history, as the service does when it is idle. */
static int move_rows(const char *path, struct err *err)
{
    struct database database;
    struct mover mover;
    int64_t moved, total = 0;
    int rc = database_open(&database, path, false, err);
    if (rc)
        return rc;
    rc = mover_open(&mover, database.db, err);
    const struct stopwatch watch = stopwatch_start();
    for (; rc == 0 && mover.rows > 0; total += moved)
        rc = mover_step(&mover, &moved) ? err_set(err, -EIO, "rows cannot be moved") : 0;
    if (total)
        report_pace("moved", total, &watch);
    mover_close(&mover);
    database_close(&database);
    return rc;
}

static int fill(const char *path, int64_t instruments, int64_t rows)
{
    const struct store_config config = {path, false, 250, 65536, 0, 0, false};
    struct rng rng = {1};
    struct store *store;
    struct err err;
    struct state *states = calloc((size_t)instruments, sizeof(*states));
    if (!states || store_create(&store, &config, NULL, NULL, &err)) {
        fprintf(stderr, "bench_fill: %s\n", states ? err.text : "out of memory");
        return 1;
    }
    for (int64_t i = 0; i < instruments; i++) {
        char symbol[32];
        snprintf(symbol, sizeof(symbol), "MERV - XMEV - X%03d - 24hs", (int)i);
        store_instrument(store, (int32_t)i, "ROFX", symbol);
        states[i] = (struct state){1000 + 10 * (double)i, 1000, 1, T0_NS};
    }
    for (int64_t seq = 1; seq <= rows; seq++) {
        const struct store_snapshot row = next_row(&rng, states, instruments, seq, rows);
        put_paced(store, &row);
    }
    int rc = store_close(store, 600000, &err);
    if (rc == 0)
        rc = move_rows(path, &err);
    if (rc)
        fprintf(stderr, "bench_fill: %s\n", err.text);
    free(states);
    return rc ? 1 : 0;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: bench_fill DATABASE INSTRUMENTS ROWS\n");
        return 2;
    }
    return fill(argv[1], strtoll(argv[2], NULL, 10), strtoll(argv[3], NULL, 10));
}
