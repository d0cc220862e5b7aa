/*
 * inbox: what waits for the writer, between two transactions.
 *
 * Bounded: when the snapshots pass `rows_max`, the oldest are dropped and counted, and the last
 * state of each instrument among them is kept aside, so that the table quote tells the truth again
 * as soon as anything can be written. Instruments are never dropped. Knows no threads: the store
 * holds its lock around each call. Out of memory for what may not be lost ends the process.
 */
#ifndef STORE_INBOX_H
#define STORE_INBOX_H

#include "store/batch.h"
#include "store/ring.h"
#include "store/spans.h"

#define INBOX_EVENTS_MAX 4096
#define INBOX_TEXT_BYTES 1000 /* longer words of an event are cut */

/* What was dropped and has not been told in the database yet. */
struct inbox_loss {
    int64_t rows;
    int64_t ts_first, ts_last; /* ts_recv of those rows */
    int64_t events;
};

struct inbox {
    size_t rows_max;
    struct ring ring;
    struct batch_event *events; /* owned, as all below */
    size_t events_count, events_cap;
    struct batch_instrument *instruments;
    size_t instruments_count, instruments_cap, instruments_total;
    int64_t *seen; /* by instrument; 0 = nothing new */
    size_t seen_cap;
    struct store_snapshot *kept; /* by instrument; seq 0 = none */
    size_t kept_cap;
    struct store_known *known;
    size_t known_count, known_cap;
    struct spans spans;
    struct inbox_loss loss;
};

void inbox_init(struct inbox *inbox, size_t rows_max);
void inbox_finish(struct inbox *inbox);

void inbox_instrument(struct inbox *inbox, int32_t index, const char *market_id,
                      const char *symbol);
/* `held_rows`: those the writer has taken and not committed yet; they count against the bound. */
void inbox_snapshot(struct inbox *inbox, const struct store_snapshot *snapshot, size_t held_rows);
void inbox_known(struct inbox *inbox, const struct store_known *known);
void inbox_seen(struct inbox *inbox, const int32_t *index, const int64_t *ts_seen, size_t count);
void inbox_event(struct inbox *inbox, int64_t ts, enum event_kind kind, const char *symbol,
                 const char *detail);

/*
 * Everything, but no more than BATCH_ROWS snapshots, becomes the batch's, which must be empty; the
 * spans only with the last of the snapshots that came before them.
 */
void inbox_take(struct inbox *inbox, struct batch *batch);

/* `told` is in the database now; what was dropped since is left to be told. */
void inbox_loss_told(struct inbox *inbox, const struct inbox_loss *told);

#endif
