/*
 * number: runs a statement that returns one number.
 */
#ifndef STORE_NUMBER_H
#define STORE_NUMBER_H

#include <stdint.h>

struct sqlite3;

/* Returns SQLite's result code; *out is 0 for NULL and for no row, unchanged on errors. */
int number_ask(struct sqlite3 *db, const char *sql, int64_t *out);

#endif
