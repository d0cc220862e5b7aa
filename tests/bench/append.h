/*
 * append: the floor to measure the store against: one prepared INSERT, in transactions of the size
 * the service makes, through a connection opened the same way; into a table that has the row as it
 * came, or as the store packs it.
 *
 * What is bound is made beforehand: nothing is packed, queued, copied or counted meanwhile.
 */
#ifndef BENCH_APPEND_H
#define BENCH_APPEND_H

#include "rows.h"

enum append_shape { APPEND_PLAIN, APPEND_PACKED };

/* Appends `count` rows to a new database. Ends the process when it cannot. */
void append_rows(const char *path, const struct rows *rows, int64_t count, enum append_shape which);

#endif
