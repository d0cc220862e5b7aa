/*
 * The feed over a virtual broker: for each fault, how long changes were not recorded, that polling
 * replaced the stream, that the stream recovered without help, and that events report it.
 */
#include "scenario.h"

/* --- faults ----------------------------------------------------------------------------------- */

static void do_reset(struct service *s)
{
    (void)s;
    world_reset_streams();
}

static void do_close(struct service *s)
{
    (void)s;
    world_close_streams(1000);
}

static void do_mute(struct service *s)
{
    world.mute = true;
    world_pass(s->loop, 3 * MINUTE);
    world.mute = false;
}

static void do_mute_for_good(struct service *s)
{
    world.mute = true;
    world_pass(s->loop, 30 * MINUTE);
    t_true(mode(s) != FEED_STREAMING);
    world.mute = false;
    world_reset_streams();
}

static void do_half_open(struct service *s)
{
    world.deaf = true;
    world_pass(s->loop, 2 * MINUTE);
    world.deaf = false;
}

static void do_one_mute(struct service *s)
{
    world.mute_instrument = 3;
    world_pass(s->loop, 2 * MINUTE);
    world.mute_instrument = -1;
}

static void do_outage(struct service *s)
{
    world.down = true;
    world_reset_streams();
    world_pass(s->loop, 10 * MINUTE);
    world.down = false;
}

static void do_refusals(struct service *s)
{
    world.stream_status = 403;
    world_reset_streams();
    world_pass(s->loop, 20 * MINUTE);
    world.stream_status = 101;
}

static void do_dead_token(struct service *s)
{
    (void)s;
    world.token = 0;
    world_reset_streams();
}

static void do_spoilt(struct service *s)
{
    world.streamed_wrong = true;
    world_pass(s->loop, 30 * SECOND);
    world.streamed_wrong = false;
}

static const struct row {
    const char *name;
    void (*fault)(struct service *s);
    const char *told;   /* the event kind that reports it */
    int64_t lag_max_ms; /* from a price change to its recording, at most */
    int connections;    /* at most, including the first */
    int logins;
    int64_t gaps_min_ms, gaps_max_ms; /* total time without coverage of instrument 3 */
} rows[] = {
    {"no fault", NULL, "streaming", 1500, 1, 1, 0, 2 * SECOND},
    {"reset", do_reset, "stream_closed", 1500, 2, 1, 0, 3 * SECOND},
    {"clean close", do_close, "stream_closed", 1500, 2, 1, 0, 3 * SECOND},
    {"silent, but answers pings", do_mute, "divergence", 15 * SECOND, 6, 2, 5 * SECOND,
     15 * SECOND},
    {"silent for half an hour", do_mute_for_good, "stream_closed", 15 * SECOND, 40, 2, 5 * SECOND,
     15 * SECOND},
    {"half open", do_half_open, "stream_closed", 15 * SECOND, 10, 2, 5 * SECOND, 15 * SECOND},
    {"one instrument is silent", do_one_mute, "divergence", 15 * SECOND, 3, 2, 5 * SECOND,
     18 * SECOND},
    {"the broker is unreachable for 10 min", do_outage, "broker_down", 12 * MINUTE, 60, 2,
     599 * SECOND, 630 * SECOND},
    {"refused for 20 min", do_refusals, "stream_refused", 2 * SECOND, 40, 2, 0, 3 * SECOND},
    {"the token becomes invalid", do_dead_token, "login", 2 * SECOND, 4, 2, 0, 3 * SECOND},
    {"malformed messages", do_spoilt, "malformed", 2 * SECOND, 4, 2, 0, 3 * SECOND},
};

static void test_recovers_from_every_fault(void **state)
{
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct service s = started(MONDAY_NS, "");
        int64_t from_ms = world.now_ms;
        t_row(rows[i].name);
        run(&s);
        world_pass(s.loop, 10 * MINUTE);
        t_int(mode(&s), FEED_STREAMING);
        t_int(world.connections, 1);
        world.lag_max_ms = 0;
        if (rows[i].fault)
            rows[i].fault(&s);
        world_pass(s.loop, 15 * MINUTE);
        if (mode(&s) != FEED_STREAMING || world.lag_max_ms > rows[i].lag_max_ms)
            show_journal();
        t_int(mode(&s), FEED_STREAMING); /* it recovered without help */
        t_true(world_told(rows[i].told) > 0);
        if (world.lag_max_ms > rows[i].lag_max_ms)
            fail_msg("%s: a change was recorded after %lld ms", rows[i].name,
                     (long long)world.lag_max_ms);
        if (world.connections > rows[i].connections || world.logins > rows[i].logins)
            fail_msg("%s: %d connections, %d logins", rows[i].name, world.connections,
                     world.logins);
        if (world_told("stream_closed") + world_told("stale"))
            t_contains(world_words("filled_in"), "unobserved for");
        check_truth(&s);
        int64_t until_ms = world.now_ms;
        stop(&s);
        int64_t gaps_ms = until_ms - from_ms - world_covered_ms(3);
        if (gaps_ms > rows[i].gaps_max_ms || gaps_ms < rows[i].gaps_min_ms)
            fail_msg("%s: not covered for %lld ms", rows[i].name, (long long)gaps_ms);
    }
}

/* The answer to each subscription can be read, the change after it cannot. */
static void test_malformed_changes_do_not_flood_the_broker(void **state)
{
    (void)state;
    struct service s = started(MONDAY_NS, "");
    run(&s);
    world_pass(s.loop, MINUTE);
    world.changed_wrong = true;
    world.lag_max_ms = 0;
    int smd = world.smd;
    world_pass(s.loop, 10 * MINUTE);
    t_true(world.smd > smd + 50);
    if (world.smd > smd + 61)
        fail_msg("%d subscription messages in 10 min", world.smd - smd);
    t_true(world.lag_max_ms < 2 * SECOND);
    world.changed_wrong = false;
    world_pass(s.loop, MINUTE);
    t_int(mode(&s), FEED_STREAMING);
    check_truth(&s);
    stop(&s);
}

/* --- time ------------------------------------------------------------------------------------- */

static void jump(int64_t wall_ms, bool slept)
{
    if (slept)
        world.wall_offset_ns += wall_ms * NS_PER_MS; /* the broker's clock too */
    else
        world.set_ns += wall_ms * NS_PER_MS;
    world.slept_ms += slept ? wall_ms : 0;
}

/* The coverage of instrument 3 between two times of the wall clock. */
static int64_t covered_between_ms(int64_t from_ns, int64_t to_ns)
{
    int64_t ns = 0;
    for (int i = 0; i < world.covered_count; i++) {
        const struct world_stretch *s = &world.covered[i];
        int64_t from = s->ts_from > from_ns ? s->ts_from : from_ns;
        int64_t to = s->ts_to < to_ns ? s->ts_to : to_ns;
        ns += s->instrument == 3 && to > from ? to - from : 0;
    }
    return ns / NS_PER_MS;
}

static void test_a_clock_jump_ends_coverage(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t by_ms;
        bool slept, stream;
        const char *words;
    } jumps[] = {
        {"suspended, streaming", 3 * HOUR, true, true, "the machine was suspended for 3.0 h"},
        {"suspended, polling", 3 * HOUR, true, false, "the machine was suspended for 3.0 h"},
        {"set ahead", 3 * HOUR, false, true, "the wall clock went ahead by 3.0 h"},
        {"set back, streaming", -HOUR, false, true, "the wall clock was set back by 60 min"},
        {"set back, polling", -HOUR, false, false, "the wall clock was set back by 60 min"},
    };
    for (size_t i = 0; i < sizeof(jumps) / sizeof(jumps[0]); i++) {
        struct service s = started(MONDAY_NS, jumps[i].stream ? "" : "stream { enable = false }");
        t_row(jumps[i].name);
        run(&s);
        world_pass(s.loop, 10 * MINUTE);
        int64_t before_ns = loop_now(s.loop).wall_ns;
        jump(jumps[i].by_ms, jumps[i].slept);
        int64_t after_ns = loop_now(s.loop).wall_ns;
        world_pass(s.loop, 10 * MINUTE);
        int64_t end_ns = loop_now(s.loop).wall_ns;
        stop(&s);
        t_int(world_told("clock_jumped"), 1);
        t_contains(world_words("clock_jumped"), jumps[i].words);
        if (after_ns > before_ns) /* the jump is a gap */
            t_int(covered_between_ms(before_ns, after_ns), 0);
        t_true(covered_between_ms(before_ns - 9 * MINUTE * NS_PER_MS, before_ns) > 8 * MINUTE);
        t_true(covered_between_ms(after_ns, end_ns) > 9 * MINUTE);
    }
    t_row("");
}

static void test_streamed_instruments_are_not_polled(void **state)
{
    (void)state;
    struct service s = started(MONDAY_NS, "");
    run(&s);
    world_pass(s.loop, MINUTE);
    int polls = world.polls;
    world_pass(s.loop, 10 * MINUTE);
    /* Each changes every 4 s on average: some are silent for 10 s at times, and are probed. */
    t_true(world.polls - polls < 10 * 60);
    t_true(world.polls > polls);
    stop(&s);
}

/* Without any change for hours in the session, the stream is not treated as faulty. */
static void test_a_session_without_changes(void **state)
{
    (void)state;
    struct service s = started(MONDAY_NS, "");
    run(&s);
    world_pass(s.loop, MINUTE);
    world.change_every_ms = 0;
    world_pass(s.loop, 5 * HOUR);
    t_int(world_told("stale"), 0);
    t_int(world_told("divergence"), 0);
    t_int(world.connections, 1);
    stop(&s);
}

/* After the close the stream is silent until morning: it is not stale, and probes are rare. */
static void test_the_night(void **state)
{
    (void)state;
    struct service s = started(MONDAY_NS + 6 * 3600 * NS_PER_S, ""); /* 17:00 */
    run(&s);
    world_pass(s.loop, 5 * MINUTE);
    t_int(world_told("session_closed"), 1);
    world.change_every_ms = 0;
    int polls = world.polls;
    world_pass(s.loop, 12 * HOUR);
    t_int(world_told("stale"), 0);
    t_int(mode(&s), FEED_STREAMING);
    t_true(world.polls - polls <= 12 * 60 + 20);
    t_true(world.logins <= 2); /* a new day has begun */
    world.change_every_ms = 200;
    world_pass(s.loop, 6 * HOUR);         /* 11:05 the next day */
    t_int(world_told("session_open"), 2); /* at the start, and in the morning */
    check_truth(&s);
    stop(&s);
}

/* The stream is not available at all: polling at the configured rate, and few handshakes. */
static void test_polling_alone_for_a_day(void **state)
{
    (void)state;
    struct service s = started(MONDAY_NS, "session { always = true }");
    run(&s);
    world.stream_status = 404;
    world_pass(s.loop, MINUTE);
    world.lag_max_ms = 0;
    world_pass(s.loop, DAY);
    t_true(world.connections < 400);
    t_true(world.logins <= 26);
    t_true(world.lag_max_ms < 4 * SECOND);
    t_int(world_told("stream_refused"), 1);
    check_truth(&s);
    stop(&s);
}

/* A random fault every hour. */
static void test_a_week_of_random_faults(void **state)
{
    (void)state;
    struct service s = started(MONDAY_NS, "session { always = true }");
    struct rng rng = {99};
    run(&s);
    world.change_every_ms = 1000;
    world_pass(s.loop, MINUTE);
    for (int hour = 0; hour < 7 * 24; hour++) {
        const struct row *row = &rows[1 + rng_below(&rng, (int64_t)T_COUNT(rows) - 1)];
        row->fault(&s);
        world_pass(s.loop, HOUR);
        world.journal_count = 0; /* it would overflow */
    }
    t_int(mode(&s), FEED_STREAMING);
    t_true(world.connections < 7 * 24 * 60);
    t_true(world.logins < 7 * 24 * 3);
    check_truth(&s);
    stop(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recovers_from_every_fault),
        cmocka_unit_test(test_malformed_changes_do_not_flood_the_broker),
        cmocka_unit_test(test_a_clock_jump_ends_coverage),
        cmocka_unit_test(test_streamed_instruments_are_not_polled),
        cmocka_unit_test(test_a_session_without_changes),
        cmocka_unit_test(test_the_night),
        cmocka_unit_test(test_polling_alone_for_a_day),
        cmocka_unit_test(test_a_week_of_random_faults),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
