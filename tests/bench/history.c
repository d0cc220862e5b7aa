#include "history.h"

#include "base/clock.h"
#include "report.h"
#include "statements.h"
#include "store/packed.h"
#include "store/write/database.h"

#include <sqlite3.h>
#include <stdlib.h>

#define OPENS_NS (10 * 3600 * NS_PER_S) /* after midnight */
#define AT_ONCE  100000                 /* rows in a transaction */

/* State while the database is created. */
struct history {
    sqlite3 *db;
    sqlite3_stmt *add;
    struct row_text text;
    const struct rows *rows;
    int64_t count, done;
    int days;
};

int64_t history_opens_ns(int day, int days)
{
    int64_t today = art_day(clock_now().wall_ns);
    return art_day_begins_ns(today - days + day) + OPENS_NS;
}

static void add_instruments(const struct history *h)
{
    sqlite3_stmt *stmt = statement_prepare(
        h->db, "INSERT INTO instrument (market_id, symbol, ts_created) VALUES ('ROFX', ?, ?)");
    for (int i = 0; i < h->rows->instruments; i++) {
        sqlite3_bind_text(stmt, 1, h->rows->symbols[i], -1, SQLITE_STATIC);
        sqlite3_bind_int64(stmt, 2, history_opens_ns(0, h->days));
        statement_step(stmt);
    }
    sqlite3_finalize(stmt);
}

/* Inserts change number `nth` (0, 1, ...). */
static int64_t time_of(const struct history *h, int64_t nth)
{
    int64_t a_day = h->count / h->days;
    return history_opens_ns((int)(nth / a_day), h->days) +
           nth % a_day * (HISTORY_SESSION_NS / a_day);
}

static void add_row(struct history *h, int64_t number, int instrument, int64_t nth)
{
    struct store_snapshot row = rows_at(h->rows, number, nth + 1, time_of(h, nth));
    packed_bind(h->add, &row, instrument + 1, &h->text);
    statement_step(h->add);
    if (++h->done % AT_ONCE == 0)
        statements_run(h->db, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE); BEGIN");
}

/* `next`: distance to the next row of the same instrument, cyclic; `first`: its first row. */
static void link_rows(const struct rows *rows, int64_t *next, int64_t *first)
{
    int64_t count = (int64_t)rows->count;
    for (int64_t n = 2 * count - 1; n >= 0;
         n--) { /* two passes: the last row's next is the first */
        int instrument = rows->list[n % count].instrument;
        next[n % count] = first[instrument] - n;
        first[instrument] = n;
    }
}

/* The instruments change in turn, so that all have the same number of rows. */
static void add_rows(struct history *h)
{
    int64_t *next = calloc(h->rows->count, sizeof(*next));
    int64_t *first = calloc((size_t)h->rows->instruments, sizeof(*first));
    if (!next || !first)
        report_fail("out of memory");
    link_rows(h->rows, next, first);
    for (int i = 0; i < h->rows->instruments; i++) {
        int64_t number = first[i];
        for (int64_t nth = i; nth < h->count; nth += h->rows->instruments) {
            add_row(h, number, i, nth);
            number += next[number % (int64_t)h->rows->count];
        }
    }
    free(next);
    free(first);
}

/* Sets the ledger as if the store had assigned these seq. */
static void keep_ledger(const struct history *h)
{
    sqlite3_stmt *stmt = statement_prepare(h->db, "UPDATE ledger SET last_seq = ?1, written = ?1");
    sqlite3_bind_int64(stmt, 1, h->count);
    statement_step(stmt);
    sqlite3_finalize(stmt);
}

void history_make(const char *path, const struct rows *rows, int64_t count, int days)
{
    struct err err = {0};
    struct database database;
    struct history h = {.rows = rows, .count = count / days * days, .days = days};
    if (database_open(&database, path, false, &err))
        report_fail("%s", err.text);
    h.db = database.db;
    h.add = statement_prepare(h.db, "INSERT INTO snapshot_history (" PACKED_COLUMNS
                                    ") " SQL_PACKED_VALUES);
    row_text_init(&h.text);
    statements_run(h.db, "BEGIN");
    add_instruments(&h);
    add_rows(&h);
    keep_ledger(&h);
    statements_run(h.db, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
    row_text_finish(&h.text);
    sqlite3_finalize(h.add);
    database_close(&database);
}
