/*
 * sql: the calls of SQLite that all of the store uses: open a database, prepare a list of
 * statements, bind and run, read one number, begin and end a transaction, describe an error.
 *
 * Owns nothing and keeps nothing. Functions with an `err` return 0 or a negative errno; all others
 * return SQLite's result code, in which SQLITE_OK is 0. Connections are for one thread each.
 */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct sqlite3;
struct sqlite3_stmt;

/* --- connections ------------------------------------------------------------------------------ */

enum sql_access {
    SQL_READ,
    SQL_READ_URI, /* the same, the name is a file: URI */
    /* A database that the service records into. Its -wal (empty) and -shm stay when the last
     * connection is closed, so that a user of the group, who may not create them, can also read
     * while the service is stopped. No statement makes a checkpoint: the service does. */
    SQL_WRITE,
    SQL_WRITE_NEW, /* a file that the caller has just created; not through a symbolic link */
};

/*
 * Opens an existing file and waits up to `busy_ms` for locks of other programs. Reads nothing of
 * the file yet. -EIO with SQLite's message, *out is then NULL.
 */
int sql_open(struct sqlite3 **out, const char *path, enum sql_access access, int busy_ms,
             struct err *err);

/* Sets "`what`: " with SQLite's last message and its cause. -ENOSPC: the disk is full; -EBADMSG:
 * the file is damaged; -ENOMEM: `db` is NULL; otherwise -EIO. */
int sql_fail(struct sqlite3 *db, const char *what, struct err *err);

/* --- statements ------------------------------------------------------------------------------- */

/* A statement that a struct keeps prepared, in its member at this offset. */
struct sql_statement {
    size_t member; /* offsetof() a struct sqlite3_stmt * */
    const char *sql;
};

/* For each member of `owner`; after an error none is prepared. */
int sql_prepare_all(void *owner, const struct sql_statement *list, size_t count, struct sqlite3 *db,
                    struct err *err);
/* Also for members that are NULL; sets them to NULL. */
void sql_finalize_all(void *owner, const struct sql_statement *list, size_t count);

/* A value to bind. A text is borrowed until the statement has run; NULL and NAN bind NULL. */
struct sql_value {
    enum { SQL_IS_WHOLE, SQL_IS_REAL, SQL_IS_TEXT } type;
    union {
        int64_t whole;
        double real;
        const char *text;
    };
};
#define SQL_WHOLE(n) ((struct sql_value){.type = SQL_IS_WHOLE, .whole = (n)})
#define SQL_REAL(n)  ((struct sql_value){.type = SQL_IS_REAL, .real = (n)})
#define SQL_TEXT(t)  ((struct sql_value){.type = SQL_IS_TEXT, .text = (t)})
/* The last two parameters of the functions below: sql_run(stmt, SQL_VALUES(SQL_WHOLE(id))). */
#define SQL_VALUES(...)                                                                            \
    (const struct sql_value[]){__VA_ARGS__},                                                       \
        sizeof((const struct sql_value[]){__VA_ARGS__}) / sizeof(struct sql_value)
#define SQL_NONE NULL, 0

/* From the first parameter on. A list may be longer than the parameters of the statement, so that
 * statements can share one. */
void sql_bind(struct sqlite3_stmt *stmt, const struct sql_value *values, size_t count);
void sql_bind_whole(struct sqlite3_stmt *stmt, int at, int64_t value,
                    int64_t none); /* NULL: none */

/* Binds, runs to the end and resets; SQLITE_ROW counts as an error. */
int sql_run(struct sqlite3_stmt *stmt, const struct sql_value *values, size_t count);
/* The same for a statement that is not kept. */
int sql_once(struct sqlite3 *db, const char *sql, const struct sql_value *values, size_t count);
/* Several statements without values; what they return is discarded. */
int sql_exec(struct sqlite3 *db, const char *sql);

/* --- reading ---------------------------------------------------------------------------------- */

/* The first number that a statement returns. *out is 0 for NULL and for no row, unchanged on
 * errors. */
int sql_number(struct sqlite3 *db, const char *sql, int64_t *out);
int sql_number_of(struct sqlite3_stmt *stmt, const struct sql_value *values, size_t count,
                  int64_t *out);

double sql_real(struct sqlite3_stmt *stmt, int column); /* NAN for NULL */

/* --- transactions ----------------------------------------------------------------------------- */

int sql_begin(struct sqlite3 *db); /* takes the write lock */
/* Commits if `rc` is SQLITE_OK. Otherwise, or when the commit fails, rolls back. Returns the error.
 */
int sql_end(struct sqlite3 *db, int rc);
/* After an error: does what sql_fail() does, then rolls back, which replaces SQLite's message. */
int sql_undo(struct sqlite3 *db, const char *what, struct err *err);

#endif
