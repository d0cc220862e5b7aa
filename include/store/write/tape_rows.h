/*
 * tape_rows: adds trades to the table `trade`, each with its bar in `bar_1m`: those that changes
 * show, and those of the broker's list.
 *
 * A change that shows a trade of a time up to which the list has been merged (table `tape_day`)
 * adds no row: its trade is in the list, perhaps with a more exact time. One that shows a trade
 * without a time of its own adds none if it may be the last one of the merged list; if it is a
 * newer one, the next list has it. In a replica changes add none. Owns its statements. Used by the
 * writer thread only, within its transactions. Functions return SQLite's result code.
 */
#ifndef STORE_WRITE_TAPE_ROWS_H
#define STORE_WRITE_TAPE_ROWS_H

#include "base/err.h"
#include "store/write/bars.h"
#include "store/write/trades.h"

#include <stdbool.h>
#include <stddef.h>

struct sqlite3;
struct sqlite3_stmt;

struct tape_rows {
    bool given; /* a replica: the trades that changes show are published by their recorder */
    struct sqlite3_stmt *complete, *last_listed;
    struct trades trades;
    struct bars bars;
};

/* `db` must outlive it. -EIO with SQLite's message; on error no close is needed. */
int tape_rows_open(struct tape_rows *rows, struct sqlite3 *db, struct err *err);
void tape_rows_close(struct tape_rows *rows);

/* Adds the trade that the change `seq` of snapshot_recent shows, unless it shows none or the table
 * or the merged list has it. */
int tape_rows_show(struct tape_rows *rows, int64_t seq);

/* The same for the trades that many changes show, in the order of instrument and seq: the lookups
 * are one per instrument, the bars are written once per minute. */
int tape_rows_show_all(struct tape_rows *rows, const struct store_trade *shown, size_t count);

/* Adds a trade that the table does not have. */
int tape_rows_add(struct tape_rows *rows, const struct store_trade *row);

/*
 * For many at once: adds a trade, or corrects one that the table has. The bar of its (new) minute
 * must be recounted afterwards, in the same transaction, once for all of them. `number`: of the
 * last one, in the series of ledger.listed.
 */
int tape_rows_add_only(struct tape_rows *rows, const struct store_trade *row);
int tape_rows_correct(struct tape_rows *rows, int64_t instrument_id,
                      const struct store_correction *to, int64_t number);
int tape_rows_recount(struct tape_rows *rows, int64_t instrument_id, int64_t ts_minute,
                      int64_t number);

#endif
