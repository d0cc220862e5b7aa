#include "market/stream_clock.h"

#include "base/clock.h"
#include "support/t.h"

#define T0 (INT64_C(1795446000) * NS_PER_S)
#define MS NS_PER_MS

static void test_old_news_is_not_taken(void **state)
{
    (void)state;
    struct stream_clock c = stream_clock_init();
    struct stream_stamp a = {0}, b = {0};
    t_true(stream_clock_take(&c, &a, T0, T0 + 5 * MS));
    t_true(stream_clock_take(&c, &a, T0, T0 + 6 * MS)); /* the same moment is not older */
    t_true(!stream_clock_take(&c, &a, T0 - 1 * MS, T0 + 7 * MS));
    t_true(stream_clock_take(&c, &b, T0 - 1 * MS, T0 + 8 * MS)); /* another instrument */
    t_true(stream_clock_take(&c, &a, 0, T0 + 9 * MS));           /* not stamped */
    t_true(!stream_clock_take(&c, &a, T0 - 1, T0 + 10 * MS));
}

static void test_old_frames_between_good_ones_for_ever(void **state)
{
    (void)state;
    struct stream_clock c = stream_clock_init();
    struct stream_stamp a = {0};
    for (int64_t i = 1; i < 1000; i++) {
        t_true(stream_clock_take(&c, &a, T0 + i * MS, T0 + i * MS));
        t_true(!stream_clock_take(&c, &a, T0 + i * MS - 10 * MS, T0 + i * MS));
    }
}

/* The broker's clock is set back an hour: few frames are lost, and then none. */
static void test_a_clock_set_back(void **state)
{
    (void)state;
    struct stream_clock c = stream_clock_init();
    struct stream_stamp stamps[100] = {0};
    int lost = 0;
    for (int64_t i = 0; i < 2000; i++) {
        int64_t now = T0 + i * MS, back = i < 1000 ? 0 : 3600 * NS_PER_S;
        lost += !stream_clock_take(&c, &stamps[i % 100], now - back, now);
    }
    t_int(lost, 49);
    int64_t ahead;
    t_true(stream_clock_offset(&c, &ahead));
    t_int(ahead, 3600 * NS_PER_S);
}

static void test_offset_is_the_least_delay_lately(void **state)
{
    (void)state;
    struct stream_clock c = stream_clock_init();
    struct stream_stamp a = {0};
    int64_t ahead = 0, now = T0;
    t_true(!stream_clock_offset(&c, &ahead));
    for (int i = 0; i < 600; i++, now += 100 * MS)
        stream_clock_take(&c, &a, now - (i % 7 + 3) * MS, now);
    t_true(stream_clock_offset(&c, &ahead));
    t_int(ahead, 3 * MS);
    /* The delays grow: after two minutes nothing is left of the old ones. */
    for (int i = 0; i < 1300; i++, now += 100 * MS)
        stream_clock_take(&c, &a, now - 50 * MS, now);
    t_true(stream_clock_offset(&c, &ahead));
    t_int(ahead, 50 * MS);
    /* A broker ahead of us. */
    struct stream_stamp b = {0};
    c = stream_clock_init();
    stream_clock_take(&c, &b, T0 + 20 * MS, T0);
    t_true(stream_clock_offset(&c, &ahead));
    t_int(ahead, -20 * MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_old_news_is_not_taken),
        cmocka_unit_test(test_old_frames_between_good_ones_for_ever),
        cmocka_unit_test(test_a_clock_set_back),
        cmocka_unit_test(test_offset_is_the_least_delay_lately),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
