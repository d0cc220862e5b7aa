/*
 * histogram: how often values fell into each of a few ranges.
 *
 * The ranges are given by their upper bounds, ascending; one more range without an upper bound
 * follows. A plain value of fixed size: initialise it, then add.
 */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BOUNDS_MAX 16

struct histogram {
    const double *bounds; /* borrowed; constant tables */
    int bounds_count;
    int64_t counts[HISTOGRAM_BOUNDS_MAX + 1]; /* of each range, the last one without a bound */
    double sum;
};

/* Bounds for the time that something takes: 1 ms to 30 s. */
#define HISTOGRAM_LATENCY_COUNT 14
extern const double histogram_latency_s[HISTOGRAM_LATENCY_COUNT];

/* Zero. `count` is at most HISTOGRAM_BOUNDS_MAX. */
void histogram_init(struct histogram *h, const double *bounds, int count);
/* Into the first range whose bound is not below the value; one that is not finite is ignored. */
void histogram_add(struct histogram *h, double value);
/* Adds the values of another one with the same bounds. */
void histogram_merge(struct histogram *h, const struct histogram *more);
/* The number of values in the ranges up to and including this one. */
int64_t histogram_up_to(const struct histogram *h, int range);

#endif
