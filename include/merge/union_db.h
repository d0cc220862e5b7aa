/*
 * union_db: the database that a merge makes.
 *
 * Owns the file, which gets its name once it is complete (files/new_file), and its connection. No
 * other program sees it before, so it needs no journal. Changes are kept in a temporary table until
 * all are known, because their seq is given in order of time over all instruments.
 */
#ifndef MERGE_UNION_DB_H
#define MERGE_UNION_DB_H

#include "base/err.h"
#include "files/new_file.h"
#include "market/change_union.h"
#include "store/row.h"
#include "store/write/bars.h"
#include "store/write/trades.h"

struct sqlite3;
struct sqlite3_stmt;

#define UNION_DB_PART ".part" /* added to its name until it is complete */

struct union_db {
    struct new_file part;
    struct sqlite3 *db;
    struct row_text text;
    struct trades trades;
    struct bars bars;
    struct sqlite3_stmt *keep, *put_state, *put_coverage, *find_seq;
    int64_t listed;     /* the numbers of trades that no change of the union shows */
    int64_t old_states; /* instruments with a state, of which no change is kept */
    int64_t changes;
};

/* On failure there is nothing to close. */
int union_db_open(struct union_db *to, const char *path, struct err *err);
/* Syncs the file and gives it its name; errors of new_file_place(). */
int union_db_place(struct union_db *to, bool replace, struct err *err);
/* Discards the file unless it was placed. */
void union_db_close(struct union_db *to);

/* The rest returns SQLite's result code; `id` is the instrument's in this database. */

int union_db_put_coverage(struct union_db *to, int64_t id, const struct coverage_part *part);
int union_db_keep(struct union_db *to, int64_t id, const struct change_row *row);
/* The present state of an instrument; its change, the last one that was kept, gets its seq later.
 */
int union_db_put_state(struct union_db *to, int64_t id, const struct change_row *row);
/* The same without a change: `row` is older than all that is kept. */
int union_db_put_old_state(struct union_db *to, int64_t id, const struct store_snapshot *row);

/* Numbers the changes and writes them. Once, after the last of the calls above. */
int union_db_number(struct union_db *to);

/* A trade that `recorder` has under its seq. After union_db_number(). */
int union_db_put_trade(struct union_db *to, const struct store_trade *trade, int recorder);

#endif
