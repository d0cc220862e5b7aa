/*
 * recorder_db: the database of one recorder, read for a merge.
 *
 * Owns a read-only connection with one read transaction, so that everything is of one moment, also
 * while a service records. Functions return SQLite's result code unless they take an `err`.
 */
#ifndef MERGE_RECORDER_DB_H
#define MERGE_RECORDER_DB_H

#include "base/err.h"
#include "base/json.h"
#include "market/change_union.h"
#include "store/trade.h"

struct sqlite3;
struct sqlite3_stmt;

struct recorder_db {
    struct sqlite3 *db;
    const char *path; /* borrowed */
    const char *name; /* its last part */
    int recorder;
    struct json_parser *parser;
    struct sqlite3_stmt *coverage, *changes, *trades, *next_trade;
};

/* -EPROTO: its schema is older than this program's; errors of read_only_open_ours(). On failure
 * there is nothing to close. */
int recorder_db_open(struct recorder_db *from, const char *path, int recorder, struct err *err);
void recorder_db_close(struct recorder_db *from);

/* The intervals of an instrument (its id here), added to the array; grows it. */
struct coverage_list {
    struct coverage_part *item; /* owned */
    size_t count, cap;
};
int recorder_db_coverage(struct recorder_db *from, int64_t id, struct coverage_list *out);

/* The changes of an instrument in order of ts_recv: begin, then next until *row has seq 0. */
void recorder_db_begin(struct recorder_db *from, int64_t id);
int recorder_db_next(struct recorder_db *from, struct change_row *row);

/* The day of the first trade at or after `ts`, in Argentina; *day is INT64_MAX when there is none.
 */
int recorder_db_trade_day(struct recorder_db *from, int64_t id, int64_t ts, int64_t *day);

struct trade_list {
    struct store_trade *item; /* owned; instrument_id is not set */
    size_t count, cap;
};
/* Replaces the list with the trades in [ts_from, ts_to), in order of time. */
int recorder_db_trades(struct recorder_db *from, int64_t id, int64_t ts_from, int64_t ts_to,
                       struct trade_list *out);

#endif
