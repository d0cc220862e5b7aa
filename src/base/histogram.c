#include "base/histogram.h"

#include <math.h>

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

int64_t histogram_up_to(const struct histogram *h, int range)
{
    int64_t count = 0;
    for (int i = 0; i <= range; i++)
        count += h->counts[i];
    return count;
}
