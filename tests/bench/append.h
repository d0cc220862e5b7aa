/*
 * append: the floor to measure the store against: one prepared INSERT, in transactions of the size
 * the service makes, into a table of the same shape through a connection opened the same way.
 *
 * What is bound is made beforehand: nothing is packed, queued, copied or counted meanwhile.
 */
#ifndef BENCH_APPEND_H
#define BENCH_APPEND_H

#include "rows.h"

/* Appends `count` rows to a new database. Ends the process when it cannot. */
void append_rows(const char *path, const struct rows *rows, int64_t count);

#endif
