/*
 * inbox: the data that waits for the writer thread between two transactions.
 *
 * Bounded: when there are more than `rows_max` snapshots, the oldest are dropped and counted, and
 * the last state of each instrument among them is kept, so that the table quote is correct again as
 * soon as anything can be written. Instruments are never dropped. Not thread-safe: the store holds
 * its lock around each call. Aborts the process when out of memory for data that may not be lost.
 */
#ifndef STORE_WRITE_INBOX_H
#define STORE_WRITE_INBOX_H

#include "store/write/batch.h"
#include "store/write/coverage_rows.h"
#include "store/write/ring.h"

#define INBOX_EVENTS_MAX 4096

/* What was dropped and is not yet reported in the database. */
struct inbox_loss {
    int64_t rows;
    int64_t ts_first, ts_last; /* the lowest and the highest ts_recv of those rows */
    int64_t events;
};

struct inbox {
    size_t rows_max;
    struct ring ring;
    struct pending pending;
    size_t instruments_total; /* also those that were taken */
    struct inbox_loss loss;
    struct store_place place; /* of a replica: everything up to it was put in */
};

void inbox_init(struct inbox *inbox, size_t rows_max);
void inbox_finish(struct inbox *inbox);

void inbox_instrument(struct inbox *inbox, int32_t index, const char *market_id,
                      const char *symbol);
/* `held_rows`: rows taken by the writer and not committed yet; they count towards rows_max. */
void inbox_change(struct inbox *inbox, const struct market_change *change, size_t held_rows);
/* The same of a replica, when a later change of the instrument is known. */
void inbox_past(struct inbox *inbox, const struct market_change *change, size_t held_rows);
void inbox_known(struct inbox *inbox, const struct store_known *known);
void inbox_seen(struct inbox *inbox, const int32_t *index, const int64_t *ts_seen, size_t count);
void inbox_event(struct inbox *inbox, int64_t ts, enum event_kind kind, const char *symbol,
                 const char *detail);

/*
 * Moves everything, but at most BATCH_ROWS snapshots, into the batch, which must be empty. The
 * spans move only together with the last of the snapshots, because they must not be written before
 * them.
 */
void inbox_take(struct inbox *inbox, struct batch *batch);

/* `told` has been written to the database; only what was dropped since then remains. */
void inbox_loss_told(struct inbox *inbox, const struct inbox_loss *told);

#endif
