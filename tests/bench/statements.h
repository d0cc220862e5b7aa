/*
 * statements: SQL statements for the benchmark helpers. Each function exits on error.
 */
#ifndef BENCH_STATEMENTS_H
#define BENCH_STATEMENTS_H

struct sqlite3;
struct sqlite3_stmt;

/* Placeholders for PACKED_COLUMNS. */
#define SQL_PACKED_VALUES                                                                          \
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "    \
    "?, ?)"

#define SQL_PLAIN_VALUES                                                                           \
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

struct sqlite3_stmt *statement_prepare(struct sqlite3 *db,
                                       const char *sql); /* owned by the caller */
void statements_run(struct sqlite3 *db, const char *sql);
void statement_step(
    struct sqlite3_stmt *stmt); /* runs a statement without result rows, and resets it */

#endif
