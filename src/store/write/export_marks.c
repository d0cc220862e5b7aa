#include "store/write/export_marks.h"

#include "store/read/reader.h"
#include "store/sql.h"

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
    mark->seq = strtoll(values[3].text, NULL, 10);
    mark->listed = strtoll(values[4].text, NULL, 10);
    mark->stored = true;
    return 0;
}

int export_marks_read(const char *path, const char *name, const char *table, struct mark *out,
                      struct err *err)
{
    static const char sql[] = "SELECT after, ts_after, part, seq, listed FROM export_mark"
                              " WHERE name = ?1 AND table_name = ?2";
    const char *const params[] = {name, table};
    struct reader *reader;
    *out = (struct mark){0};
    int rc = reader_open(&reader, path, err);
    if (rc)
        return rc;
    rc = reader_select(reader, &(const struct reader_query){sql, params, 2}, take_mark, out, err);
    reader_close(reader);
    return rc;
}

/* --- moving ----------------------------------------------------------------------------------- */

static int fail(sqlite3 *db, struct err *err)
{
    return sql_fail(db, "cannot store in the database what was exported", err);
}

/*
 * Inserts a mark that did not exist, or updates the row if it still has the values that were read.
 * `part` cannot tell the two cases apart: a table without rows stores its mark with part 0.
 */
static int move_one(sqlite3 *db, const char *name, const struct mark_move *move, struct err *err)
{
    static const char first_sql[] =
        "INSERT INTO export_mark (name, table_name, after, ts_after, part, seq, listed) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";
    static const char next_sql[] =
        "UPDATE export_mark SET after = ?3, ts_after = ?4, part = ?5, seq = ?6, listed = ?7 "
        "WHERE name = ?1 AND table_name = ?2 AND part = ?8 AND after = ?9 AND listed = ?10";
    if (sql_once(db, move->from.stored ? next_sql : first_sql,
                 SQL_VALUES(SQL_TEXT(name), SQL_TEXT(move->table), SQL_WHOLE(move->to.after),
                            SQL_WHOLE(move->to.ts_after), SQL_WHOLE(move->to.part),
                            SQL_WHOLE(move->to.seq), SQL_WHOLE(move->to.listed),
                            SQL_WHOLE(move->from.part), SQL_WHOLE(move->from.after),
                            SQL_WHOLE(move->from.listed))) != SQLITE_OK)
        return fail(db, err);
    if (sqlite3_changes(db) == 1)
        return 0;
    return err_set(err, -ESTALE,
                   "another export of the series '%s' ran at the same time: run one at a time, or "
                   "give each its own name",
                   name);
}

static int move_all(sqlite3 *db, const char *name, const struct mark_move *moves, size_t count,
                    struct err *err)
{
    if (sql_begin(db) != SQLITE_OK)
        return fail(db, err);
    for (size_t i = 0; i < count; i++) {
        int rc = move_one(db, name, &moves[i], err);
        if (rc)
            return rc; /* closing rolls back */
    }
    return sql_exec(db, "COMMIT") == SQLITE_OK ? 0 : fail(db, err);
}

int export_marks_move(const char *path, const char *name, const struct mark_move *moves,
                      size_t count, struct err *err)
{
    sqlite3 *db = NULL;
    int rc = sql_open(&db, path, SQL_WRITE, BUSY_MS, err);
    if (rc == 0)
        rc = move_all(db, name, moves, count, err);
    else
        err_prefix(err, "cannot store in the database what was exported: ");
    sqlite3_close(db);
    return rc;
}
