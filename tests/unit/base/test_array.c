#include "base/array.h"

#include "support/t.h"

#include <stdint.h>
#include <stdlib.h>

static void it_keeps_its_items_and_zeroes_new_ones(void **state)
{
    (void)state;
    int64_t *items = NULL;
    size_t cap = 0;
    for (size_t n = 1; n <= 5000; n++) {
        size_t before = cap;
        items = array_must_grow(items, &cap, n, sizeof(*items));
        t_true(cap >= n && (cap == before || cap <= 2 * n + 32));
        for (size_t i = before; i < cap; i++)
            t_int(items[i], 0);
        t_int(items[n - 1], 0);
        items[n - 1] = (int64_t)n;
    }
    for (size_t n = 1; n <= 5000; n++)
        t_int(items[n - 1], n);
    t_true(array_grow(items, &cap, 10, sizeof(*items)) == items); /* there is room */
    free(items);
}

static void too_much_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    size_t cap = 0;
    int64_t *items = array_grow(NULL, &cap, 3, sizeof(*items)), *before = items;
    size_t cap_before = cap;
    items[2] = 7;
    t_true(!array_grow(items, &cap, SIZE_MAX / 16, sizeof(*items)));
    t_true(!array_grow(items, &cap, SIZE_MAX, sizeof(*items)));
    t_true(items == before && cap == cap_before);
    t_int(items[2], 7);
    free(items);
}

static void no_item_needs_no_room(void **state)
{
    (void)state;
    size_t cap = 0;
    t_true(!array_grow(NULL, &cap, 0, 8));
    t_true(!array_must_grow(NULL, &cap, 0, 8)); /* does not abort */
    t_int(cap, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_keeps_its_items_and_zeroes_new_ones),
        cmocka_unit_test(no_item_needs_no_room),
        cmocka_unit_test(too_much_is_refused_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
