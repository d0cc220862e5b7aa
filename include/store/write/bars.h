/*
 * bars: makes the rows of the table `bar_1m`: open, high, low, close, volume and number of the
 * trades of one instrument in one minute.
 *
 * A bar is the sum of its trades in any order of time: trades are collected in memory (pure), and
 * bars_put adds what was collected to the row of that minute. It is computed again when rows were
 * corrected. Owns its statements. Used by the writer thread only, within its transactions. The
 * functions with statements return SQLite's result code.
 */
#ifndef STORE_WRITE_BARS_H
#define STORE_WRITE_BARS_H

#include "base/err.h"
#include "store/trade.h"

#include <stdbool.h>

struct sqlite3;
struct sqlite3_stmt;

/* The columns of `bar_1m`; those of one or more trades. */
struct bar {
    int64_t instrument_id;
    int64_t ts_minute, ts_open, ts_close; /* ns UTC */
    double open, high, low, close;
    double volume; /* NAN: no size is known */
    int64_t trades;
    int64_t last_seq, last_listed; /* 0: no trade of that kind */
};

struct bar bar_of(const struct store_trade *row);

/* Adds a trade that follows the earlier ones in order of seq. False: it is of another bar. */
bool bar_join(struct bar *bar, const struct store_trade *row);

struct bars {
    struct sqlite3_stmt *put, *recount;
};

/* `db` must outlive it. -EIO with SQLite's message; on error no close is needed. */
int bars_open(struct bars *bars, struct sqlite3 *db, struct err *err);
void bars_close(struct bars *bars);

/* Adds trades that the table does not have yet. */
int bars_put(struct bars *bars, const struct bar *bar);

/* Makes the bar of the minute from the table. `number`: of the last correction of its trades. A bar
 * that has no trade any more stays, with 0 trades. */
int bars_recount(struct bars *bars, int64_t instrument_id, int64_t ts_minute, int64_t number);

#endif
