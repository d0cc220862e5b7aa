#include "market/tape_union.h"

#include "base/clock.h"
#include "base/rng.h"
#include "support/t.h"

#define MAX 8
#define T   INT64_C(1795446000000000000) /* a whole second */

/* Milliseconds after T, price, size; a list ends at price 0. */
struct item {
    int ms;
    double price, size;
};

static size_t read(const struct item *items, struct tape_union_item *out)
{
    size_t count = 0;
    for (; count < MAX && items[count].price != 0; count++)
        out[count] = (struct tape_union_item){T + items[count].ms * NS_PER_MS, items[count].price,
                                              items[count].size, count, true};
    return count;
}

static size_t unmatched(const struct tape_union_item *items, size_t count)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += !items[i].matched;
    return found;
}

static void trades_are_compared_as_multisets(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct item a[MAX], b[MAX];
        size_t only_a, only_b;
    } rows[] = {
        {"the same", {{5, 10, 1}, {7, 11, 2}}, {{7, 11, 2}, {5, 10, 1}}, 0, 0},
        {"nothing in one", {{5, 10, 1}}, {{0, 0, 0}}, 1, 0},
        {"twins in one", {{5, 10, 1}, {5, 10, 1}}, {{5, 10, 1}}, 1, 0},
        {"twins in both", {{5, 10, 1}, {5, 10, 1}}, {{5, 10, 1}, {5, 10, 1}}, 0, 0},
        {"a millisecond later is another one", {{5, 10, 1}}, {{6, 10, 1}}, 1, 1},
        {"another size", {{5, 10, 1}}, {{5, 10, 2}}, 1, 1},
        {"another price", {{5, 10, 1}}, {{5, 10.5, 1}}, 1, 1},
        {"whole seconds in one", {{0, 10, 1}}, {{730, 10, 1}}, 0, 0},
        {"in the other", {{730, 10, 1}}, {{0, 10, 1}}, 0, 0},
        {"of another second", {{0, 10, 1}}, {{1000, 10, 1}}, 1, 1},
        {"the exact one first", {{0, 10, 1}, {300, 10, 1}}, {{300, 10, 1}}, 1, 0},
        {"an unknown size", {{0, 10, NAN}}, {{730, 10, 4}}, 0, 0},
        {"unknown in the other", {{730, 10, 4}}, {{730, 10, NAN}}, 0, 0},
        {"unknown in both", {{730, 10, NAN}}, {{730, 10, NAN}}, 0, 0},
        {"a known size first", {{5, 10, NAN}, {5, 10, 4}}, {{5, 10, 4}}, 1, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tape_union_item a[MAX], b[MAX];
        size_t a_count = read(rows[i].a, a), b_count = read(rows[i].b, b);
        t_row(rows[i].name);
        tape_union(a, a_count, b, b_count);
        t_int(unmatched(a, a_count), rows[i].only_a);
        t_int(unmatched(b, b_count), rows[i].only_b);
    }
}

#define MANY 400

/* A tape of which each recorder has a part: the union has each trade once. */
static void parts_of_one_tape_become_the_tape(void **state)
{
    (void)state;
    struct rng rng = {9};
    t_row("random parts");
    for (int run = 0; run < 300; run++) {
        static struct tape_union_item a[MANY], b[MANY];
        size_t a_count = 0, b_count = 0, in_any = 0;
        for (size_t i = 0; i < MANY; i++) {
            const struct tape_union_item item = {T + rng_below(&rng, 20000) * NS_PER_MS,
                                                 (double)(10 + rng_below(&rng, 2)),
                                                 (double)(1 + rng_below(&rng, 3)), i, false};
            bool in_a = rng_below(&rng, 3) > 0, in_b = rng_below(&rng, 3) > 0;
            if (item.ts_event % NS_PER_S == 0)
                continue; /* it could be one of whole seconds */
            if (in_a)
                a[a_count++] = item;
            if (in_b)
                b[b_count++] = item;
            in_any += in_a || in_b ? 1 : 0;
        }
        tape_union(a, a_count, b, b_count);
        t_true(a_count + unmatched(b, b_count) <= in_any);
        t_int(a_count - unmatched(a, a_count), b_count - unmatched(b, b_count));
        t_true(a_count + unmatched(b, b_count) + 3 >= in_any); /* twins that each one has of two */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trades_are_compared_as_multisets),
        cmocka_unit_test(parts_of_one_tape_become_the_tape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
