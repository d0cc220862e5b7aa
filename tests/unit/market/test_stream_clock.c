#include "market/stream_clock.h"

#include "base/clock.h"
#include "support/t.h"

#define T0 (INT64_C(1795446000) * NS_PER_S)
#define MS NS_PER_MS

static void test_old_frames_are_not_taken(void **state)
{
    (void)state;
    struct stream_clock c = stream_clock_init();
    struct stream_stamp a = {0}, b = {0};
    t_true(stream_clock_take(&c, &a, T0, T0 + 5 * MS));
    t_true(stream_clock_take(&c, &a, T0, T0 + 6 * MS)); /* the same timestamp is not older */
    t_true(!stream_clock_take(&c, &a, T0 - 1 * MS, T0 + 7 * MS));
    t_true(stream_clock_take(&c, &b, T0 - 1 * MS, T0 + 8 * MS)); /* another instrument */
    t_true(stream_clock_take(&c, &a, 0, T0 + 9 * MS));           /* without a timestamp */
    t_true(!stream_clock_take(&c, &a, T0 - 1, T0 + 10 * MS));
}

static void test_old_frames_between_good_ones_are_always_dropped(void **state)
{
    (void)state;
    struct stream_clock c = stream_clock_init();
    struct stream_stamp a = {0};
    for (int64_t i = 1; i < 1000; i++) {
        t_true(stream_clock_take(&c, &a, T0 + i * MS, T0 + i * MS));
        t_true(!stream_clock_take(&c, &a, T0 + i * MS - 10 * MS, T0 + i * MS));
    }
}

/* The broker's clock is set back an hour: 49 frames are lost, then none. */
static void test_the_brokers_clock_set_back(void **state)
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

static void test_offset_is_the_least_recent_delay(void **state)
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
    /* Three frames at the very time at which a stretch begins. */
    c = stream_clock_init();
    struct stream_stamp d = {0}, e = {0}, f = {0};
    stream_clock_take(&c, &d, T0 - 3 * MS, T0);
    stream_clock_take(&c, &e, T0 - 70 * MS, T0);
    stream_clock_take(&c, &f, T0 - 80 * MS, T0);
    t_true(stream_clock_offset(&c, &ahead));
    t_int(ahead, 3 * MS);
    c = stream_clock_init();
    a = (struct stream_stamp){0};
    for (int i = 0; i < 600; i++, now += 100 * MS)
        stream_clock_take(&c, &a, now - 3 * MS, now);
    /* The delays grow: after two minutes the old ones no longer count. */
    for (int i = 0; i < 1300; i++, now += 100 * MS) {
        stream_clock_take(&c, &a, now - 50 * MS, now);
        if (i == 500) { /* the stretch before still counts */
            t_true(stream_clock_offset(&c, &ahead));
            t_int(ahead, 3 * MS);
        }
    }
    t_true(stream_clock_offset(&c, &ahead));
    t_int(ahead, 50 * MS);
    /* The broker's clock is ahead of ours. */
    struct stream_stamp b = {0};
    c = stream_clock_init();
    stream_clock_take(&c, &b, T0 + 20 * MS, T0);
    t_true(stream_clock_offset(&c, &ahead));
    t_int(ahead, -20 * MS);
}

/* The least delay of a stretch of a minute counts until the second minute after its start ends. */
static void test_a_stretch_after_a_silence_begins_anew(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t after_ns, ahead_ns;
    } rows[] = {
        {"the same stretch", 60 * NS_PER_S - 1, 3 * MS},
        {"the next stretch", 60 * NS_PER_S, 3 * MS},
        {"late in it", 120 * NS_PER_S - 1, 3 * MS},
        {"two minutes", 120 * NS_PER_S, 50 * MS},
        {"our clock was set back", -1, 50 * MS},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct stream_clock c = stream_clock_init();
        struct stream_stamp a = {0}, b = {0};
        int64_t ahead_ns = 0, now_ns = T0 + rows[i].after_ns;
        t_row(rows[i].name);
        stream_clock_take(&c, &a, T0 - 3 * MS, T0);
        stream_clock_take(&c, &b, now_ns - 50 * MS, now_ns);
        t_true(stream_clock_offset(&c, &ahead_ns));
        t_int(ahead_ns, rows[i].ahead_ns);
    }
    t_row("");
}

/* One frame of one instrument has a timestamp years ahead: no later frame is dropped. */
static void test_one_timestamp_years_ahead(void **state)
{
    (void)state;
    static const int64_t aheads[] = {3 * 365 * INT64_C(86400) * NS_PER_S, 3600 * NS_PER_S,
                                     121 * NS_PER_S};
    for (size_t k = 0; k < T_COUNT(aheads); k++) {
        struct stream_clock c = stream_clock_init();
        struct stream_stamp a = {0}, b = {0};
        int64_t offset;
        t_true(stream_clock_take(&c, &b, T0, T0 + 5 * MS));
        t_true(stream_clock_take(&c, &a, T0 + aheads[k], T0 + 6 * MS));
        for (int64_t i = 10; i < 100; i++) {
            t_true(stream_clock_take(&c, &b, T0 + i * MS, T0 + i * MS + 5 * MS));
            t_true(stream_clock_take(&c, &a, T0 + i * MS, T0 + i * MS + 5 * MS));
        }
        t_true(
            !stream_clock_take(&c, &a, T0 + 50 * MS, T0 + 200 * MS)); /* order is still checked */
        t_true(stream_clock_offset(&c, &offset));
        t_int(offset, 5 * MS); /* and the offset is not affected */
    }
}

/* A timestamp less than AHEAD_NS ahead is trusted: only a few later frames of the instrument are
 * dropped, even if the frames of others are always in order. */
static void test_frames_count_per_instrument(void **state)
{
    (void)state;
    struct stream_clock c = stream_clock_init();
    struct stream_stamp a = {0}, b = {0};
    int dropped = 0;
    t_true(stream_clock_take(&c, &b, T0, T0));
    t_true(stream_clock_take(&c, &a, T0 + 100 * NS_PER_S, T0));
    for (int64_t i = 1; i < 1000; i++) {
        t_true(stream_clock_take(&c, &b, T0 + i * MS, T0 + i * MS));
        dropped += !stream_clock_take(&c, &a, T0 + i * MS, T0 + i * MS);
    }
    t_int(dropped, 19);
}

/* A good frame between old ones begins the count again. */
static void test_old_frames_are_counted_in_a_row(void **state)
{
    (void)state;
    struct stream_clock c = stream_clock_init();
    struct stream_stamp a = {0}, b = {0};
    int dropped = 0;
    t_true(stream_clock_take(&c, &a, T0 + 50 * NS_PER_S, T0));
    for (int64_t i = 1; i <= 10; i++) {
        dropped += !stream_clock_take(&c, &a, T0 + i * MS, T0 + i * MS);
        t_true(stream_clock_take(&c, &b, T0 + i * MS, T0 + i * MS));
    }
    t_int(dropped, 10);
    t_true(stream_clock_take(&c, &a, T0 + 50 * NS_PER_S, T0 + 11 * MS));
    for (int64_t i = 12; i <= 60; i++) {
        dropped += !stream_clock_take(&c, &a, T0 + i * MS, T0 + i * MS);
        t_true(stream_clock_take(&c, &b, T0 + i * MS, T0 + i * MS));
    }
    t_int(dropped, 10 + 19);
}

/* Two minutes ahead is the most that is trusted. */
static void test_the_limit_of_a_timestamp_ahead(void **state)
{
    (void)state;
    for (int64_t beyond = 0; beyond <= 1; beyond++) {
        struct stream_clock c = stream_clock_init();
        struct stream_stamp a = {0}, b = {0};
        t_true(stream_clock_take(&c, &b, T0, T0));
        t_true(stream_clock_take(&c, &a, T0 + 120 * NS_PER_S + beyond, T0));
        t_int(stream_clock_take(&c, &a, T0 + MS, T0 + MS), beyond == 1);
    }
}

/* A frame ahead of the broker's clock is trusted while it is not ahead of ours. */
static void test_a_timestamp_ahead_of_the_broker_only(void **state)
{
    (void)state;
    const int64_t broker = T0 - 200 * NS_PER_S;
    struct stream_clock c = stream_clock_init();
    struct stream_stamp a = {0}, b = {0};
    t_true(stream_clock_take(&c, &b, broker, T0));
    t_true(stream_clock_take(&c, &a, broker + 121 * NS_PER_S, T0));
    t_true(!stream_clock_take(&c, &a, broker + MS, T0 + MS));
}

/* Fifty frames ahead in a row are needed to believe them; one that is not begins the count again.
 */
static void test_frames_ahead_are_counted_in_a_row(void **state)
{
    (void)state;
    const int64_t ahead = 7200 * NS_PER_S;
    struct stream_clock c = stream_clock_init();
    struct stream_stamp a = {0}, b = {0};
    for (int i = 0; i < 49; i++)
        t_true(stream_clock_take(&c, &a, T0 + ahead + i, T0));
    t_true(stream_clock_take(&c, &b, T0, T0));
    for (int i = 49; i < 98; i++)
        t_true(stream_clock_take(&c, &a, T0 + ahead + i, T0));
    t_true(stream_clock_take(&c, &a, T0 + 1, T0)); /* none was stored */
    for (int i = 98; i < 147; i++)
        t_true(stream_clock_take(&c, &a, T0 + ahead + i, T0));
    t_true(stream_clock_take(&c, &a, T0 + ahead + 147, T0)); /* the fiftieth is */
    t_true(!stream_clock_take(&c, &a, T0 + 2, T0));
}

/* Our clock is two hours behind: after some frames, their order is checked again. */
static void test_our_clock_is_behind(void **state)
{
    (void)state;
    struct stream_clock c = stream_clock_init();
    struct stream_stamp a = {0};
    int64_t ahead, broker = 7200 * NS_PER_S;
    for (int64_t i = 0; i < 60; i++)
        t_true(stream_clock_take(&c, &a, T0 + broker + i * MS, T0 + i * MS));
    t_true(stream_clock_offset(&c, &ahead));
    t_int(ahead, -broker);
    t_true(!stream_clock_take(&c, &a, T0 + broker, T0 + 61 * MS));
    t_true(stream_clock_take(&c, &a, T0 + broker + 61 * MS, T0 + 61 * MS));
}

/* Our clock is set back while the service runs: no frame is dropped because of that. */
static void test_our_clock_set_back(void **state)
{
    (void)state;
    struct stream_clock c = stream_clock_init();
    struct stream_stamp a = {0};
    for (int64_t i = 0; i < 1000; i++) {
        int64_t back = i < 500 ? 0 : 3600 * NS_PER_S;
        t_true(stream_clock_take(&c, &a, T0 + i * MS, T0 + i * MS - back));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_old_frames_are_not_taken),
        cmocka_unit_test(test_old_frames_between_good_ones_are_always_dropped),
        cmocka_unit_test(test_the_brokers_clock_set_back),
        cmocka_unit_test(test_offset_is_the_least_recent_delay),
        cmocka_unit_test(test_one_timestamp_years_ahead),
        cmocka_unit_test(test_frames_count_per_instrument),
        cmocka_unit_test(test_old_frames_are_counted_in_a_row),
        cmocka_unit_test(test_the_limit_of_a_timestamp_ahead),
        cmocka_unit_test(test_a_stretch_after_a_silence_begins_anew),
        cmocka_unit_test(test_a_timestamp_ahead_of_the_broker_only),
        cmocka_unit_test(test_frames_ahead_are_counted_in_a_row),
        cmocka_unit_test(test_our_clock_is_behind),
        cmocka_unit_test(test_our_clock_set_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
