#include "base/histogram.h"

#include <math.h>

const double histogram_latency_s[HISTOGRAM_LATENCY_COUNT] = {
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
};

void histogram_init(struct histogram *h, const double *bounds, int count)
{
    *h = (struct histogram){.bounds = bounds, .bounds_count = count};
}

void histogram_add(struct histogram *h, double value)
{
    int range = 0;
    if (!isfinite(value))
        return;
    while (range < h->bounds_count && value > h->bounds[range])
        range++;
    h->counts[range]++;
    h->sum += value;
}

void histogram_merge(struct histogram *h, const struct histogram *more)
{
    for (int i = 0; i <= h->bounds_count; i++)
        h->counts[i] += more->counts[i];
    h->sum += more->sum;
}

int64_t histogram_up_to(const struct histogram *h, int range)
{
    int64_t count = 0;
    for (int i = 0; i <= range; i++)
        count += h->counts[i];
    return count;
}
