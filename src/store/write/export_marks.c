#include "store/write/export_marks.h"

#include "store/read/reader.h"
#include "store/write/database.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define BUSY_MS        30000 /* the service locks only briefly; another program's lock may last */
#define NAME_BYTES_MAX 64

bool export_marks_name_valid(const char *name)
{
    size_t len = strlen(name);
    return len > 0 && len <= NAME_BYTES_MAX &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") == len;
}

static int take_mark(void *arg, int columns, const struct reader_value *values)
{
    struct mark *mark = arg;
    (void)columns;
    mark->after = strtoll(values[0].text, NULL, 10);
    mark->ts_after = strtoll(values[1].text, NULL, 10);
    mark->part = strtoll(values[2].text, NULL, 10);
    mark->stored = true;
    return 0;
}

int export_marks_read(const char *path, const char *name, const char *table, struct mark *out,
                      struct err *err)
{
    static const char sql[] =
        "SELECT after, ts_after, part FROM export_mark WHERE name = ?1 AND table_name = ?2";
    const char *const params[] = {name, table};
    struct reader *reader;
    *out = (struct mark){0};
    int rc = reader_open(&reader, path, err);
    if (rc)
        return rc;
    rc = reader_select(reader, sql, params, 2, take_mark, out, err);
    reader_close(reader);
    return rc;
}

/* --- moving ----------------------------------------------------------------------------------- */

static int fail(sqlite3 *db, struct err *err)
{
    return err_set(err, -EIO, "cannot store in the database what was exported: %s",
                   db ? sqlite3_errmsg(db) : "out of memory");
}

/*
 * Inserts a mark that did not exist, or updates the row if it still has the values that were read.
 * `part` cannot tell the two cases apart: a table without rows stores its mark with part 0.
 */
static int move_one(sqlite3 *db, const char *name, const struct mark_move *move, struct err *err)
{
    static const char first_sql[] =
        "INSERT INTO export_mark (name, table_name, after, ts_after, part) "
        "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
    static const char next_sql[] =
        "UPDATE export_mark SET after = ?3, ts_after = ?4, part = ?5 "
        "WHERE name = ?1 AND table_name = ?2 AND part = ?6 AND after = ?7";
    sqlite3_stmt *stmt;
    bool stored = move->from.stored;
    if (sqlite3_prepare_v2(db, stored ? next_sql : first_sql, -1, &stmt, NULL) != SQLITE_OK)
        return fail(db, err);
    sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 2, move->table, -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 3, move->to.after);
    sqlite3_bind_int64(stmt, 4, move->to.ts_after);
    sqlite3_bind_int64(stmt, 5, move->to.part);
    if (stored) {
        sqlite3_bind_int64(stmt, 6, move->from.part);
        sqlite3_bind_int64(stmt, 7, move->from.after);
    }
    int rc = sqlite3_step(stmt) == SQLITE_DONE ? 0 : fail(db, err);
    sqlite3_finalize(stmt);
    if (rc == 0 && sqlite3_changes(db) != 1)
        rc =
            err_set(err, -ESTALE,
                    "another export of the series '%s' ran at the same time: run one at a time, or "
                    "give each its own name",
                    name);
    return rc;
}

static int move_all(sqlite3 *db, const char *name, const struct mark_move *moves, size_t count,
                    struct err *err)
{
    sqlite3_busy_timeout(db, BUSY_MS);
    /* Checkpoints are left to the service. */
    if (sqlite3_exec(db, "PRAGMA wal_autocheckpoint = 0; BEGIN IMMEDIATE", NULL, NULL, NULL) !=
        SQLITE_OK)
        return fail(db, err);
    for (size_t i = 0; i < count; i++) {
        int rc = move_one(db, name, &moves[i], err);
        if (rc)
            return rc; /* closing rolls back */
    }
    return sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK ? 0 : fail(db, err);
}

int export_marks_move(const char *path, const char *name, const struct mark_move *moves,
                      size_t count, struct err *err)
{
    sqlite3 *db = NULL;
    int rc;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ==
            SQLITE_OK &&
        database_keep_files(db, NULL) == 0)
        rc = move_all(db, name, moves, count, err);
    else
        rc = fail(db, err);
    sqlite3_close(db);
    return rc;
}
