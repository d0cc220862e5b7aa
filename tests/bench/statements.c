#include "statements.h"

#include "report.h"

#include <sqlite3.h>
#include <stddef.h>

sqlite3_stmt *statement_prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        report_fail("%s: %s", sql, sqlite3_errmsg(db));
    return stmt;
}

void statements_run(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        report_fail("%s: %s", sql, sqlite3_errmsg(db));
}

void statement_step(sqlite3_stmt *stmt)
{
    if (sqlite3_step(stmt) != SQLITE_DONE)
        report_fail("%s: %s", sqlite3_sql(stmt), sqlite3_errmsg(sqlite3_db_handle(stmt)));
    sqlite3_reset(stmt);
}
