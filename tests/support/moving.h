/*
 * moving: helpers to compare query results before and after rows are moved to history.
 */
#ifndef STORE_MOVING_H
#define STORE_MOVING_H

#include "store/write/database.h"
#include "store/write/mover.h"
#include "support/store_fixture.h"

/* A hash of all rows that a query returns. */
__attribute__((unused)) static uint64_t digest(const struct fixture *f, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *stmt;
    uint64_t hash = 1469598103934665603u;
    assert_int_equal(sqlite3_open_v2(f->path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        for (int c = 0; c < sqlite3_column_count(stmt); c++) {
            const char *text = (const char *)sqlite3_column_text(stmt, c);
            for (const char *at = text ? text : "~"; *at; at++)
                hash = (hash ^ (unsigned char)*at) * 1099511628211u;
            hash = (hash ^ '|') * 1099511628211u;
        }
    }
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return hash;
}

/* Runs the mover for `steps` transactions of at least `step_ms`, or until all rows are moved. */
__attribute__((unused)) static void move_steps(const struct fixture *f, int steps, int64_t step_ms)
{
    struct database database;
    struct mover mover;
    int64_t moved;
    struct err err;
    t_int(database_open(&database, f->path, false, &err), 0);
    t_int(mover_open(&mover, database.db, &err), 0);
    mover.step_ms = step_ms;
    for (int n = 0; n < steps && mover.rows; n++)
        t_int(mover_step(&mover, &moved), SQLITE_OK);
    mover_close(&mover);
    database_close(&database);
}

__attribute__((unused)) static void move(const struct fixture *f, int steps)
{
    move_steps(f, steps, 1000);
}

/* The shortest transactions: each copies or removes MOVER_BITE_ROWS rows. */
__attribute__((unused)) static void move_bites(const struct fixture *f, int steps)
{
    move_steps(f, steps, 0);
}

#endif
