#include "market/poll_shares.h"

#include <math.h>

#define OPEN_CLASSES POLL_CLOSED /* those before it */

struct weights {
    double of[OPEN_CLASSES];
};

static double total(const struct poll_demand *demand, const struct weights *weights)
{
    double sum = 0;
    for (int class = 0; class < OPEN_CLASSES; class ++)
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
    for (int class = 0; class < OPEN_CLASSES && excess > most; class ++)
        weights.of[class] = 1 + (weights.of[class] - 1) * most / excess;
    return weights;
}

/* No sooner than least_ms. */
static int64_t share_ms(double ms, int64_t least_ms)
{
    if (!(ms > (double)least_ms))
        return least_ms;
    return ms < 1e15 ? (int64_t)ms : (int64_t)1e15;
}

static int64_t closed_interval_ms(const struct poll_demand *demand, double open)
{
    double rate = demand->rate * (open > 0 ? POLL_CLOSED_SHARE : 1);
    double closed = demand->count[POLL_CLOSED];
    double ms = closed > 0 ? (rate > 0 ? ceil(closed * 1000 / rate) : INFINITY) : 0;
    return share_ms(ms, demand->closed_ms);
}

struct poll_shares poll_shares(const struct poll_demand *demand)
{
    const struct weights one_each = {{1, 1, 1}};
    double all = total(demand, &one_each);
    struct weights weights = weights_of(demand, all);
    double left = total(demand, &weights);
    struct poll_shares shares;
    shares.interval_ms[POLL_CLOSED] = closed_interval_ms(demand, all);
    double rate = demand->rate;
    if (demand->count[POLL_CLOSED])
        rate -= demand->count[POLL_CLOSED] * 1000.0 / (double)shares.interval_ms[POLL_CLOSED];
    /* From the heaviest on: what those that reach interval_ms do not need is left for the others.
     */
    for (int class = OPEN_CLASSES - 1; class >= 0; class --) {
        double ms = rate > 0 ? ceil(left * 1000 / (rate * weights.of[class])) : INFINITY;
        shares.interval_ms[class] = share_ms(left > 0 ? ms : 0, demand->interval_ms);
        rate -= demand->count[class] * 1000.0 / (double)shares.interval_ms[class];
        left -= demand->count[class] * weights.of[class];
    }
    return shares;
}
