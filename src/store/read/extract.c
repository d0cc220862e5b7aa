#include "store/read/extract.h"

#include "base/glob.h"
#include "base/word_list.h"
#include "files/export_names.h"
#include "store/read/extract_cells.h"
#include "store/read/read_only.h"
#include "store/schema.h"
#include "store/sql.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_STOP 10000 /* SQLite's virtual machine instructions between calls of `stop` */

struct instrument {
    int64_t id;
    char *market, *symbol; /* owned */
    int decimals;          /* of its prices; 0 = unknown */
};

struct extract {
    sqlite3 *db;
    extract_stop *stop;
    void *stop_arg;
    struct instrument *instruments; /* owned; those picked, by id */
    size_t instruments_count, instruments_cap;
    const char *const *patterns;
    int patterns_count;

    const struct extract_source *source; /* of the current query */
    sqlite3_stmt *rows;
    size_t at; /* index of the row's instrument; rows and instruments have the same order */
    struct extract_cells cells;
};

static int fail(struct extract *e, struct err *err)
{
    if (sqlite3_errcode(e->db) == SQLITE_INTERRUPT)
        return err_set(err, -EINTR, "interrupted");
    return sql_fail(e->db, "cannot read the database", err);
}

/* --- tables ----------------------------------------------------------------------------------- */

const char *extract_table_name(enum extract_table table)
{
    return export_tables[table];
}

int extract_table_find(const char *name)
{
    return word_list_find(export_tables, name);
}

int extract_columns_count(enum extract_table table)
{
    return extract_sources[table].columns_count;
}

const char *extract_column_name(enum extract_table table, int column)
{
    return extract_sources[table].columns[column].name;
}

enum cell_kind extract_column_kind(enum extract_table table, int column)
{
    return extract_rule_kind(extract_sources[table].columns[column].rule);
}

/* --- opening ---------------------------------------------------------------------------------- */

static int on_progress(void *arg)
{
    struct extract *e = arg;
    return e->stop(e->stop_arg);
}

static int open_checked(struct extract *e, const char *path, struct err *err)
{
    int version;
    int rc = read_only_open_ours(&e->db, path, &version, err);
    if (rc)
        return rc;
    if (e->stop)
        sqlite3_progress_handler(e->db, STEPS_STOP, on_progress, e);
    if (version < schema_newest())
        return err_set(err, -EPROTO,
                       "'%s' has schema version %d, this program needs %d: start `cinta run` on it "
                       "first",
                       path, version, schema_newest());
    return 0;
}

int extract_open(struct extract **out, const char *path, extract_stop *stop, void *arg,
                 struct err *err)
{
    struct extract *e = calloc(1, sizeof(*e));
    if (!e)
        return err_set(err, -ENOMEM, "out of memory");
    e->stop = stop;
    e->stop_arg = arg;
    int rc = open_checked(e, path, err);
    if (rc)
        extract_close(e);
    else
        *out = e;
    return rc;
}

static void free_instruments(struct extract *e)
{
    for (size_t i = 0; i < e->instruments_count; i++) {
        free(e->instruments[i].market);
        free(e->instruments[i].symbol);
    }
    free(e->instruments);
    e->instruments = NULL;
    e->instruments_count = e->instruments_cap = 0;
}

void extract_close(struct extract *e)
{
    if (!e)
        return;
    extract_end(e);
    free_instruments(e);
    sqlite3_close(e->db);
    free(e);
}

/* --- instruments ------------------------------------------------------------------------------ */

static int add_instrument(struct extract *e, sqlite3_stmt *stmt)
{
    if (e->instruments_count == e->instruments_cap) {
        size_t cap = e->instruments_cap ? e->instruments_cap * 2 : 256;
        struct instrument *grown = realloc(e->instruments, cap * sizeof(*grown));
        if (!grown)
            return -ENOMEM;
        e->instruments = grown;
        e->instruments_cap = cap;
    }
    struct instrument *added = &e->instruments[e->instruments_count];
    added->id = sqlite3_column_int64(stmt, 0);
    added->market = strdup((const char *)sqlite3_column_text(stmt, 1));
    added->symbol = strdup((const char *)sqlite3_column_text(stmt, 2));
    added->decimals = sqlite3_column_int(stmt, 3);
    e->instruments_count++;
    return added->market && added->symbol ? 0 : -ENOMEM;
}

static int read_instruments(struct extract *e, struct err *err)
{
    sqlite3_stmt *stmt;
    int step, rc = 0;
    if (sqlite3_prepare_v2(
            e->db,
            "SELECT id, market_id, symbol, price_decimals FROM instrument WHERE ts_recorded IS NOT "
            "NULL ORDER BY id",
            -1, &stmt, NULL) != SQLITE_OK)
        return fail(e, err);
    while (rc == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        if (glob_any(e->patterns, e->patterns_count, (const char *)sqlite3_column_text(stmt, 2)))
            rc = add_instrument(e, stmt);
    }
    sqlite3_finalize(stmt);
    if (rc)
        return err_set(err, rc, "out of memory");
    return step == SQLITE_DONE ? 0 : fail(e, err);
}

static int put_picked(struct extract *e, struct err *err)
{
    sqlite3_stmt *stmt;
    int rc = sql_exec(e->db, "CREATE TEMP TABLE IF NOT EXISTS picked (id INTEGER PRIMARY KEY);"
                             "DELETE FROM temp.picked");
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(e->db, "INSERT INTO temp.picked VALUES (?)", -1, &stmt, NULL);
    if (rc != SQLITE_OK)
        return fail(e, err);
    for (size_t i = 0; rc == SQLITE_OK && i < e->instruments_count; i++)
        rc = sql_run(stmt, SQL_VALUES(SQL_WHOLE(e->instruments[i].id)));
    sqlite3_finalize(stmt);
    return rc == SQLITE_OK ? 0 : fail(e, err);
}

int extract_pick(struct extract *e, const char *const *patterns, int patterns_count,
                 int64_t *matched, struct err *err)
{
    free_instruments(e);
    e->patterns = patterns;
    e->patterns_count = patterns_count;
    int rc = read_instruments(e, err);
    if (rc == 0)
        rc = put_picked(e, err);
    *matched = (int64_t)e->instruments_count;
    return rc;
}

/* --- queries ---------------------------------------------------------------------------------- */

static sqlite3_stmt *prepare(struct extract *e, const char *sql, const struct extract_query *query)
{
    sqlite3_stmt *stmt;
    if (sqlite3_prepare_v2(e->db, sql, -1, &stmt, NULL) != SQLITE_OK)
        return NULL;
    sql_bind(stmt, SQL_VALUES(SQL_WHOLE(query->ts_from), SQL_WHOLE(query->ts_to),
                              SQL_WHOLE(query->seq_from), SQL_WHOLE(query->seq_to),
                              SQL_WHOLE(query->ts_reach), SQL_WHOLE(query->listed_from),
                              SQL_WHOLE(query->listed_to), SQL_WHOLE(query->ts_new)));
    return stmt;
}

int extract_bounds(struct extract *e, struct extract_bounds *out, struct err *err)
{
    static const char sql[] =
        "SELECT (SELECT last_seq FROM ledger), coalesce((SELECT max(id) FROM feed_event), 0),"
        "       coalesce((SELECT ts_recv FROM quote ORDER BY seq DESC LIMIT 1), 0),"
        "       (SELECT listed FROM ledger)";
    sqlite3_stmt *stmt = prepare(e, sql, &(struct extract_query){0});
    if (!stmt)
        return fail(e, err);
    int step = sqlite3_step(stmt);
    out->last_seq = sqlite3_column_int64(stmt, 0);
    out->last_event_id = sqlite3_column_int64(stmt, 1);
    out->ts_last = sqlite3_column_int64(stmt, 2);
    out->last_listed = sqlite3_column_int64(stmt, 3);
    sqlite3_finalize(stmt);
    return step == SQLITE_ROW ? 0 : fail(e, err);
}

int extract_span(struct extract *e, const struct extract_query *query, int64_t *first,
                 int64_t *last, struct err *err)
{
    sqlite3_stmt *stmt = prepare(e, extract_sources[query->table].span, query);
    if (!stmt)
        return fail(e, err);
    int step = sqlite3_step(stmt);
    bool none = step != SQLITE_ROW || sqlite3_column_type(stmt, 0) == SQLITE_NULL;
    *first = none ? 1 : sqlite3_column_int64(stmt, 0);
    *last = none ? 0 : sqlite3_column_int64(stmt, 1);
    sqlite3_finalize(stmt);
    return step == SQLITE_ROW ? 0 : fail(e, err);
}

/* --- rows ------------------------------------------------------------------------------------- */

int extract_begin(struct extract *e, const struct extract_query *query, struct err *err)
{
    extract_end(e);
    if (sql_exec(e->db, "BEGIN") != SQLITE_OK)
        return fail(e, err);
    e->source = &extract_sources[query->table];
    e->at = 0;
    e->rows = prepare(e, e->source->rows, query);
    return e->rows ? 0 : fail(e, err);
}

/* False: an event whose symbol was not selected; the other tables only return selected rows. */
static bool find_instrument(struct extract *e)
{
    int64_t id = sqlite3_column_int64(e->rows, 0);
    if (id == 0) {
        const char *symbol = (const char *)sqlite3_column_text(e->rows, EXTRACT_EVENT_SYMBOL);
        return e->patterns_count == 0 ||
               (symbol && glob_any(e->patterns, e->patterns_count, symbol));
    }
    while (e->at + 1 < e->instruments_count && e->instruments[e->at].id < id)
        e->at++;
    return true;
}

static void make_row(struct extract *e, struct extract_row *row)
{
    const struct instrument none = {0};
    const struct instrument *i = e->instruments_count ? &e->instruments[e->at] : &none;
    const struct extract_instrument shown = {i->market, i->symbol, i->decimals};
    extract_cells_read(&e->cells, e->source, e->rows, &shown);
    row->ts = sqlite3_column_int64(e->rows, 1);
    row->seq = sqlite3_column_int64(e->rows, 2);
    row->cells = e->cells.cells;
}

int extract_next(struct extract *e, struct extract_row *row, struct err *err)
{
    int step;
    while ((step = sqlite3_step(e->rows)) == SQLITE_ROW) {
        if (!find_instrument(e))
            continue;
        make_row(e, row);
        return 1;
    }
    return step == SQLITE_DONE ? 0 : fail(e, err);
}

double extract_done(const struct extract *e)
{
    return e->instruments_count ? (double)e->at / (double)e->instruments_count : 0;
}

void extract_end(struct extract *e)
{
    sqlite3_finalize(e->rows);
    e->rows = NULL;
    if (e->db && !sqlite3_get_autocommit(e->db))
        sql_exec(e->db, "ROLLBACK"); /* ends the read transaction */
}
