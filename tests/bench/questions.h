/*
 * questions: typical queries of traders, read-only and one after the other, and the time of each
 * from the first call to the last row, with all values read.
 */
#ifndef BENCH_QUESTIONS_H
#define BENCH_QUESTIONS_H

/* Queries a database created by history.h with `days` days; reports ms and rows of each query. */
void questions_ask(const char *path, int days, double seconds);

#endif
