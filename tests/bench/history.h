/*
 * history: a database as it is after days of recording, made in seconds: everything is in
 * snapshot_history already, written in the order of its key.
 */
#ifndef BENCH_HISTORY_H
#define BENCH_HISTORY_H

#include "rows.h"

#define HISTORY_SESSION_NS (7 * INT64_C(3600000000000))

/* When the session of this one (0, 1, ...) of the last `days` days opened, ns UTC. */
int64_t history_opens_ns(int day, int days);

/* Makes the database, with the rows spread over those days. Ends the process when it cannot. */
void history_make(const char *path, const struct rows *rows, int64_t count, int days);

#endif
