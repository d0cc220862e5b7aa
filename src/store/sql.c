#include "store/sql.h"

#include <errno.h>
#include <math.h>
#include <sqlite3.h>
#include <string.h>

/* --- connections ------------------------------------------------------------------------------ */

static int errno_of(int code)
{
    switch (code) {
    case SQLITE_FULL:
        return -ENOSPC;
    case SQLITE_CORRUPT:
        return -EBADMSG;
    default:
        return -EIO;
    }
}

int sql_fail(sqlite3 *db, const char *what, struct err *err)
{
    if (!db)
        return err_set(err, -ENOMEM, "%s: out of memory", what);
    int code = sqlite3_errcode(db) & 0xff;
    /* "disk I/O error" alone does not give the cause; other errors leave an old one. */
    int cause = code == SQLITE_IOERR || code == SQLITE_CANTOPEN ? sqlite3_system_errno(db) : 0;
    return err_set(err, errno_of(code), "%s: %s%s%s%s", what, sqlite3_errmsg(db), cause ? " (" : "",
                   cause ? strerror(cause) : "", cause ? ")" : "");
}

static int keep_wal(sqlite3 *db)
{
    int on = 1;
    sqlite3_wal_autocheckpoint(db, 0);
    return sqlite3_file_control(db, "main", SQLITE_FCNTL_PERSIST_WAL, &on);
}

int sql_open(sqlite3 **out, const char *path, enum sql_access access, int busy_ms, struct err *err)
{
    static const int flags[] = {
        [SQL_READ] = SQLITE_OPEN_READONLY,
        [SQL_READ_URI] = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
        [SQL_WRITE] = SQLITE_OPEN_READWRITE,
        [SQL_WRITE_NEW] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW,
    };
    int rc = sqlite3_open_v2(path, out, flags[access] | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK && access == SQL_WRITE)
        rc = keep_wal(*out);
    if (rc != SQLITE_OK) {
        int fail = sql_fail(*out, "cannot open it", err);
        sqlite3_close(*out);
        *out = NULL;
        return fail;
    }
    sqlite3_busy_timeout(*out, busy_ms);
    return 0;
}

/* --- statements ------------------------------------------------------------------------------- */

static sqlite3_stmt **member_of(void *owner, const struct sql_statement *statement)
{
    return (sqlite3_stmt **)(void *)((char *)owner + statement->member);
}

int sql_prepare_all(void *owner, const struct sql_statement *list, size_t count, sqlite3 *db,
                    struct err *err)
{
    for (size_t i = 0; i < count; i++)
        *member_of(owner, &list[i]) = NULL;
    for (size_t i = 0; i < count; i++) {
        if (sqlite3_prepare_v3(db, list[i].sql, -1, SQLITE_PREPARE_PERSISTENT,
                               member_of(owner, &list[i]), NULL) == SQLITE_OK)
            continue;
        int rc = sql_fail(db, "cannot write the database", err);
        sql_finalize_all(owner, list, i);
        return rc;
    }
    return 0;
}

void sql_finalize_all(void *owner, const struct sql_statement *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sqlite3_finalize(*member_of(owner, &list[i]));
        *member_of(owner, &list[i]) = NULL;
    }
}

static void bind_one(sqlite3_stmt *stmt, int at, const struct sql_value *value)
{
    switch (value->type) {
    case SQL_IS_WHOLE:
        sqlite3_bind_int64(stmt, at, value->whole);
        break;
    case SQL_IS_REAL:
        sqlite3_bind_double(stmt, at, value->real);
        break;
    case SQL_IS_TEXT:
        sqlite3_bind_text(stmt, at, value->text, -1, SQLITE_STATIC);
        break;
    }
}

void sql_bind(sqlite3_stmt *stmt, const struct sql_value *values, size_t count)
{
    size_t parameters = (size_t)sqlite3_bind_parameter_count(stmt);
    for (size_t i = 0; i < count && i < parameters; i++)
        bind_one(stmt, (int)i + 1, &values[i]);
}

void sql_bind_whole(sqlite3_stmt *stmt, int at, int64_t value, int64_t none)
{
    if (value != none)
        sqlite3_bind_int64(stmt, at, value);
    else
        sqlite3_bind_null(stmt, at);
}

int sql_run(sqlite3_stmt *stmt, const struct sql_value *values, size_t count)
{
    sql_bind(stmt, values, count);
    int rc = sqlite3_step(stmt);
    sqlite3_reset(stmt);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int sql_once(sqlite3 *db, const char *sql, const struct sql_value *values, size_t count)
{
    sqlite3_stmt *stmt;
    int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
    if (rc != SQLITE_OK)
        return rc;
    rc = sql_run(stmt, values, count);
    sqlite3_finalize(stmt);
    return rc;
}

int sql_exec(sqlite3 *db, const char *sql)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

/* --- reading ---------------------------------------------------------------------------------- */

int sql_number_of(sqlite3_stmt *stmt, const struct sql_value *values, size_t count, int64_t *out)
{
    sql_bind(stmt, values, count);
    int rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW || rc == SQLITE_DONE)
        *out = rc == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
    sqlite3_reset(stmt);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int sql_number(sqlite3 *db, const char *sql, int64_t *out)
{
    sqlite3_stmt *stmt;
    int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
    if (rc != SQLITE_OK)
        return rc;
    rc = sql_number_of(stmt, SQL_NONE, out);
    sqlite3_finalize(stmt);
    return rc;
}

double sql_real(sqlite3_stmt *stmt, int column)
{
    return sqlite3_column_type(stmt, column) == SQLITE_NULL ? NAN
                                                            : sqlite3_column_double(stmt, column);
}

/* --- transactions ----------------------------------------------------------------------------- */

int sql_begin(sqlite3 *db)
{
    return sql_exec(db, "BEGIN IMMEDIATE");
}

int sql_end(sqlite3 *db, int rc)
{
    if (rc == SQLITE_OK)
        rc = sql_exec(db, "COMMIT");
    if (rc != SQLITE_OK)
        sql_exec(db, "ROLLBACK");
    return rc;
}

int sql_undo(sqlite3 *db, const char *what, struct err *err)
{
    int rc = sql_fail(db, what, err);
    sql_exec(db, "ROLLBACK");
    return rc;
}
