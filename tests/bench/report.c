#include "report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double read_s(clockid_t clock)
{
    struct timespec ts;
    clock_gettime(clock, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

struct stopwatch stopwatch_start(void)
{
    return (struct stopwatch){read_s(CLOCK_MONOTONIC), read_s(CLOCK_THREAD_CPUTIME_ID),
                              read_s(CLOCK_PROCESS_CPUTIME_ID)};
}

struct stopwatch stopwatch_read(const struct stopwatch *since)
{
    struct stopwatch now = stopwatch_start();
    return (struct stopwatch){now.wall_s - since->wall_s, now.thread_s - since->thread_s,
                              now.process_s - since->process_s};
}

void report(const char *name, double value)
{
    printf("%s %.6g\n", name, value);
    fflush(stdout);
}

static void report_part(const char *name, const char *part, double value)
{
    char whole[96];
    snprintf(whole, sizeof(whole), "%s_%s", name, part);
    report(whole, value);
}

void report_pace(const char *name, int64_t count, const struct stopwatch *watch)
{
    struct stopwatch took = stopwatch_read(watch);
    report_part(name, "per_s", (double)count / took.wall_s);
    report_part(name, "thread_us", took.thread_s * 1e6 / (double)count);
    report_part(name, "us", took.process_s * 1e6 / (double)count);
}

static int by_value(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

void report_spread(const char *name, double *values_ms, int64_t count)
{
    report_part(name, "count", (double)count);
    if (!count)
        return;
    qsort(values_ms, (size_t)count, sizeof(*values_ms), by_value);
    report_part(name, "median_ms", values_ms[count / 2]);
    report_part(name, "p99_ms", values_ms[count * 99 / 100]);
    report_part(name, "max_ms", values_ms[count - 1]);
}

void report_fail(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fprintf(stderr, "%s: ", program_invocation_short_name);
    vfprintf(stderr, fmt, args);
    fputs("\n", stderr);
    va_end(args);
    exit(1);
}
