#include "sim/sim_book.h"

#include "support/t.h"

static void prices_on_the_grid(void **state)
{
    (void)state;
    static const struct {
        double price, tick, expected;
    } rows[] = {
        {27.52, 0.05, 27.5}, {27.53, 0.05, 27.55}, {1580.7, 0.5, 1580.5},
        {88153, 10, 88150},  {330.04, 0.1, 330},   {0.2, 0.5, 0},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++)
        t_double(sim_book_on_grid(rows[i].price, rows[i].tick), rows[i].expected);
}

static struct sim_instrument instrument(enum sim_kind kind, enum sim_life life)
{
    struct sim_instrument i = {.kind = kind, .life = life, .typical_size = 100};
    i.reference.price_tick = 0.5;
    return i;
}

static void books_of_each_life(void **state)
{
    struct rng rng = {7};
    struct quote q = quote_none();
    (void)state;
    const struct sim_instrument full = instrument(SIM_FUTURE, LIFE_FULL);
    const struct sim_instrument thin = instrument(SIM_FUTURE, LIFE_THIN);
    const struct sim_instrument one = instrument(SIM_FUTURE, LIFE_ONE_SIDED);
    q.last_price = 99;
    for (int n = 0; n < 200; n++) {
        sim_book_make(&rng, &full, 100, &q);
        t_true(q.bids.count >= 3 && q.bids.count <= 5 && q.offers.count >= 3);
        t_true(q.bids.level[0].price < 100 && q.offers.level[0].price > 100);
        sim_book_make(&rng, &thin, 100, &q);
        t_true(q.bids.count >= 1 && q.bids.count <= 3 && q.offers.count >= 1);
        sim_book_make(&rng, &one, 100, &q);
        t_true(q.bids.count >= 1 && q.offers.count == 0);
    }
    sim_book_clear(&q);
    t_int(q.bids.count + q.offers.count, 0);
    t_double(q.last_price, 99);
}

static void sizes_of_repos_have_cents(void **state)
{
    struct rng rng = {7};
    const struct sim_instrument repo = instrument(SIM_REPO, LIFE_FULL);
    const struct sim_instrument bond = instrument(SIM_BOND, LIFE_FULL);
    int cents = 0;
    (void)state;
    for (int n = 0; n < 50; n++) {
        double size = sim_book_size(&rng, &bond);
        t_double(size, floor(size));
        size = sim_book_size(&rng, &repo);
        t_true(size > 0 && fabs(size * 100 - round(size * 100)) < 1e-6);
        cents += size != floor(size);
    }
    t_true(cents > 25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prices_on_the_grid),
        cmocka_unit_test(books_of_each_life),
        cmocka_unit_test(sizes_of_repos_have_cents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
