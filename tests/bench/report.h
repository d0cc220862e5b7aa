/*
 * report: output of a benchmark helper to the script that runs it: lines of "name value".
 */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stdint.h>

/* Wall clock, and CPU time of the calling thread and of the whole process; seconds. */
struct stopwatch {
    double wall_s, thread_s, process_s;
};

struct stopwatch stopwatch_start(void);
struct stopwatch stopwatch_read(const struct stopwatch *since);

void report(const char *name, double value);
/* NAME_per_s, NAME_thread_us and NAME_us (CPU of all threads) of `count` operations since `watch`.
 */
void report_pace(const char *name, int64_t count, const struct stopwatch *watch);
/* NAME_count, NAME_median_ms, NAME_p99_ms, NAME_max_ms; sorts the values. */
void report_spread(const char *name, double *values_ms, int64_t count);

_Noreturn void report_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
