#include "store/write/ring.h"

#include "support/store_fixture.h"

static void push(struct ring *ring, int64_t seq, bool fits)
{
    struct store_snapshot row = snapshot(0, seq, 1);
    struct store_snapshot *place = ring_push(ring);
    t_int(place != NULL, fits);
    if (place)
        *place = row;
}

static void expect(struct ring *ring, int64_t first_seq, size_t count)
{
    static struct store_snapshot out[8192];
    t_int(ring_take(ring, out, count), count);
    for (size_t i = 0; i < count; i++)
        t_int(out[i].seq, first_seq + (int64_t)i);
}

static void first_in_first_out(void **state)
{
    (void)state;
    struct ring ring;
    ring_init(&ring, 1000);
    for (int64_t seq = 1; seq <= 5; seq++)
        push(&ring, seq, true);
    expect(&ring, 1, 2);
    push(&ring, 6, true);
    expect(&ring, 3, 4);
    t_int(ring.count, 0);
    struct store_snapshot none;
    t_int(ring_take(&ring, &none, 1), 0);
    ring_finish(&ring);
}

static void a_full_ring_refuses_rows(void **state)
{
    (void)state;
    struct ring ring;
    ring_init(&ring, 3);
    for (int64_t seq = 1; seq <= 3; seq++)
        push(&ring, seq, true);
    push(&ring, 4, false);
    expect(&ring, 1, 1);
    push(&ring, 5, true);
    expect(&ring, 2, 2);
    expect(&ring, 5, 1);
    ring_finish(&ring);
}

/* Growing while the rows wrap around the end of the buffer keeps their order. */
static void order_survives_growth_at_every_offset(void **state)
{
    (void)state;
    for (size_t offset = 0; offset < 64; offset++) {
        struct ring ring;
        int64_t seq = 1;
        ring_init(&ring, 10000);
        for (size_t i = 0; i < offset; i++)
            push(&ring, seq++, true);
        expect(&ring, 1, offset);
        for (int i = 0; i < 200; i++)
            push(&ring, seq++, true);
        expect(&ring, 1 + (int64_t)offset, 200);
        ring_finish(&ring);
    }
}

static void an_empty_ring_frees_its_memory(void **state)
{
    (void)state;
    struct ring ring;
    ring_init(&ring, 8192);
    for (int64_t seq = 1; seq <= 8192; seq++)
        push(&ring, seq, true);
    t_int(ring.cap, 8192);
    expect(&ring, 1, 8192);
    t_int(ring.cap, 0);
    push(&ring, 9000, true);
    expect(&ring, 9000, 1);
    ring_finish(&ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_in_first_out),
        cmocka_unit_test(a_full_ring_refuses_rows),
        cmocka_unit_test(order_survives_growth_at_every_offset),
        cmocka_unit_test(an_empty_ring_frees_its_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
