/*
 * history: creates a database like that of several days of recording: all rows are in
 * snapshot_history, written in the order of its key.
 */
#ifndef BENCH_HISTORY_H
#define BENCH_HISTORY_H

#include "rows.h"

#define HISTORY_SESSION_NS (7 * INT64_C(3600000000000))

/* Start of the session of day `day` (0, 1, ...) of the last `days` days, ns UTC. */
int64_t history_opens_ns(int day, int days);

/* Creates the database, with the rows distributed over those days. Exits on error. */
void history_make(const char *path, const struct rows *rows, int64_t count, int days);

#endif
