/*
 * sql: statements for the helpers of the benchmarks. Each ends the process when it cannot.
 */
#ifndef BENCH_SQL_H
#define BENCH_SQL_H

struct sqlite3;
struct sqlite3_stmt;

/* For PACKED_COLUMNS. */
#define SQL_PACKED_VALUES                                                                          \
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "    \
    "?, ?)"

#define SQL_PLAIN_VALUES                                                                           \
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

struct sqlite3_stmt *sql_prepare(struct sqlite3 *db, const char *sql); /* the caller's */
void sql_run(struct sqlite3 *db, const char *sql);
void sql_step(struct sqlite3_stmt *stmt); /* of one that gives no row; it can be used again */

#endif
