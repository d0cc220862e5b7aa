#include "market/planner.h"

#include "base/rng.h"
#include "sources.h"

#include <stdlib.h>

#define START_MS 1000000

static const struct plan_limits slow = {.interval_ms = 1000, .rate = 1, .in_flight = 4};
static const struct plan_limits fast = {.interval_ms = 1000, .rate = 100, .in_flight = 4};

/* Claims until the planner returns none; returns how many it claimed. */
static int drain(struct planner *p, int64_t now_ms, int32_t *asked, int max)
{
    int n = 0;
    struct plan_next next;
    while ((next = planner_next(p, now_ms)).instrument >= 0) {
        assert_true(n < max);
        asked[n++] = next.instrument;
    }
    return n;
}

/* Advances `*now_ms` until the planner returns an instrument. */
static int32_t next_asked(struct planner *p, int64_t *now_ms)
{
    struct plan_next next = planner_next(p, *now_ms);
    while (next.instrument < 0) {
        assert_true(next.wake_ms != INT64_MAX);
        assert_true(next.wake_ms > *now_ms); /* a planner that spins would flood the broker */
        *now_ms = next.wake_ms;
        next = planner_next(p, *now_ms);
    }
    return next.instrument;
}

static void test_one_a_second_round_robin(void **state)
{
    (void)state;
    struct planner *p = planner_of(&slow, 3, START_MS, 1);
    int64_t now = START_MS;
    for (int i = 0; i < 9; i++) {
        t_int(next_asked(p, &now), i % 3);
        t_int(now, START_MS + i * 1000);
        t_int(planner_done(p, i % 3, now + 50, PLAN_ANSWERED, 0), 0);
    }
    planner_destroy(p);
}

static void test_a_repeated_request_uses_the_rate(void **state)
{
    (void)state;
    struct planner *p = planner_of(&slow, 3, START_MS, 1);
    int64_t now = START_MS;
    for (int i = 0; i < 9; i++) {
        t_int(next_asked(p, &now), i % 3);
        t_int(now, START_MS + i * 2000);
        planner_repeated(p, now + 50);
        planner_done(p, i % 3, now + 50, PLAN_ANSWERED, 0);
    }
    planner_destroy(p);
}

static void test_keeps_the_interval_if_the_rate_allows(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 10, START_MS, 1);
    int64_t now = START_MS;
    for (int i = 0; i < 100; i++) {
        t_int(next_asked(p, &now), i % 10);
        t_int(now, START_MS + i * 100);
        planner_done(p, i % 10, now + 70, PLAN_ANSWERED,
                     0); /* a slow answer does not shift the phase */
    }
    planner_destroy(p);
}

static void test_no_more_than_in_flight(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 10, START_MS, 1);
    int32_t asked[16];
    int total = 0;
    for (int64_t now = START_MS; now < START_MS + 5000; now += 10)
        total += drain(p, now, asked + total, 16 - total);
    t_int(total, 4);
    t_int(planner_next(p, START_MS + 9000).wake_ms, INT64_MAX);
    planner_done(p, asked[0], START_MS + 9000, PLAN_ANSWERED, 0);
    t_int(planner_next(p, START_MS + 9000).instrument, 4); /* not the one just answered */
    planner_destroy(p);
}

static void test_longest_waiting_first(void **state)
{
    (void)state;
    struct plan_limits limits = {.interval_ms = 1000, .rate = 2, .in_flight = 1};
    struct planner *p = planner_of(&limits, 20, START_MS, 1);
    int64_t now = START_MS, last[20] = {0};
    for (int i = 0; i < 200; i++) {
        int32_t instrument = next_asked(p, &now);
        for (int other = 0; other < 20; other++)
            assert_true(other == instrument || last[other] >= last[instrument]);
        last[instrument] = now;
        planner_done(p, instrument, now + 20, PLAN_ANSWERED, 0);
    }
    planner_destroy(p);
}

static void test_retry_after_holds_everything(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 10, START_MS, 1);
    int64_t now = START_MS;
    int32_t first = next_asked(p, &now);
    int64_t later = now;
    int32_t second = next_asked(p, &later);
    t_int(planner_done(p, first, now + 120, PLAN_THROTTLED, 7000), PLAN_NEWS_SLOWED);
    /* sent before the first 429 was received: not reported again */
    t_int(planner_done(p, second, now + 130, PLAN_THROTTLED, 7000), 0);
    t_double(planner_state(p, now + 130).rate, 50); /* halved once, whatever Retry-After is */
    t_int(planner_next(p, now + 131).wake_ms, now + 130 + 7000);
    t_int(planner_next(p, now + 7129).instrument, -1);
    now = now + 130 + 7000;
    assert_true(planner_next(p, now).instrument >= 0);
    planner_destroy(p);
}

static void test_halves_and_recovers_step_by_step(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 100, START_MS, 1);
    int64_t now = START_MS + 1;
    double expected = 100;
    for (int i = 0; i < 3; i++) {
        int32_t instrument = next_asked(p, &now);
        t_int(planner_done(p, instrument, now, PLAN_THROTTLED, -1), PLAN_NEWS_SLOWED);
        expected /= 2;
        t_double(planner_state(p, now).rate, expected);
    }
    int64_t slowed = now;
    unsigned news = 0;
    double before = expected;
    while (!(news & PLAN_NEWS_FULL)) {
        int32_t instrument = next_asked(p, &now);
        news = planner_done(p, instrument, now, PLAN_ANSWERED, 0);
        double rate = planner_state(p, now).rate;
        assert_true(rate >= before && rate - before <= 100.0 / 16 + 1e-9);
        before = rate;
        assert_true(now < slowed + 120000);
    }
    t_double(planner_state(p, now).rate, 100);
    assert_true(now >= slowed + 14 * 5000);
    planner_destroy(p);
}

static void test_never_slower_than_once_a_minute(void **state)
{
    (void)state;
    struct planner *p = planner_of(&slow, 1, START_MS, 1);
    int64_t now = START_MS;
    for (int i = 0; i < 50; i++) {
        int64_t before = now;
        int32_t instrument = next_asked(p, &now);
        assert_true(now - before <= 60000);
        planner_done(p, instrument, now, PLAN_THROTTLED, -1);
    }
    planner_destroy(p);
}

static void test_unreachable_broker_is_probed_one_at_a_time(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 50, START_MS, 7);
    int64_t now = START_MS, previous = 0;
    int32_t instrument = next_asked(p, &now);
    t_int(planner_done(p, instrument, now, PLAN_UNREACHABLE, 0), PLAN_NEWS_DOWN);
    for (int i = 0; i < 20; i++) {
        previous = now;
        instrument = next_asked(p, &now);
        assert_true(now - previous >= 250 && now - previous <= 60000);
        t_int(planner_next(p, now).wake_ms, INT64_MAX); /* one request at a time */
        t_int(planner_done(p, instrument, now, PLAN_UNREACHABLE, 0), 0);
    }
    assert_true(now - previous >= 1000); /* the waits grow */
    instrument = next_asked(p, &now);
    assert_true(planner_state(p, now).down_ms > 0);
    t_int(planner_done(p, instrument, now, PLAN_ANSWERED, 0), PLAN_NEWS_UP);
    t_int(planner_state(p, now).down_ms, 0);
    t_int(planner_state(p, now).hold_ms, 0);
    planner_destroy(p);
}

static void test_failures_in_a_row_mean_down(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 50, START_MS, 7);
    int64_t now = START_MS;
    unsigned news = 0;
    for (int i = 0; i < 5; i++) {
        int32_t instrument = next_asked(p, &now);
        t_int(news, 0);
        news = planner_done(p, instrument, now, PLAN_BROKEN, 0);
    }
    t_int(news, PLAN_NEWS_DOWN);
    planner_destroy(p);
}

/* Answers all others until this one is asked. */
static void wait_for_turn(struct planner *p, int32_t instrument, int64_t *now_ms)
{
    int32_t asked;
    while ((asked = next_asked(p, now_ms)) != instrument)
        planner_done(p, asked, *now_ms, PLAN_ANSWERED, 0);
}

static void test_one_failing_instrument_backs_off_alone(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 5, START_MS, 3);
    int64_t now = START_MS, last_failing = 0, gap = 0;
    int failing = 0, answered = 0;
    while (now < START_MS + 300000) {
        int32_t instrument = next_asked(p, &now);
        if (instrument != 2) {
            answered++;
            t_int(planner_done(p, instrument, now, PLAN_ANSWERED, 0), 0);
            continue;
        }
        failing++;
        gap = now - last_failing;
        last_failing = now;
        t_int(planner_done(p, instrument, now, PLAN_BROKEN, 0), 0);
    }
    assert_true(answered >= 1199 && answered <= 1201); /* the others keep their interval */
    assert_true(failing >= 8 && failing <= 25);
    assert_true(gap >= 15000 && gap <= 61000);
    for (int i = 0; i < 20; i++) { /* an answer ends the series */
        wait_for_turn(p, 2, &now);
        planner_done(p, 2, now, PLAN_ANSWERED, 0);
        wait_for_turn(p, 2, &now);
        planner_done(p, 2, now, PLAN_BROKEN, 0);
        int64_t failed_ms = now;
        wait_for_turn(p, 2, &now);
        t_true(now - failed_ms <= 1050);
        planner_done(p, 2, now, PLAN_ANSWERED, 0);
    }
    planner_destroy(p);
}

static void test_repeat_goes_first(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 50, START_MS, 3);
    int64_t now = START_MS + 5000; /* all 50 are overdue */
    int32_t instrument = next_asked(p, &now);
    t_int(planner_done(p, instrument, now, PLAN_REPEAT, 0), 0);
    t_int(next_asked(p, &now), instrument);
    planner_done(p, instrument, now, PLAN_ANSWERED, 0);
    assert_true(next_asked(p, &now) != instrument);
    int32_t later = next_asked(p, &now);
    int64_t again_ms = now + 2000;
    t_int(planner_done(p, later, now, PLAN_REPEAT, 2000), 0); /* others first */
    int32_t asked;
    while ((asked = next_asked(p, &now)) != later)
        planner_done(p, asked, now, PLAN_ANSWERED, 0);
    t_true(now >= again_ms && now < again_ms + 1000);
    planner_destroy(p);
}

static void test_dropped_ones_and_ones_without_data_wait(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 2, START_MS, 3);
    int64_t now = START_MS;
    int32_t a = next_asked(p, &now);
    planner_done(p, a, now, PLAN_DROPPED, 3600000);
    int32_t b = next_asked(p, &now);
    planner_done(p, b, now, PLAN_NO_DATA, 0);
    int64_t asked_b = now;
    t_int(next_asked(p, &now), b);
    t_int(now, asked_b + 30000);
    planner_done(p, b, now, PLAN_DROPPED, 7200000);
    t_int(next_asked(p, &now), a);
    t_int(now, START_MS + 3600000);
    planner_destroy(p);
}

static void test_nothing_to_poll_sleeps(void **state)
{
    (void)state;
    struct planner *p = planner_of(&slow, 0, START_MS, 1);
    struct plan_next next = planner_next(p, START_MS);
    t_int(next.instrument, -1);
    t_int(next.wake_ms, INT64_MAX);
    planner_destroy(p);
}

static void test_refresh(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct plan_limits limits;
        int32_t count;
        int64_t refresh_ms;
    } rows[] = {
        {"rate is the limit", {1000, 1, 4}, 40, 40000},
        {"interval is the limit", {5000, 10, 4}, 40, 5000},
        {"exactly both", {1000, 5000, 64}, 5000, 1000},
        {"slow rate", {1000, 0.5, 4}, 3, 6000},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        t_int(plan_refresh_ms(&rows[i].limits, rows[i].count), rows[i].refresh_ms);
    }
}

/* --- streamed ----------------------------------------------------------------------------------
 */

static void test_streamed_ones_are_not_polled(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 10, START_MS, 1);
    int64_t now = START_MS;
    for (int32_t i = 0; i < 9; i++)
        stream(p, i, now);
    for (int i = 0; i < 5; i++) {
        t_int(next_asked(p, &now), 9);
        planner_done(p, 9, now + 5, PLAN_ANSWERED, 0);
    }
    t_int(now, START_MS + 4900);
    for (int32_t i = 0; i < 9; i++)
        unstream(p, i, now);
    unstream(p, 0, now); /* a second call has no effect */
    int32_t asked[16];
    bool seen[10] = {false};
    for (int i = 0; i < 9; i++) {
        asked[0] = next_asked(p, &now);
        t_true(!seen[asked[0]]);
        seen[asked[0]] = true;
        planner_done(p, asked[0], now, PLAN_ANSWERED, 0);
    }
    t_true(now <= START_MS + 4900 + 90); /* at once, within the rate */
    planner_destroy(p);
}

static void test_streamed_while_in_flight(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 2, START_MS, 1);
    int64_t now = START_MS;
    int32_t one = next_asked(p, &now);
    stream(p, one, now);
    planner_done(p, one, now + 10, PLAN_ANSWERED, 0);
    for (int i = 0; i < 3; i++) {
        t_int(next_asked(p, &now), 1 - one);
        planner_done(p, 1 - one, now, PLAN_ANSWERED, 0);
    }
    unstream(p, one, now);
    t_int(next_asked(p, &now), one);
    stream(p, one, now);
    unstream(p, one, now); /* still in flight: queued when it is answered */
    planner_done(p, one, now, PLAN_ANSWERED, 0);
    t_int(planner_state(p, now).in_flight, 0);
    t_int(next_asked(p, &now), 1 - one);
    planner_done(p, 1 - one, now, PLAN_ANSWERED, 0);
    t_int(next_asked(p, &now), one);
    planner_destroy(p);
}

static void test_probes_use_only_free_slots(void **state)
{
    (void)state;
    struct planner *p = planner_of(&slow, 2, START_MS, 1);
    int64_t now = START_MS;
    stream(p, 0, now);
    t_true(!planner_probe(p, 1, now)); /* not streamed */
    t_int(next_asked(p, &now), 1);
    planner_done(p, 1, now, PLAN_ANSWERED, 0);
    t_true(!planner_probe(p, 0, now)); /* no free slot in the rate */
    stream(p, 1, now);
    int probes = 0;
    for (now = START_MS + 2000; now < START_MS + 22000; now += 100) {
        if (!planner_probe(p, 0, now))
            continue;
        probes++;
        t_true(!planner_probe(p, 0, now)); /* in flight */
        planner_done(p, 0, now + 10, PLAN_ANSWERED, 0);
    }
    t_int(probes, 10); /* half the rate */
    now = START_MS + 30000;
    t_true(planner_probe(p, 0, now));
    planner_done(p, 0, now + 10, PLAN_ANSWERED, 0);
    t_true(!planner_probe(p, 0, now + 1999));
    t_true(planner_probe(p, 0, now + 2000));
    planner_done(p, 0, now + 2010, PLAN_ANSWERED, 0);
    unstream(p, 1, now);
    t_true(!planner_probe(p, 0, now)); /* another instrument is due */
    planner_destroy(p);
}

/* If all instruments are streamed, only probes can detect that the broker answers again. */
static void test_a_probe_ends_an_outage(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 2, START_MS, 7);
    int64_t now = START_MS;
    t_int(planner_done(p, next_asked(p, &now), now, PLAN_UNREACHABLE, 0), PLAN_NEWS_DOWN);
    stream(p, 0, now);
    stream(p, 1, now);
    t_true(!planner_probe(p, 0, now)); /* not before the pause is over */
    now += planner_state(p, now).hold_ms;
    t_true(!planner_probe(p, 0, now - 1));
    t_true(planner_probe(p, 0, now));
    t_true(!planner_probe(p, 1, now)); /* one at a time */
    t_int(planner_done(p, 0, now, PLAN_ANSWERED, 0), PLAN_NEWS_UP);
    planner_destroy(p);
}

/* Each reason alone; the next line shows that nothing else prevents the probe. */
static void test_what_prevents_a_probe(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 2, START_MS, 1);
    int64_t now = START_MS + 5000;
    stream(p, 0, now);
    planner_done(p, next_asked(p, &now), now, PLAN_ANSWERED, 0); /* due again in a second */
    t_true(!planner_probe(p, 1, now + 500));                     /* not streamed */
    t_true(planner_probe(p, 0, now + 500));
    t_true(!planner_probe(p, 0, now + 900)); /* in flight */
    planner_done(p, 0, now + 900, PLAN_ANSWERED, 0);
    t_true(planner_probe(p, 0, now + 900));
    planner_done(p, 0, now + 900, PLAN_ANSWERED, 0);
    now += 1000;
    t_true(!planner_probe(p, 0, now)); /* another instrument is due */
    t_int(planner_next(p, now).instrument, 1);
    t_true(planner_probe(p, 0, now + 20));
    planner_destroy(p);

    p = planner_of(&(struct plan_limits){1000, 100, 1}, 2, START_MS, 1);
    now = START_MS + 5000;
    stream(p, 0, now);
    t_int(next_asked(p, &now), 1);
    t_true(!planner_probe(p, 0, now + 500)); /* as many as allowed are in flight */
    planner_done(p, 1, now + 500, PLAN_ANSWERED, 0);
    t_true(planner_probe(p, 0, now + 500));
    planner_destroy(p);
}

static void test_probes_of_a_fast_broker(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 2, START_MS, 1);
    int64_t now = START_MS + 1000;
    stream(p, 0, now);
    stream(p, 1, now);
    t_true(planner_probe(p, 0, now));
    planner_done(p, 0, now + 1, PLAN_ANSWERED, 0);
    t_true(!planner_probe(p, 0, now + 19));
    t_true(planner_probe(p, 0, now + 20)); /* half of a hundred per second */
    planner_destroy(p);
}

static void test_the_same_session_changes_nothing(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 2, START_MS, 1);
    int64_t now = START_MS;
    planner_done(p, next_asked(p, &now), now, PLAN_ANSWERED, 0);
    planner_done(p, next_asked(p, &now), now, PLAN_ANSWERED, 0);
    int64_t wake_ms = planner_next(p, now).wake_ms;
    planner_session(p, now - 1000);
    t_int(planner_next(p, now).wake_ms, wake_ms);
    planner_destroy(p);
}

static void test_the_duration_of_an_outage(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 2, START_MS, 7);
    int64_t now = START_MS;
    t_int(planner_state(p, now).down_ms, 0);
    t_int(planner_done(p, next_asked(p, &now), now, PLAN_UNREACHABLE, 0), PLAN_NEWS_DOWN);
    t_int(planner_state(p, now).down_ms, 1); /* never 0 while it lasts */
    t_int(planner_state(p, now + 5000).down_ms, 5001);
    planner_destroy(p);
}

static void set_level(struct planner *p, enum session_level level, int64_t now_ms)
{
    source_table_set_level(sources, 0, level);
    planner_session(p, now_ms);
}

static void test_the_session_ends_and_begins(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 10, START_MS, 1);
    int64_t now = START_MS;
    set_level(p, SESSION_CLOSED, now);
    for (int i = 0; i < 10; i++)
        planner_done(p, next_asked(p, &now), now, i == 3 ? PLAN_DROPPED : PLAN_ANSWERED, 900000);
    t_true(now < START_MS + 1000); /* the present round continues */
    next_asked(p, &now);
    t_true(now >= START_MS + 60000);
    set_level(p, SESSION_WAKING, now);
    int64_t opened = now;
    for (int i = 0; i < 8; i++) {
        int32_t asked = next_asked(p, &now);
        t_true(asked != 3); /* it is dropped */
        planner_done(p, asked, now, PLAN_ANSWERED, 0);
    }
    t_true(now < opened + 1000);
    planner_destroy(p);
}

/* The polls begin at once, and are spread over the interval. */
static void test_the_first_polls_of_a_session_are_spread(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 10, START_MS, 1);
    int64_t now = START_MS;
    set_level(p, SESSION_CLOSED, now);
    for (int i = 0; i < 10; i++)
        planner_done(p, next_asked(p, &now), now, PLAN_ANSWERED, 0);
    now = START_MS + 20000;
    set_level(p, SESSION_AUCTION, now);
    for (int i = 0; i < 10; i++) {
        planner_done(p, next_asked(p, &now), now, PLAN_ANSWERED, 0);
        t_int(now, START_MS + 20000 + i * 100);
    }
    planner_destroy(p);
}

/* Of ten instruments, the last five are of a segment that closes. */
static void test_a_closed_segment_is_polled_slowly(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 10, START_MS, 1);
    int64_t now = START_MS;
    int polls[10] = {0};
    for (int32_t i = 5; i < 10; i++)
        source_table_step(sources, i,
                          &(struct source_event){.kind = SOURCE_EV_SEGMENT, .calendar = 3});
    source_table_set_level(sources, 3, SESSION_CLOSED);
    planner_session(p, now);
    while (now < START_MS + 600000) {
        int32_t asked = next_asked(p, &now);
        polls[asked]++;
        planner_done(p, asked, now, PLAN_ANSWERED, 0);
    }
    for (int i = 0; i < 10; i++)
        t_true(i < 5 ? polls[i] >= 600 && polls[i] <= 602 : polls[i] >= 10 && polls[i] <= 12);
    t_int(planner_refresh_ms(p, 0, false), 1000);
    t_int(planner_refresh_ms(p, 9, false), 60000);
    t_int(planner_refresh_ms(p, 9, true), 60000);
    planner_destroy(p);
}

/* --- 10,000 virtual seconds with random outcomes ---------------------------------------------- */

struct request {
    int32_t instrument;
    int64_t back_ms;
};

static enum plan_outcome random_outcome(struct rng *rng, int64_t *wait_ms)
{
    int64_t n = rng_below(rng, 1000);
    *wait_ms = n % 2 ? -1 : rng_below(rng, 3000);
    if (n < 5)
        return PLAN_THROTTLED;
    if (n < 15)
        return PLAN_BROKEN;
    if (n < 20)
        return PLAN_UNREACHABLE;
    if (n < 30)
        return PLAN_REFUSED;
    if (n < 40)
        return PLAN_REPEAT;
    *wait_ms = 0;
    return n < 45 ? PLAN_NO_DATA : PLAN_ANSWERED;
}

static void simulate(const struct plan_limits *limits, int32_t count, uint64_t seed,
                     int64_t seconds)
{
    struct planner *p = planner_of(limits, count, 0, seed);
    struct rng rng = {seed};
    struct request in_flight[64];
    int n = 0, in_second = 0;
    int64_t now = 0, end = seconds * 1000, second = 0, wait_ms;
    bool *busy = calloc((size_t)count, sizeof(*busy));
    long asked = 0;

    while (now < end) {
        struct plan_next next = planner_next(p, now);
        if (next.instrument >= 0) {
            assert_false(busy[next.instrument]);
            assert_true(n < limits->in_flight);
            busy[next.instrument] = true;
            in_flight[n++] = (struct request){next.instrument, now + 5 + rng_below(&rng, 200)};
            if (now / 1000 != second) {
                second = now / 1000;
                in_second = 0;
            }
            asked++;
            assert_true(++in_second <= limits->rate * 1.02 + 1);
            continue;
        }
        int first = -1;
        for (int i = 0; i < n; i++) {
            if (first < 0 || in_flight[i].back_ms < in_flight[first].back_ms)
                first = i;
        }
        assert_true(next.wake_ms > now);
        if (first >= 0 && in_flight[first].back_ms <= next.wake_ms) {
            struct request back = in_flight[first];
            in_flight[first] = in_flight[--n];
            now = back.back_ms > now ? back.back_ms : now;
            busy[back.instrument] = false;
            enum plan_outcome outcome = random_outcome(&rng, &wait_ms);
            planner_done(p, back.instrument, now, outcome, wait_ms);
        } else {
            assert_true(next.wake_ms != INT64_MAX);
            now = next.wake_ms;
        }
    }
    assert_true(asked > seconds / 10); /* it never stops polling */
    free(busy);
    planner_destroy(p);
}

static void test_one_that_an_earlier_planner_dropped_waits(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 2, 0, 1);
    sources_step(0, SOURCE_EV_DROPPED, 1, 90000);
    planner_destroy(p);
    p = planner_create(&fast, sources, &budget, 0, 1);
    for (int64_t now = 0; now < 90000;) {
        struct plan_next next = planner_next(p, now);
        if (next.instrument < 0) {
            assert_true(next.wake_ms > now);
            now = next.wake_ms;
            continue;
        }
        t_int(next.instrument, 1);
        planner_done(p, 1, now, PLAN_ANSWERED, 0);
    }
    int first = 0;
    for (int64_t now = 90000; !first && now < 91000; now++) {
        struct plan_next next = planner_next(p, now);
        if (next.instrument >= 0) {
            first = next.instrument == 0;
            planner_done(p, next.instrument, now, PLAN_ANSWERED, 0);
        }
    }
    t_true(first);
    planner_destroy(p);
}

/* The planner names instruments of the market, whatever their place in the list. */
static void test_only_listed_ones_are_polled_in_the_order_of_the_list(void **state)
{
    (void)state;
    static const int32_t list[] = {9, 4, 17};
    budget = budget_init(slow.rate);
    struct planner *p = planner_create(&slow, sources_of(list, 3), &budget, START_MS, 1);
    int64_t now = START_MS;
    for (int i = 0; i < 9; i++) {
        int32_t asked = next_asked(p, &now);
        t_int(asked, list[i % 3]);
        planner_done(p, asked, now, PLAN_ANSWERED, 0);
    }
    stream(p, 4, now);
    for (int i = 0; i < 4; i++) {
        int32_t asked = next_asked(p, &now);
        t_int(asked, list[i % 2 * 2]);
        planner_done(p, asked, now, PLAN_ANSWERED, 0);
    }
    planner_destroy(p);
    p = planner_create(&slow, sources, &budget, now, 1); /* with one that is streamed already */
    for (int i = 0; i < 4; i++) {
        int32_t asked = next_asked(p, &now);
        t_true(asked != 4);
        planner_done(p, asked, now, PLAN_ANSWERED, 0);
    }
    unstream(p, 4, now);
    bool polled = false;
    for (int i = 0; i < 3; i++) {
        int32_t asked = next_asked(p, &now);
        polled |= asked == 4;
        planner_done(p, asked, now, PLAN_ANSWERED, 0);
    }
    t_true(polled);
    planner_destroy(p);
}

static int32_t ask_at(struct planner *p, int64_t now_ms)
{
    return planner_next(p, now_ms).instrument;
}

/* The list of instruments has changed, so there is a new planner over the same budget. */
static struct planner *next_planner(struct planner *p, int32_t count, int64_t now_ms)
{
    struct plan_feed feed = planner_feed(p);
    planner_destroy(p);
    p = planner_create(&fast, sources_count(count), &budget, now_ms, 1);
    planner_resume(p, &feed);
    return p;
}

static void test_the_next_planner_resumes_what_was_learned(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 10, 0, 1);
    planner_done(p, ask_at(p, 0), 10, PLAN_THROTTLED, 600000); /* Retry-After: 600 */
    p = next_planner(p, 3, 1000);
    t_int(ask_at(p, 1000), -1);
    t_int(planner_next(p, 1000).wake_ms, 600010);
    t_double(planner_state(p, 1000).rate, fast.rate / 2);
    t_true(ask_at(p, 600010) >= 0);
    planner_destroy(p);

    p = planner_of(&fast, 10, 0, 1);
    planner_done(p, ask_at(p, 0), 10, PLAN_UNREACHABLE, 0);
    p = next_planner(p, 10, 20);
    t_true(planner_state(p, 20).down_ms > 0);
    t_int(planner_state(p, 20).down_since_ms, 10);
    planner_destroy(p);

    p = planner_of(&fast, 10, 20, 1);
    planner_resume(p, &(struct plan_feed){0}); /* nothing learned */
    t_double(planner_state(p, 20).rate, fast.rate);
    t_int(planner_state(p, 20).outage, OUTAGE_NONE);
    planner_destroy(p);
}

static void test_long_simulation(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        simulate(&slow, 40, seed, 10000);
        simulate(&fast, 300, seed, 2000);
    }
}

static void test_one_that_is_late_by_an_interval_begins_a_new_phase(void **state)
{
    (void)state;
    for (int64_t late_ms = 999; late_ms <= 1000; late_ms++) {
        struct planner *p = planner_of(&fast, 1, START_MS, 1);
        int64_t now = START_MS;
        planner_done(p, next_asked(p, &now), now, PLAN_ANSWERED, 0);
        now = START_MS + 1000 + late_ms;
        t_int(next_asked(p, &now), 0);
        planner_done(p, 0, now, PLAN_ANSWERED, 0);
        t_int(planner_next(p, now).wake_ms, late_ms == 999 ? START_MS + 2000 : now + 1000);
        planner_destroy(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_a_second_round_robin),
        cmocka_unit_test(test_a_repeated_request_uses_the_rate),
        cmocka_unit_test(test_keeps_the_interval_if_the_rate_allows),
        cmocka_unit_test(test_no_more_than_in_flight),
        cmocka_unit_test(test_longest_waiting_first),
        cmocka_unit_test(test_retry_after_holds_everything),
        cmocka_unit_test(test_halves_and_recovers_step_by_step),
        cmocka_unit_test(test_never_slower_than_once_a_minute),
        cmocka_unit_test(test_unreachable_broker_is_probed_one_at_a_time),
        cmocka_unit_test(test_failures_in_a_row_mean_down),
        cmocka_unit_test(test_one_failing_instrument_backs_off_alone),
        cmocka_unit_test(test_repeat_goes_first),
        cmocka_unit_test(test_dropped_ones_and_ones_without_data_wait),
        cmocka_unit_test(test_nothing_to_poll_sleeps),
        cmocka_unit_test(test_refresh),
        cmocka_unit_test(test_only_listed_ones_are_polled_in_the_order_of_the_list),
        cmocka_unit_test(test_one_that_an_earlier_planner_dropped_waits),
        cmocka_unit_test(test_the_next_planner_resumes_what_was_learned),
        cmocka_unit_test(test_long_simulation),
        cmocka_unit_test(test_streamed_ones_are_not_polled),
        cmocka_unit_test(test_streamed_while_in_flight),
        cmocka_unit_test(test_probes_use_only_free_slots),
        cmocka_unit_test(test_a_probe_ends_an_outage),
        cmocka_unit_test(test_what_prevents_a_probe),
        cmocka_unit_test(test_probes_of_a_fast_broker),
        cmocka_unit_test(test_the_same_session_changes_nothing),
        cmocka_unit_test(test_the_duration_of_an_outage),
        cmocka_unit_test(test_the_first_polls_of_a_session_are_spread),
        cmocka_unit_test(test_a_closed_segment_is_polled_slowly),
        cmocka_unit_test(test_the_session_ends_and_begins),
        cmocka_unit_test(test_one_that_is_late_by_an_interval_begins_a_new_phase),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
