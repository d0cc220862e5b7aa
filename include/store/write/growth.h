/*
 * growth: the size of the database and how much it grows per day.
 *
 * The first and the last measurement of each day are stored in the table size_day, so that they
 * survive a restart. Sizes are of the pages in use: free pages and the -wal do not count. Used by
 * the writer thread only.
 */
#ifndef STORE_WRITE_GROWTH_H
#define STORE_WRITE_GROWTH_H

#include <stdint.h>

struct sqlite3;

struct growth {
    int64_t used_bytes;
    int64_t free_bytes;   /* free pages inside the file, which SQLite reuses */
    double bytes_per_day; /* over the last week, or less if recorded for less; NAN: not known yet */
};

/* The growth from one measurement to the other, per day; NAN when they are under an hour apart. */
double growth_per_day(int64_t ts_from, int64_t bytes_from, int64_t ts_to, int64_t bytes_to);

/* Measures and stores it. Returns SQLite's result code; *out is set on success only. */
int growth_look(struct sqlite3 *db, int64_t now_ns, struct growth *out);

#endif
