/*
 * trades: makes the rows of the table `trade`: reads the trade that a change shows, looks whether
 * the table has it, adds and corrects it.
 *
 * What a trade is and when two are the same is decided by market/trade. Owns its statements. Used
 * by the writer thread only, within its transactions. Functions return SQLite's result code.
 */
#ifndef STORE_WRITE_TRADES_H
#define STORE_WRITE_TRADES_H

#include "base/err.h"
#include "store/trade.h"

struct sqlite3;
struct sqlite3_stmt;

struct trades {
    struct sqlite3_stmt *read_change, *find_newest, *list_at, *add, *correct;
};

/* What trades_shown() reads, of snapshot_recent. */
#define TRADES_COLUMNS                                                                             \
    "seq, instrument_id, changed, source, ts_recv, event_ago, last_ago, unit, last_price, "        \
    "last_size"

/* `db` must outlive it. -EIO with SQLite's message; on error no close is needed. */
int trades_open(struct trades *trades, struct sqlite3 *db, struct err *err);
void trades_close(struct trades *trades);

/* The trade that the change `seq` of snapshot_recent shows; *shown is false when it shows none. */
int trades_read(struct trades *trades, int64_t seq, struct store_trade *out, bool *shown);

/* The same of the present row of a statement that selects TRADES_COLUMNS. False: it shows none. */
bool trades_shown(struct sqlite3_stmt *row, struct store_trade *out);

/* The latest time of an instrument's trades in the table; 0: it has none. */
int trades_newest(struct trades *trades, int64_t instrument_id, int64_t *ts_event);

/* Whether the table has it; seq and origin are not compared. */
int trades_find(struct trades *trades, const struct store_trade *row, bool *found);

int trades_add(struct trades *trades, const struct store_trade *row);

/* `number`: of the correction, see trade.corrected. */
int trades_correct(struct trades *trades, int64_t instrument_id, const struct store_correction *to,
                   int64_t number);

#endif
