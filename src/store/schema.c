#include "store/schema.h"

#include "store/sql.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>

static int ask(sqlite3 *db, const char *sql, int *out, struct err *err)
{
    int64_t value = 0;
    if (sql_number(db, sql, &value) != SQLITE_OK)
        return sql_fail(db, "cannot read the database", err);
    *out = (int)value;
    return 0;
}

int schema_newest(void)
{
    int version = 0;
    for (const struct schema_step *step = schema_steps; step->version; step++)
        version = step->version;
    return version;
}

int schema_check(sqlite3 *db, int *version, struct err *err)
{
    int application_id = 0, tables = 0;
    if (ask(db, "PRAGMA application_id", &application_id, err) ||
        ask(db, "PRAGMA user_version", version, err) ||
        ask(db, "SELECT count(*) FROM sqlite_schema", &tables, err))
        return -EIO;
    if (tables == 0 && application_id == 0)
        return 0;
    if (application_id != SCHEMA_APPLICATION_ID)
        return err_set(err, -EMEDIUMTYPE,
                       "not a cinta database: it belongs to another program; set store.path to "
                       "another file");
    if (*version > schema_newest())
        return err_set(err, -EPROTO,
                       "the database has version %d, written by a newer cinta; this one supports "
                       "versions up to %d: install the newer one",
                       *version, schema_newest());
    return 0;
}

static int apply_step(sqlite3 *db, const struct schema_step *step, struct err *err)
{
    char finish[128];
    snprintf(finish, sizeof(finish), "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
             SCHEMA_APPLICATION_ID, step->version);
    if (sql_begin(db) == SQLITE_OK && sql_exec(db, step->sql) == SQLITE_OK &&
        sql_exec(db, finish) == SQLITE_OK)
        return 0;
    sql_undo(db, step->name, err);
    return err_prefix(err, "schema step ");
}

int schema_apply(sqlite3 *db, struct err *err)
{
    int version = 0;
    int rc = schema_check(db, &version, err);
    for (const struct schema_step *step = schema_steps; rc == 0 && step->version; step++) {
        if (step->version > version)
            rc = apply_step(db, step, err);
    }
    return rc;
}
