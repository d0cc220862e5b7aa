/*
 * growth: how large the database is, and how much larger it becomes in a day.
 *
 * The first and the last look of each day are kept in the table size_day, so that a restart forgets
 * nothing. Sizes are of what is in use: free pages and the -wal do not count. Belongs to the
 * writer's thread.
 */
#ifndef STORE_GROWTH_H
#define STORE_GROWTH_H

#include <stdint.h>

struct sqlite3;

struct growth {
    int64_t used_bytes;
    int64_t free_bytes;   /* inside of the file, to be used again */
    double bytes_per_day; /* over a week, or what there is of it; NAN: too early to say */
};

/* NAN when less than an hour lies between the two; else what a whole day of it would bring. */
double growth_per_day(int64_t ts_from, int64_t bytes_from, int64_t ts_to, int64_t bytes_to);

/* Looks, and writes it down. SQLite's result code; *out is touched on success only. */
int growth_look(struct sqlite3 *db, int64_t now_ns, struct growth *out);

#endif
