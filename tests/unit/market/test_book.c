#include "support/t.h"

#include "market/book.h"

/* Sorted, without the repeated level; tests/unit/primary/test_entries_book.c has whole messages. */
static void levels_are_sorted(void **state)
{
    (void)state;
    static const struct level added[] = {{5, 1}, {7, 2}, {6, NAN}, {7, 3}, {6, NAN}, {7, 2}};
    static const double falling[] = {2, 3, NAN, 1}, rising[] = {1, NAN, 2, 3}; /* their sizes */
    for (int side = 0; side < 2; side++) {
        struct side book = {0};
        t_row(side ? "bids" : "offers");
        for (size_t i = 0; i < T_COUNT(added); i++)
            book_add(&book, added[i], side == 1);
        t_int(book.count, 4);
        for (int i = 0; i < book.count; i++)
            t_double(book.level[i].size, side ? falling[i] : rising[i]);
    }
}

static void the_best_levels_are_kept(void **state)
{
    (void)state;
    struct side book = {0};
    for (int i = 0; i < 3 * QUOTE_DEPTH_MAX; i++)
        book_add(&book, (struct level){i, 1}, true);
    t_int(book.count, QUOTE_DEPTH_MAX);
    t_double(book.level[0].price, 3 * QUOTE_DEPTH_MAX - 1);
    t_double(book.level[QUOTE_DEPTH_MAX - 1].price, 2 * QUOTE_DEPTH_MAX);
    book_add(&book, (struct level){1, 1}, true);
    t_double(book.level[QUOTE_DEPTH_MAX - 1].price, 2 * QUOTE_DEPTH_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_are_sorted),
        cmocka_unit_test(the_best_levels_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
