#include "support/t.h"

#include "base/arena.h"

#include <stdalign.h>

static void allocations_are_aligned_and_do_not_overlap(void **state)
{
    (void)state;
    struct arena arena;
    unsigned char *p[200];
    arena_init(&arena, 1 << 20, 0);
    for (int i = 0; i < 200; i++) {
        p[i] = arena_alloc(&arena, (size_t)i * 7);
        t_true(p[i]);
        t_int((uintptr_t)p[i] % alignof(max_align_t), 0);
        memset(p[i], i, (size_t)i * 7);
    }
    for (int i = 0; i < 200; i++) {
        for (int b = 0; b < i * 7; b++)
            t_int(p[i][b], i);
    }
    arena_finish(&arena);
    t_int(arena.total_bytes, 0);
}

static void no_malloc_after_the_second_round(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20, 0);
    for (int i = 0; i < 1000; i++)
        arena_alloc(&arena, 100);
    arena_reset(&arena);
    size_t kept = arena.total_bytes;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 1000; i++)
            t_true(arena_alloc(&arena, 100));
        arena_reset(&arena);
    }
    /* The second round may need one larger block; after that there is no malloc. */
    t_true(kept > 0 && arena.total_bytes <= 2 * kept);
    size_t steady = arena.total_bytes;
    for (int i = 0; i < 1000; i++)
        arena_alloc(&arena, 100);
    arena_reset(&arena);
    t_int(arena.total_bytes, steady);
    arena_finish(&arena);
}

/* The space used is the size rounded up to the alignment; a block is filled to its end. */
static void no_space_is_wasted(void **state)
{
    (void)state;
    struct arena arena;
    size_t align = alignof(max_align_t);
    arena_init(&arena, 1 << 20, 0);
    t_true(arena_alloc(&arena, 1));
    t_int(arena.used_bytes, align);
    t_true(arena_alloc(&arena, align));
    t_int(arena.used_bytes, 2 * align);
    size_t total = arena.total_bytes;
    t_true(arena_alloc(&arena, total - 2 * align)); /* exactly the rest */
    t_int(arena.total_bytes, total);
    t_true(arena_alloc(&arena, 1));
    t_true(arena.total_bytes > total);
    arena_finish(&arena);
}

/* Each block is twice the last one, so that a large document needs few calls of malloc(). */
static void blocks_double(void **state)
{
    (void)state;
    struct arena arena;
    int blocks = 0;
    arena_init(&arena, 1 << 20, 0);
    for (int i = 0; i < 10000; i++) {
        size_t before = arena.total_bytes;
        t_true(arena_alloc(&arena, 100));
        blocks += arena.total_bytes != before;
    }
    t_true(blocks > 1 && blocks < 12);
    arena_finish(&arena);
}

static void reset_frees_blocks_larger_than_keep(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 8192, 0);
    t_true(arena_alloc(&arena, 100));
    t_true(arena_alloc(&arena, 1000000));
    t_true(arena.total_bytes >= 1000000);
    arena_reset(&arena);
    t_true(arena.total_bytes > 0 && arena.total_bytes <= 8192);
    t_true(arena_alloc(&arena, 100));
    arena_finish(&arena);
}

static void the_limit_is_enforced_and_can_be_reached(void **state)
{
    (void)state;
    struct arena arena;
    size_t handed_out = 0;
    arena_init(&arena, 1 << 20, 20000);
    while (arena_alloc(&arena, 1000))
        handed_out += 1000;
    t_true(arena.total_bytes <= 20000);
    t_true(handed_out > 15000); /* the last block is reduced to the rest, not refused */
    t_true(!arena_alloc(&arena, 1000));
    arena_reset(&arena);
    t_true(arena_alloc(&arena, 1000));
    arena_finish(&arena);
}

static void sizes_zero_and_too_large(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 4096, 10000);
    t_true(!arena_alloc(&arena, SIZE_MAX));
    t_true(!arena_alloc(&arena, 10001));
    t_true(arena_alloc(&arena, 0));
    arena_reset(&arena);
    arena_finish(&arena);
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_are_aligned_and_do_not_overlap),
        cmocka_unit_test(no_malloc_after_the_second_round),
        cmocka_unit_test(no_space_is_wasted),
        cmocka_unit_test(blocks_double),
        cmocka_unit_test(reset_frees_blocks_larger_than_keep),
        cmocka_unit_test(the_limit_is_enforced_and_can_be_reached),
        cmocka_unit_test(sizes_zero_and_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
