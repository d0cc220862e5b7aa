#include "sim/sim_book.h"

#include <string.h>

#define LEVELS 5

double sim_book_on_grid(double price, double tick)
{
    double steps = (double)(int64_t)(price / tick + 0.5);
    /* For ticks below 1, 1/tick is an integer: dividing by it gives 27.5, not 27.500000001. */
    return tick < 1 ? steps / (double)(int64_t)(1 / tick + 0.5) : steps * tick;
}

double sim_book_size(struct rng *rng, const struct sim_instrument *i)
{
    double size = i->typical_size * (0.05 + rng_unit(rng) * rng_unit(rng) * 3);
    if (i->kind == SIM_REPO)
        return (double)(int64_t)(size * 100 + 1) / 100; /* cents */
    return (double)(int64_t)(size + 1);
}

static int some_levels(struct rng *rng, const struct sim_instrument *i)
{
    return i->life == LIFE_FULL ? LEVELS : 1 + (int)rng_below(rng, 2);
}

static void fill_side(struct rng *rng, const struct sim_instrument *i, struct side *side,
                      double best, double step)
{
    double tick = i->reference.price_tick;
    int wanted = some_levels(rng, i);
    memset(side, 0, sizeof(*side));
    for (int l = 0; l < wanted; l++) {
        double price = sim_book_on_grid(best + step * l * (1 + (double)rng_below(rng, 2)), tick);
        if (price <= 0 || (l && (price - side->level[side->count - 1].price) * step <= 0))
            continue; /* each level is worse than the one before */
        side->level[side->count++] = (struct level){price, sim_book_size(rng, i)};
    }
    /* Brokers sometimes repeat a level. */
    if (side->count >= 2 && side->count < LEVELS && rng_below(rng, 40) == 0) {
        side->level[side->count] = side->level[side->count - 1];
        side->count++;
    }
}

void sim_book_make(struct rng *rng, const struct sim_instrument *i, double mid, struct quote *quote)
{
    double tick = i->reference.price_tick;
    double half = tick * (1 + (double)rng_below(rng, i->life == LIFE_FULL ? 2 : 6));
    fill_side(rng, i, &quote->bids, mid - half, -tick);
    if (i->life == LIFE_ONE_SIDED)
        memset(&quote->offers, 0, sizeof(quote->offers));
    else
        fill_side(rng, i, &quote->offers, mid + half, tick);
}

void sim_book_clear(struct quote *quote)
{
    memset(&quote->bids, 0, sizeof(quote->bids));
    memset(&quote->offers, 0, sizeof(quote->offers));
}
