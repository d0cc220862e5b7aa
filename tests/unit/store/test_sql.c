#include "store/sql.h"

#include "support/store_fixture.h"
#include "support/t.h"

#include <errno.h>
#include <math.h>
#include <sqlite3.h>
#include <stddef.h>
#include <unistd.h>

static sqlite3 *open_memory(void)
{
    sqlite3 *db;
    t_int(sqlite3_open(":memory:", &db), SQLITE_OK);
    t_int(sql_exec(db, "CREATE TABLE t (a INTEGER PRIMARY KEY, b REAL, c TEXT)"), SQLITE_OK);
    return db;
}

static int64_t number(sqlite3 *db, const char *sql)
{
    int64_t out = -1;
    t_int(sql_number(db, sql, &out), SQLITE_OK);
    return out;
}

/* --- connections ------------------------------------------------------------------------------ */

static void a_missing_file_is_an_error_with_its_cause(void **state)
{
    (void)state;
    static const enum sql_access all[] = {SQL_READ, SQL_READ_URI, SQL_WRITE, SQL_WRITE_NEW};
    for (size_t i = 0; i < T_COUNT(all); i++) {
        sqlite3 *db = (sqlite3 *)1;
        struct err err;
        t_int(sql_open(&db, "/nowhere/x.db", all[i], 0, &err), -EIO);
        t_contains(err.text, "unable to open database file (No such file or directory)");
        t_true(!db);
    }
}

static void access_is_as_asked(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    char link_path[128];
    struct err err;
    sqlite3 *db;
    fixture_close(fixture_store(f.path, 1));
    snprintf(link_path, sizeof(link_path), "%s/link", f.dir);
    t_int(symlink(f.path, link_path), 0);

    t_int(sql_open(&db, link_path, SQL_READ, 0, &err), 0);
    t_int(sql_exec(db, "DELETE FROM instrument"), SQLITE_READONLY);
    sqlite3_close(db);
    t_int(sql_open(&db, link_path, SQL_WRITE, 0, &err), 0);
    t_int(sql_exec(db, "DELETE FROM instrument"), SQLITE_OK);
    t_int(number(db, "PRAGMA wal_autocheckpoint"), 0);
    sqlite3_close(db);
    char wal[128];
    snprintf(wal, sizeof(wal), "%s-wal", f.path);
    t_int(access(wal, F_OK), 0); /* SQLite would remove it */
    t_int(sql_open(&db, link_path, SQL_WRITE_NEW, 0, &err), -EIO);

    unlink(link_path);
    fixture_remove(&f);
}

static void errors_carry_their_code_and_their_own_cause(void **state)
{
    (void)state;
    struct err err;
    sqlite3 *db = open_memory();
    t_int(sql_fail(NULL, "cannot", &err), -ENOMEM);
    t_str(err.text, "cannot: out of memory");
    t_int(sql_exec(db, "ATTACH '/nowhere/x.db' AS x"), SQLITE_CANTOPEN);
    t_int(sql_exec(db, "SELECT * FROM missing"), SQLITE_ERROR);
    t_int(sql_fail(db, "cannot read", &err), -EIO);
    t_str(err.text, "cannot read: no such table: missing"); /* not the cause of the error before */
    sql_exec(db, "PRAGMA max_page_count = 2");
    t_int(sql_exec(db, "INSERT INTO t VALUES (1, 1, zeroblob(100000))"), SQLITE_FULL);
    t_int(sql_fail(db, "cannot write", &err), -ENOSPC);
    sqlite3_close(db);
}

/* --- statements ------------------------------------------------------------------------------- */

struct owner {
    int other;
    sqlite3_stmt *first, *second;
};

static void all_are_prepared_or_none(void **state)
{
    (void)state;
    static const struct sql_statement good[] = {{offsetof(struct owner, first), "SELECT 1"},
                                                {offsetof(struct owner, second), "SELECT 2"}};
    static const struct sql_statement bad[] = {
        {offsetof(struct owner, first), "SELECT 1"},
        {offsetof(struct owner, second), "SELECT 2 FROM missing"}};
    sqlite3 *db = open_memory();
    struct owner owner = {.other = 7};
    struct err err;
    int64_t out;
    t_int(sql_prepare_all(&owner, good, 2, db, &err), 0);
    t_int(sql_number_of(owner.first, SQL_NONE, &out), SQLITE_OK);
    t_int(out, 1);
    t_int(sql_number_of(owner.second, SQL_NONE, &out), SQLITE_OK);
    t_int(out, 2);
    sql_finalize_all(&owner, good, 2);
    t_true(!owner.first && !owner.second);
    sql_finalize_all(&owner, good, 2); /* does nothing */

    t_int(sql_prepare_all(&owner, bad, 2, db, &err), -EIO);
    t_contains(err.text, "no such table: missing");
    t_true(!owner.first && !owner.second);
    t_int(owner.other, 7);
    t_int(sqlite3_close(db), SQLITE_OK); /* SQLITE_BUSY with an unfinalized statement */
}

static void values_are_bound_by_type(void **state)
{
    (void)state;
    sqlite3 *db = open_memory();
    sqlite3_stmt *stmt;
    t_int(sql_once(db, "INSERT INTO t VALUES (?, ?, ?)",
                   SQL_VALUES(SQL_WHOLE(INT64_C(1) << 60), SQL_REAL(0.1), SQL_TEXT("x"))),
          SQLITE_OK);
    t_int(number(db, "SELECT count(*) FROM t WHERE a = 1 << 60 AND b = 0.1 AND c = 'x'"), 1);
    t_int(sql_once(db, "INSERT INTO t VALUES (?, ?, ?)",
                   SQL_VALUES(SQL_WHOLE(2), SQL_REAL(NAN), SQL_TEXT(NULL))),
          SQLITE_OK);
    t_int(number(db, "SELECT count(*) FROM t WHERE a = 2 AND b IS NULL AND c IS NULL"), 1);
    t_int(sql_once(db, "DELETE FROM t WHERE a = ?", SQL_VALUES(SQL_WHOLE(2), SQL_WHOLE(3))),
          SQLITE_OK); /* a list may be longer than the parameters */

    t_int(sqlite3_prepare_v2(db, "INSERT INTO t (b, c) VALUES (?, ?)", -1, &stmt, NULL), SQLITE_OK);
    sql_bind_whole(stmt, 1, 5, 0);
    sql_bind_whole(stmt, 2, 0, 0);
    t_int(sql_run(stmt, SQL_NONE), SQLITE_OK);
    t_int(number(db, "SELECT count(*) FROM t WHERE b = 5 AND c IS NULL"), 1);
    sqlite3_finalize(stmt);

    t_int(sqlite3_prepare_v2(db, "SELECT NULL, 2.5, 3", -1, &stmt, NULL), SQLITE_OK);
    t_int(sqlite3_step(stmt), SQLITE_ROW);
    t_double(sql_real(stmt, 0), NAN);
    t_double(sql_real(stmt, 1), 2.5);
    t_double(sql_real(stmt, 2), 3);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
}

static void one_number_is_read(void **state)
{
    (void)state;
    sqlite3 *db = open_memory();
    int64_t out = 9;
    t_int(sql_number(db, "SELECT * FROM missing", &out), SQLITE_ERROR);
    t_int(out, 9);
    t_int(number(db, "SELECT max(a) FROM t"), 0); /* NULL */
    t_int(number(db, "SELECT a FROM t"), 0);      /* no row */
    t_int(number(db, "SELECT 41 UNION ALL SELECT 42"), 41);
    sqlite3_close(db);
}

static void a_failed_statement_can_run_again(void **state)
{
    (void)state;
    sqlite3 *db = open_memory();
    sqlite3_stmt *stmt;
    t_int(sqlite3_prepare_v2(db, "INSERT INTO t (a) VALUES (?)", -1, &stmt, NULL), SQLITE_OK);
    t_int(sql_run(stmt, SQL_VALUES(SQL_WHOLE(1))), SQLITE_OK);
    t_int(sql_run(stmt, SQL_VALUES(SQL_WHOLE(1))), SQLITE_CONSTRAINT);
    t_int(sql_run(stmt, SQL_VALUES(SQL_WHOLE(2))), SQLITE_OK);
    sqlite3_finalize(stmt);
    t_int(sql_once(db, "SELECT 1", SQL_NONE), SQLITE_ROW);
    t_int(number(db, "SELECT count(*) FROM t"), 2);
    sqlite3_close(db);
}

/* --- transactions ----------------------------------------------------------------------------- */

static void a_transaction_ends_as_a_whole(void **state)
{
    (void)state;
    sqlite3 *db = open_memory();
    struct err err;
    t_int(sql_begin(db), SQLITE_OK);
    sql_exec(db, "INSERT INTO t (a) VALUES (1)");
    t_int(sql_end(db, SQLITE_OK), SQLITE_OK);
    t_int(sql_begin(db), SQLITE_OK);
    sql_exec(db, "INSERT INTO t (a) VALUES (2)");
    t_int(sql_end(db, SQLITE_FULL), SQLITE_FULL);
    t_int(sql_begin(db), SQLITE_OK);
    sql_exec(db, "INSERT INTO t (a) VALUES (3)");
    t_int(sql_exec(db, "INSERT INTO t (a) VALUES (1)"), SQLITE_CONSTRAINT);
    t_int(sql_undo(db, "cannot write", &err), -EIO);
    t_contains(err.text, "cannot write: UNIQUE constraint failed");
    t_int(number(db, "SELECT sum(a) FROM t"), 1);
    t_true(sqlite3_get_autocommit(db));
    sqlite3_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_file_is_an_error_with_its_cause),
        cmocka_unit_test(access_is_as_asked),
        cmocka_unit_test(errors_carry_their_code_and_their_own_cause),
        cmocka_unit_test(all_are_prepared_or_none),
        cmocka_unit_test(values_are_bound_by_type),
        cmocka_unit_test(one_number_is_read),
        cmocka_unit_test(a_failed_statement_can_run_again),
        cmocka_unit_test(a_transaction_ends_as_a_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
