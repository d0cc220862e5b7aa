#include "append.h"

#include "base/clock.h"
#include "report.h"
#include "statements.h"
#include "store/packed.h"
#include "store/write/batch.h"
#include "store/write/database.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX      PACKED_COLUMNS_COUNT
#define CHECKPOINT_PAGES 4000 /* the store's limit under load */

struct cell {
    int type; /* SQLITE_INTEGER, ... */
    int len_bytes;
    union {
        sqlite3_int64 whole;
        double real;
        char *text; /* owned */
    };
};

/* --- preparation ------------------------------------------------------------------------------ */

static struct cell read_cell(sqlite3_stmt *stmt, int at)
{
    struct cell cell = {.type = sqlite3_column_type(stmt, at)};
    if (cell.type == SQLITE_INTEGER)
        cell.whole = sqlite3_column_int64(stmt, at);
    else if (cell.type == SQLITE_FLOAT)
        cell.real = sqlite3_column_double(stmt, at);
    else if (cell.type == SQLITE_TEXT) {
        cell.text = strdup((const char *)sqlite3_column_text(stmt, at));
        cell.len_bytes = sqlite3_column_bytes(stmt, at);
    }
    return cell;
}

/* --- table shapes ----------------------------------------------------------------------------- */

/* A change as the store stores it. */
static void bind_packed(sqlite3_stmt *stmt, const struct store_snapshot *row, struct row_text *text)
{
    packed_bind(stmt, row, row->instrument + 1, text);
}

/* A simple table: prices as REAL, books as JSON. */
static void bind_plain(sqlite3_stmt *stmt, const struct store_snapshot *row, struct row_text *text)
{
    sqlite3_bind_int64(stmt, 1, row->seq);
    sqlite3_bind_int64(stmt, 2, row->instrument + 1);
    sqlite3_bind_int64(stmt, 3, row->changed);
    row_bind(stmt, 4, row, text);
}

static const struct shape {
    int columns;
    int ts_recv; /* index of its column; seq is column 0 */
    const char *table, *echo, *insert;
    void (*bind)(sqlite3_stmt *stmt, const struct store_snapshot *row, struct row_text *text);
} shapes[] = {
    [APPEND_PACKED] = {PACKED_COLUMNS_COUNT, 3, "", SQL_PACKED_VALUES,
                       "INSERT INTO snapshot_recent (" PACKED_COLUMNS ") " SQL_PACKED_VALUES,
                       bind_packed},
    [APPEND_PLAIN] = {ROW_COLUMNS_COUNT + 3, 5,
                      "CREATE TABLE plain (seq INTEGER PRIMARY KEY, instrument_id INTEGER NOT NULL,"
                      " changed INTEGER NOT NULL, " ROW_COLUMNS ")",
                      SQL_PLAIN_VALUES,
                      "INSERT INTO plain (seq, instrument_id, changed, " ROW_COLUMNS
                      ") " SQL_PLAIN_VALUES,
                      bind_plain},
};

/* A statement that returns its parameters, to read the values that were bound. */
static struct cell *prepare_cells(sqlite3 *db, const struct rows *rows, const struct shape *shape)
{
    struct cell *cells = calloc(rows->count * COLUMNS_MAX, sizeof(*cells));
    sqlite3_stmt *echo = statement_prepare(db, shape->echo);
    struct row_text text;
    if (!cells)
        report_fail("out of memory");
    row_text_init(&text);
    for (size_t n = 0; n < rows->count; n++) {
        shape->bind(echo, &rows->list[n], &text);
        sqlite3_step(echo);
        for (int at = 0; at < shape->columns; at++)
            cells[n * COLUMNS_MAX + (size_t)at] = read_cell(echo, at);
        sqlite3_reset(echo);
    }
    row_text_finish(&text);
    sqlite3_finalize(echo);
    return cells;
}

static void free_cells(struct cell *cells, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (cells[i].type == SQLITE_TEXT)
            free(cells[i].text);
    }
    free(cells);
}

/* --- the append ------------------------------------------------------------------------------- */

static void bind_cell(sqlite3_stmt *stmt, int at, const struct cell *cell)
{
    if (cell->type == SQLITE_INTEGER)
        sqlite3_bind_int64(stmt, at, cell->whole);
    else if (cell->type == SQLITE_FLOAT)
        sqlite3_bind_double(stmt, at, cell->real);
    else if (cell->type == SQLITE_TEXT)
        sqlite3_bind_text(stmt, at, cell->text, cell->len_bytes, SQLITE_STATIC);
    else
        sqlite3_bind_null(stmt, at);
}

static void insert(sqlite3_stmt *stmt, const struct shape *shape, const struct cell *cells,
                   int64_t seq, int64_t ts_recv)
{
    for (int at = 0; at < shape->columns; at++)
        bind_cell(stmt, at + 1, &cells[at]);
    sqlite3_bind_int64(stmt, 1, seq);
    sqlite3_bind_int64(stmt, shape->ts_recv, ts_recv);
    statement_step(stmt);
}

static int on_wal(void *arg, sqlite3 *db, const char *name, int pages)
{
    (void)arg;
    (void)name;
    if (pages >= CHECKPOINT_PAGES)
        sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    return SQLITE_OK;
}

static void append(sqlite3 *db, const struct shape *shape, const struct rows *rows,
                   const struct cell *cells, int64_t count)
{
    sqlite3_stmt *stmt = statement_prepare(db, shape->insert);
    int64_t base_ns = clock_now().wall_ns;
    for (int64_t n = 0; n < count; n++) {
        if (n % BATCH_ROWS == 0)
            statements_run(db, "BEGIN IMMEDIATE");
        insert(stmt, shape, &cells[(size_t)n % rows->count * COLUMNS_MAX], n + 1,
               base_ns + n * 100123);
        if ((n + 1) % BATCH_ROWS == 0 || n + 1 == count)
            statements_run(db, "COMMIT");
    }
    sqlite3_finalize(stmt);
}

void append_rows(const char *path, const struct rows *rows, int64_t count, enum append_shape which)
{
    const struct shape *shape = &shapes[which];
    struct err err = {0};
    struct database database;
    if (database_open(&database, path, false, &err))
        report_fail("%s", err.text);
    statements_run(database.db, shape->table);
    struct cell *cells = prepare_cells(database.db, rows, shape);
    sqlite3_wal_hook(database.db, on_wal, NULL);
    struct stopwatch watch = stopwatch_start();
    append(database.db, shape, rows, cells, count);
    report_pace(which == APPEND_PLAIN ? "plain" : "append", count, &watch);
    free_cells(cells, rows->count * COLUMNS_MAX);
    database_close(&database);
}
