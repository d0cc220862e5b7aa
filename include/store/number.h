/*
 * number: the one number that a statement answers with.
 */
#ifndef STORE_NUMBER_H
#define STORE_NUMBER_H

#include <stdint.h>

struct sqlite3;

/* SQLite's result code; *out is 0 for NULL and where there is no row, untouched on errors. */
int number_ask(struct sqlite3 *db, const char *sql, int64_t *out);

#endif
