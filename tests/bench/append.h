/*
 * append: the lower limit to which the store is compared: one prepared INSERT, in transactions of
 * the service's size, with a connection opened the same way, into a table with unpacked rows or
 * with rows packed like the store's.
 *
 * All bound values are prepared in advance: nothing is packed, queued, copied or counted during the
 * measurement.
 */
#ifndef BENCH_APPEND_H
#define BENCH_APPEND_H

#include "rows.h"

enum append_shape { APPEND_PLAIN, APPEND_PACKED };

/* Appends `count` rows to a new database. Exits on error. */
void append_rows(const char *path, const struct rows *rows, int64_t count, enum append_shape which);

#endif
