#include "market/poll_shares.h"

#include <math.h>

struct weights {
    double of[POLL_CLASSES];
};

static double total(const struct poll_demand *demand, const struct weights *weights)
{
    double sum = 0;
    for (int class = 0; class < POLL_CLASSES; class ++)
        sum += demand->count[class] * weights->of[class];
    return sum;
}

/*
 * With these weights a quiet instrument waits for total / rate. What exceeds the weight 1 is
 * reduced, in proportion, so that this is not more than POLL_ROUNDS_MAX rounds.
 */
static struct weights weights_of(const struct poll_demand *demand, double all)
{
    struct weights weights = {{1, POLL_ACTIVE_WEIGHT, POLL_WATCHED_WEIGHT}};
    double excess = total(demand, &weights) - all, most = (POLL_ROUNDS_MAX - 1) * all;
    for (int class = 0; class < POLL_CLASSES && excess > most; class ++)
        weights.of[class] = 1 + (weights.of[class] - 1) * most / excess;
    return weights;
}

struct poll_shares poll_shares(const struct poll_demand *demand)
{
    const struct weights one_each = {{1, 1, 1}};
    double all = total(demand, &one_each), rate = demand->rate;
    struct weights weights = weights_of(demand, all);
    double left = total(demand, &weights);
    struct poll_shares shares;
    /* From the heaviest on: what those that reach interval_ms do not need is left for the others.
     */
    for (int class = POLL_CLASSES - 1; class >= 0; class --) {
        double share_ms = rate > 0 ? ceil(left * 1000 / (rate * weights.of[class])) : INFINITY;
        shares.interval_ms[class] = demand->interval_ms;
        if (left > 0 && share_ms > (double)demand->interval_ms)
            shares.interval_ms[class] = share_ms < 1e15 ? (int64_t)share_ms : (int64_t)1e15;
        rate -= demand->count[class] * 1000.0 / (double)shares.interval_ms[class];
        left -= demand->count[class] * weights.of[class];
    }
    return shares;
}
