/*
 * store_fixture: a temporary folder with a database, sample rows, and helpers for queries.
 */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include "store/write/store.h"
#include "support/put_row.h"
#include "support/t.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#define T0 INT64_C(1795446000000000000) /* 2026-11-23 12:00:00 in Argentina, ns UTC */

struct fixture {
    char dir[64], path[96];
};

__attribute__((unused)) static struct fixture fixture_make(void)
{
    struct fixture f;
    snprintf(f.dir, sizeof(f.dir), "/tmp/cinta-store-XXXXXX");
    assert_non_null(mkdtemp(f.dir));
    snprintf(f.path, sizeof(f.path), "%s/cinta.db", f.dir);
    return f;
}

/* A store that commits at once, with instruments S0, S1, ... */
__attribute__((unused)) static struct store *fixture_store(const char *path, int32_t instruments)
{
    const struct store_config config = {path, false, 1, 30000, 0, 0, false};
    struct store *store;
    struct err err;
    if (store_create(&store, &config, NULL, NULL, &err))
        fail_msg("%s", err.text);
    for (int32_t i = 0; i < instruments; i++) {
        char symbol[32];
        snprintf(symbol, sizeof(symbol), "S%d", i);
        store_instrument(store, i, "ROFX", symbol);
    }
    return store;
}

__attribute__((unused)) static void fixture_close(struct store *store)
{
    struct err err;
    if (store_close(store, 30000, &err))
        fail_msg("%s", err.text);
}

__attribute__((unused)) static void fixture_remove(const struct fixture *f)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    char path[128];
    for (size_t i = 0; i < T_COUNT(suffixes); i++) {
        snprintf(path, sizeof(path), "%s%s", f->path, suffixes[i]);
        unlink(path);
    }
    t_int(rmdir(f->dir), 0);
}

/* The value that a query returns; -1 for NULL or no row. */
__attribute__((unused)) static double ask(const struct fixture *f, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *stmt;
    double value = -1;
    assert_int_equal(sqlite3_open_v2(f->path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    sqlite3_busy_timeout(db, 10000);
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    if (sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_type(stmt, 0) != SQLITE_NULL)
        value = sqlite3_column_double(stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return value;
}

__attribute__((unused)) static bool ask_text(const struct fixture *f, const char *sql, char *out,
                                             size_t size)
{
    sqlite3 *db;
    sqlite3_stmt *stmt;
    *out = '\0';
    assert_int_equal(sqlite3_open_v2(f->path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    bool found = sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_type(stmt, 0) != SQLITE_NULL;
    if (found)
        snprintf(out, size, "%s", (const char *)sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return found;
}

/* The lines of EXPLAIN QUERY PLAN. */
__attribute__((unused)) static void plan_of(const struct fixture *f, const char *query, char *out,
                                            size_t size)
{
    char sql[512];
    sqlite3 *db;
    sqlite3_stmt *stmt;
    *out = '\0';
    snprintf(sql, sizeof(sql), "explain query plan %s", query);
    assert_int_equal(sqlite3_open_v2(f->path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        size_t used = strlen(out);
        snprintf(out + used, size - used, "%s\n", (const char *)sqlite3_column_text(stmt, 3));
    }
    sqlite3_finalize(stmt);
    sqlite3_close(db);
}

__attribute__((unused)) static struct store_snapshot snapshot(int32_t instrument, int64_t seq,
                                                              double bid)
{
    struct store_snapshot row = {
        .instrument = instrument,
        .source = SOURCE_REST,
        .seq = seq,
        .ts_recv = T0 + seq,
        .changed = ENTRY_BIT(ENTRY_BI),
        .quote = quote_none(),
    };
    row.quote.bids.count = 1;
    row.quote.bids.level[0] = (struct level){bid, 10};
    return row;
}

#endif
