/*
 * backfill_progress: what became of the lists of trades that one run of `cinta backfill` wants, as
 * the database has it, and how that is shown.
 *
 * Another run may ask for the same lists, and have them merged.
 */
#ifndef CLI_BACKFILL_PROGRESS_H
#define CLI_BACKFILL_PROGRESS_H

#include "base/buf.h"
#include "store/read/reader.h"

#include <stdbool.h>

struct backfill_progress {
    int64_t day, ts_asked;  /* merged since then */
    struct buf instruments; /* JSON list of instrument.id */
    int64_t wanted, merged, failed;
    int64_t listed, unlisted; /* trades in the merged lists; recorded ones that are in none */
    int64_t added;            /* trades of that day in the tape that come from lists */
    struct buf failures;      /* lines "SYMBOL: reason", of those that failed */
};

/* Which lists. */
void backfill_progress_init(struct backfill_progress *progress, int64_t day, int64_t ts_asked);
void backfill_progress_want(struct backfill_progress *progress, int64_t instrument_id);

/* Reads the numbers anew. Errors of reader_select(). */
int backfill_progress_read(struct backfill_progress *progress, struct reader *reader,
                           struct err *err);
void backfill_progress_finish(struct backfill_progress *progress);

/* "12 of 40 lists, 3812 trades" */
void backfill_progress_put(const struct backfill_progress *progress, struct buf *out);
/* [########........] of a width in characters */
void backfill_progress_bar(const struct backfill_progress *progress, int width, struct buf *out);
/* One JSON object, with a line end. `complete`: instruments of which nothing was asked. */
void backfill_progress_json(const struct backfill_progress *progress, int64_t complete,
                            struct buf *out);

#endif
