#include "market/coverage.h"

#include "market/source_table.h"
#include "support/t.h"

#define T0 INT64_C(1795446000000000000) /* 2026-11-23 12:00:00 in Argentina, ns UTC */

/* The reported intervals as text: "0 rest 0-2000 overdue", ms after T0. */
static char reported[4096];

static void note(void *arg, const struct coverage_span *span)
{
    static const char *const names[SOURCE_COUNT] = {"", "rest", "stream", "matriz"};
    const char *reason = arg ? arg : event_kind_name(span->reason);
    size_t used = strlen(reported);
    snprintf(reported + used, sizeof(reported) - used, "%s%d %s %lld-%lld %s", used ? "; " : "",
             span->instrument, names[span->source], (long long)((span->ts_from - T0) / NS_PER_MS),
             (long long)((span->ts_to - T0) / NS_PER_MS), reason);
}

static struct now at(int64_t ms)
{
    return (struct now){.mono_ms = 5000000 + ms, .wall_ns = T0 + ms * NS_PER_MS};
}

static struct source_table *sources;

static void list(const int32_t *instruments, int32_t count)
{
    t_int(source_table_list(sources, instruments, count, at(0).mono_ms, NULL), 0);
}

/* Instruments 0 to 3 are listed. */
static struct coverage *begin(void)
{
    static const int32_t all[] = {0, 1, 2, 3};
    reported[0] = '\0';
    sources = source_table_create();
    assert_non_null(sources);
    list(all, 4);
    struct coverage *c = coverage_create(sources, note, NULL);
    assert_non_null(c);
    return c;
}

static void sweep(struct coverage *c, int64_t ms)
{
    static char open[] = "open";
    coverage_sweep(c, at(ms).mono_ms, note, open);
}

#define ONE SOURCE_STREAM
#define TWO SOURCE_MATRIZ

static void alive(enum source stream, struct now now, int64_t due_in_ms)
{
    source_table_alive(sources, stream, (struct source_proof){now, now.mono_ms + due_in_ms});
}

static void stream(struct coverage *c, int32_t instrument, enum source stream, struct now now)
{
    const struct source_event event = {
        .kind = SOURCE_EV_DELIVERED, .now_ms = now.mono_ms, .stream = stream};
    source_table_step(sources, instrument, &event);
    t_int(coverage_streamed(c, instrument, now), 0);
}

static void check(struct coverage *c, const char *expected)
{
    t_str(reported, expected);
    coverage_destroy(c);
    source_table_destroy(sources);
}

static void answers_in_time_are_one_interval(void **state)
{
    (void)state;
    struct coverage *c = begin();
    for (int64_t ms = 0; ms <= 5000; ms += 1000)
        coverage_polled(c, 2, at(ms), 3000);
    sweep(c, 5500);
    sweep(c, 6000); /* nothing new */
    coverage_end_all(c, EVENT_STOPPED);
    check(c, "2 rest 0-5000 open; 2 rest 0-5000 stopped");
}

static void an_overdue_answer_ends_the_interval_at_the_last_one(void **state)
{
    (void)state;
    struct coverage *c = begin();
    coverage_polled(c, 0, at(0), 3000);
    coverage_polled(c, 0, at(2000), 3000);
    coverage_polled(c, 0, at(5001), 3000);
    coverage_unanswered(c, 0, EVENT_SERVER);
    sweep(c, 9000);
    coverage_polled(c, 0, at(10000), 3000);
    coverage_end_all(c, EVENT_STOPPED);
    check(c, "0 rest 0-2000 overdue; 0 rest 5001-5001 server; 0 rest 10000-10000 stopped");
}

static void no_gap_between_polling_and_the_stream(void **state)
{
    (void)state;
    struct coverage *c = begin();
    coverage_polled(c, 0, at(0), 3000);
    alive(ONE, at(1500), 90000);
    stream(c, 0, ONE, at(1500));
    stream(c, 0, ONE, at(1600));
    alive(ONE, at(60000), 90000); /* by another instrument's datum */
    sweep(c, 61000);
    coverage_lost(c, 0, T0 + 70000 * NS_PER_MS, EVENT_STREAM_CLOSED); /* a pong arrived later */
    coverage_polled(c, 0, at(80000), 3000);
    coverage_end_all(c, EVENT_STOPPED);
    check(c, "0 rest 0-1500 streaming; 0 stream 1500-60000 open; "
             "0 stream 1500-70000 stream_closed; 0 rest 80000-80000 stopped");
}

static void only_the_lost_instrument_ends_at_its_own_proof(void **state)
{
    (void)state;
    struct coverage *c = begin();
    alive(ONE, at(0), 90000);
    stream(c, 0, ONE, at(0));
    stream(c, 1, ONE, at(0));
    alive(ONE, at(30000), 90000);
    coverage_lost(c, 1, T0 + 12000 * NS_PER_MS, EVENT_DIVERGENCE);
    coverage_streams_gone(c, EVENT_STALE);
    check(c, "1 stream 0-12000 divergence; 0 stream 0-30000 stale");
}

static void each_stream_has_its_own_proofs(void **state)
{
    (void)state;
    struct coverage *c = begin();
    alive(ONE, at(0), 90000);
    alive(TWO, at(0), 90000);
    stream(c, 0, ONE, at(0));
    stream(c, 1, TWO, at(0));
    stream(c, 1, ONE, at(500)); /* it has a source already */
    alive(TWO, at(20000), 90000);
    sweep(c, 21000);
    alive(ONE, at(30000), 90000);
    coverage_clock_jumped(c, at(40000));
    alive(TWO, at(50000), 90000);
    coverage_streams_gone(c, EVENT_STALE);
    check(c, "0 stream 0-0 open; 1 matriz 0-20000 open; 0 stream 0-30000 clock_jumped; "
             "1 matriz 0-20000 clock_jumped; 0 stream 40000-40000 stale; "
             "1 matriz 40000-50000 stale");
}

/* Its proofs are those of the stream; a polled one has its own. */
static void a_streamed_interval_is_reported_once(void **state)
{
    (void)state;
    struct coverage *c = begin();
    alive(ONE, at(0), 90000);
    stream(c, 0, ONE, at(0));
    coverage_polled(c, 1, at(0), 30000);
    sweep(c, 1000);
    alive(ONE, at(20000), 90000);
    coverage_polled(c, 1, at(20000), 30000);
    sweep(c, 21000);
    coverage_tell_again(c);
    sweep(c, 22000);
    coverage_lost(c, 0, at(20500).wall_ns, EVENT_DIVERGENCE);
    stream(c, 2, TWO, at(23000));
    sweep(c, 24000);
    check(c, "0 stream 0-0 open; 1 rest 0-0 open; 1 rest 0-20000 open; "
             "0 stream 0-20000 open; 1 rest 0-20000 open; "
             "0 stream 0-20500 divergence; 2 matriz 23000-23000 open");
}

static void one_that_the_table_does_not_call_streamed_is_not_covered(void **state)
{
    (void)state;
    struct coverage *c = begin();
    alive(ONE, at(0), 90000);
    t_int(coverage_streamed(c, 0, at(0)), 0);
    coverage_end_all(c, EVENT_STOPPED);
    check(c, "");
}

static void an_interval_is_split_at_midnight(void **state)
{
    (void)state;
    struct coverage *c = begin();
    int64_t midnight_ms = 12 * 3600 * 1000;
    alive(ONE, at(midnight_ms - 5000), 90000);
    stream(c, 0, ONE, at(midnight_ms - 5000));
    sweep(c, midnight_ms + 1000); /* no proof since */
    alive(ONE, at(midnight_ms + 7000), 90000);
    sweep(c, midnight_ms + 8000);
    check(c, "0 stream 43195000-43195000 open; 0 stream 43195000-43200000 day_end; "
             "0 stream 43200000-43207000 open");
}

static void the_end_of_an_interval_is_split_and_not_before_its_start(void **state)
{
    (void)state;
    struct coverage *c = begin();
    int64_t midnight_ms = 12 * 3600 * 1000;
    stream(c, 0, ONE, at(midnight_ms - 5000));
    stream(c, 1, ONE, at(midnight_ms - 3000));
    alive(ONE, at(midnight_ms + 7000), 90000);
    coverage_lost(c, 1, T0 + (midnight_ms - 4000) * NS_PER_MS, EVENT_DIVERGENCE);
    coverage_streams_gone(c, EVENT_STREAM_CLOSED); /* without a sweep since midnight */
    check(c, "1 stream 43197000-43197000 divergence; 0 stream 43195000-43200000 day_end; "
             "0 stream 43200000-43207000 stream_closed");
}

static void an_overdue_instrument_that_becomes_streamed_has_a_gap(void **state)
{
    (void)state;
    struct coverage *c = begin();
    coverage_polled(c, 0, at(0), 3000);
    alive(ONE, at(5000), 90000);
    stream(c, 0, ONE, at(5000));
    coverage_end_all(c, EVENT_STOPPED);
    check(c, "0 rest 0-0 overdue; 0 stream 5000-5000 stopped");
}

/* The last proof before the jump is in the future of the new clock: it proves nothing after it. */
static void a_clock_set_back_leaves_no_proof_in_the_future(void **state)
{
    (void)state;
    struct coverage *c = begin();
    alive(ONE, at(7200000), 90000);
    stream(c, 0, ONE, at(7200000));
    coverage_clock_jumped(c, (struct now){at(7203000).mono_ms, at(3603000).wall_ns});
    coverage_streams_gone(c, EVENT_STREAM_CLOSED);
    check(c, "0 stream 7200000-7200000 clock_jumped; 0 stream 3603000-3603000 stream_closed");
}

static void no_overlap_after_a_wall_clock_is_set_back(void **state)
{
    (void)state;
    struct coverage *c = begin();
    struct now now = at(60000);
    coverage_polled(c, 0, now, 3000);
    now.mono_ms += 1000;
    now.wall_ns -= 30000 * NS_PER_MS;
    coverage_polled(c, 0, now, 3000);
    now.mono_ms += 10000;
    coverage_polled(c, 0, now, 3000);
    coverage_end_all(c, EVENT_STOPPED);
    check(c, "0 rest 60000-60000 overdue; 0 rest 60000-60000 stopped");
}

/* The clock is set back: the intervals before and after it keep their own times. */
static void a_clock_jump_ends_all_and_starts_the_streamed_again(void **state)
{
    (void)state;
    struct coverage *c = begin();
    struct now now = at(7200000);
    coverage_polled(c, 0, now, 3000);
    alive(ONE, now, 90000);
    stream(c, 1, ONE, now);
    coverage_polled(c, 0, at(7201000), 3000);
    alive(ONE, at(7202000), 90000);
    now = (struct now){at(7203000).mono_ms, at(3603000).wall_ns}; /* an hour back */
    coverage_clock_jumped(c, now);
    coverage_polled(c, 0, now, 3000);
    now = (struct now){at(7205000).mono_ms, at(3605000).wall_ns};
    coverage_polled(c, 0, now, 3000);
    alive(ONE, now, 90000);
    coverage_end_all(c, EVENT_STOPPED);
    check(c, "0 rest 7200000-7201000 clock_jumped; 1 stream 7200000-7202000 clock_jumped; "
             "1 stream 3603000-3605000 stopped; 0 rest 3603000-3605000 stopped");
}

static void a_slower_polling_rate_ends_no_interval(void **state)
{
    (void)state;
    struct coverage *c = begin();
    coverage_polled(c, 0, at(0), 3000);
    coverage_expect(c, 0, at(1000).mono_ms, 180000);
    coverage_expect(c, 77, at(1000).mono_ms, 180000); /* unknown */
    sweep(c, 60000);
    coverage_polled(c, 0, at(61000), 180000);
    coverage_lost(c, 0, 0, EVENT_UNKNOWN_SYMBOL); /* REST ends at its own last answer */
    coverage_lost(c, 0, 0, EVENT_STALE);          /* once */
    coverage_lost(c, 77, 0, EVENT_STALE);         /* unknown */
    check(c, "0 rest 0-0 open; 0 rest 0-61000 unknown_symbol");
}

static void a_removed_instrument_was_covered_until_then(void **state)
{
    (void)state;
    static const int32_t kept[] = {1, 3};
    struct coverage *c = begin();
    coverage_polled(c, 0, at(0), 3000);
    coverage_polled(c, 1, at(0), 3000);
    stream(c, 2, ONE, at(0));
    stream(c, 3, ONE, at(0));
    alive(ONE, at(500), 3000);
    list(kept, 2);
    coverage_relisted(c, at(2000));
    list(NULL, 0);
    coverage_relisted(c, at(5000)); /* the next answer of 1 was due at 3000 */
    coverage_relisted(c, at(6000)); /* once */
    check(c, "0 rest 0-2000 instruments_changed; 2 stream 0-2000 instruments_changed; "
             "1 rest 0-0 overdue; 3 stream 0-500 stale");
}

/* A day's intervals lie within the day, also one that is extended at its first moment. */
static void an_interval_that_ends_at_midnight_is_split(void **state)
{
    (void)state;
    struct coverage *c = begin();
    int64_t midnight_ms = 12 * 3600 * 1000;
    t_int(coverage_polled(c, 0, at(0), 2 * midnight_ms), 0);
    t_int(coverage_unanswered(c, 0, EVENT_SERVER), 0);
    t_int(coverage_polled(c, 0, at(midnight_ms), 3000), 0);
    coverage_end_all(c, EVENT_STOPPED);
    check(c, "0 rest 0-43200000 day_end; 0 rest 43200000-43200000 stopped");
}

/* Whatever was polled begins again with its next answer. */
static void a_clock_jump_begins_no_polled_interval(void **state)
{
    (void)state;
    struct coverage *c = begin();
    coverage_polled(c, 0, at(0), 3000);
    coverage_polled(c, 0, at(3000), 3000); /* in time, at the last moment */
    coverage_clock_jumped(c, at(4000));
    coverage_end_all(c, EVENT_STOPPED);
    check(c, "0 rest 0-3000 clock_jumped");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_in_time_are_one_interval),
        cmocka_unit_test(an_overdue_answer_ends_the_interval_at_the_last_one),
        cmocka_unit_test(no_gap_between_polling_and_the_stream),
        cmocka_unit_test(only_the_lost_instrument_ends_at_its_own_proof),
        cmocka_unit_test(each_stream_has_its_own_proofs),
        cmocka_unit_test(a_streamed_interval_is_reported_once),
        cmocka_unit_test(one_that_the_table_does_not_call_streamed_is_not_covered),
        cmocka_unit_test(an_interval_is_split_at_midnight),
        cmocka_unit_test(the_end_of_an_interval_is_split_and_not_before_its_start),
        cmocka_unit_test(an_overdue_instrument_that_becomes_streamed_has_a_gap),
        cmocka_unit_test(a_clock_set_back_leaves_no_proof_in_the_future),
        cmocka_unit_test(no_overlap_after_a_wall_clock_is_set_back),
        cmocka_unit_test(a_clock_jump_ends_all_and_starts_the_streamed_again),
        cmocka_unit_test(a_slower_polling_rate_ends_no_interval),
        cmocka_unit_test(a_removed_instrument_was_covered_until_then),
        cmocka_unit_test(an_interval_that_ends_at_midnight_is_split),
        cmocka_unit_test(a_clock_jump_begins_no_polled_interval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
