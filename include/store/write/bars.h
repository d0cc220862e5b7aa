/*
 * bars: makes the rows of the table `bar_1m`: open, high, low, close, volume and number of the
 * trades of one instrument in one minute.
 *
 * A row is updated with each new row of the table `trade`, in any order of time, and computed again
 * when rows were corrected. Owns its statements. Used by the writer thread only, within its
 * transactions. Functions return SQLite's result code.
 */
#ifndef STORE_WRITE_BARS_H
#define STORE_WRITE_BARS_H

#include "base/err.h"
#include "store/trade.h"

struct sqlite3;
struct sqlite3_stmt;

struct bars {
    struct sqlite3_stmt *add, *recount;
};

/* `db` must outlive it. -EIO with SQLite's message; on error no close is needed. */
int bars_open(struct bars *bars, struct sqlite3 *db, struct err *err);
void bars_close(struct bars *bars);

/* Adds a trade, once, to the bar of its minute. */
int bars_add(struct bars *bars, const struct store_trade *row);

/* Makes the bar of the minute from the table. `number`: of the last correction of its trades. A bar
 * that has no trade any more stays, with 0 trades. */
int bars_recount(struct bars *bars, int64_t instrument_id, int64_t ts_minute, int64_t number);

#endif
