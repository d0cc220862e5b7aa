#include "market/source_table.h"

#include "base/rng.h"
#include "support/t.h"

#define T0 INT64_C(1000)

/* The state of a row in words: "streamed 2 dropped probed", 2 being the stream. */
static const char *words_of(const struct source_row *row)
{
    static const char *const states[SOURCE_STATES] = {"-", "polled", "dropped", "streamed"};
    static char words[80];
    bool also_dropped = row->dropped_ms && row->state != SOURCE_DROPPED;
    int used = snprintf(words, sizeof(words), "%s", states[row->state]);
    if (row->stream)
        used += snprintf(words + used, sizeof(words) - (size_t)used, " %d", (int)row->stream);
    snprintf(words + used, sizeof(words) - (size_t)used, "%s%s%s", also_dropped ? " dropped" : "",
             row->probe_ms ? " probed" : "", row->lost_ms ? " lost" : "");
    return words;
}

static struct source_table *listing(const int32_t *instruments, int32_t count)
{
    struct source_table *t = source_table_create();
    t_true(t);
    t_int(source_table_list(t, instruments, count, T0, NULL), 0);
    return t;
}

static struct source_move send(struct source_table *t, int32_t instrument,
                               struct source_event event, int64_t now_ms)
{
    event.now_ms = now_ms;
    return source_table_step(t, instrument, &event);
}

/* --- every state with every event ------------------------------------------------------------- */

#define ONE SOURCE_STREAM
#define TWO SOURCE_MATRIZ

static const struct column {
    const char *name;
    struct source_event event;
} columns[] = {
    {"listed", {.kind = SOURCE_EV_LISTED}},
    {"unlisted", {.kind = SOURCE_EV_UNLISTED}},
    {"delivered by 2", {.kind = SOURCE_EV_DELIVERED, .stream = ONE}},
    {"delivered by 3", {.kind = SOURCE_EV_DELIVERED, .stream = TWO}},
    {"observed", {.kind = SOURCE_EV_OBSERVED}},
    {"probed", {.kind = SOURCE_EV_PROBED}},
    {"agreed", {.kind = SOURCE_EV_AGREED}},
    {"unproved", {.kind = SOURCE_EV_UNPROVED}},
    {"lost by 2", {.kind = SOURCE_EV_LOST, .stream = ONE, .at_ms = 5}},
    {"lost by 3", {.kind = SOURCE_EV_LOST, .stream = TWO, .at_ms = 5}},
    {"released", {.kind = SOURCE_EV_RELEASED}},
    {"dropped", {.kind = SOURCE_EV_DROPPED, .at_ms = 99}},
    {"restored", {.kind = SOURCE_EV_RESTORED}},
};
#define COLUMNS T_COUNT(columns)

/* The events, as indices in `columns`, that lead to a state; then the state after each event, in
 * the order of `columns`; "=": the same. */
static const struct row {
    int events[4], count;
    const char *from, *to[COLUMNS];
} rows[] = {
    /* clang-format off */
    {{0}, 0, "-",
     {"polled", "=", "=", "=", "=", "=", "=", "=", "=", "=", "=", "=", "="}},
    {{0}, 1, "polled",
     {"=", "-", "streamed 2", "streamed 3", "=", "=", "=", "=", "=", "=", "=", "dropped", "="}},
    {{0, 11}, 2, "dropped",
     {"=", "-", "streamed 2 dropped", "streamed 3 dropped", "=", "=", "=", "=", "=", "=", "=", "=", "polled"}},
    {{0, 2}, 2, "streamed 2",
     {"=", "-", "=", "=", "=", "streamed 2 probed", "=", "=", "polled lost", "=", "polled", "streamed 2 dropped", "="}},
    {{0, 3}, 2, "streamed 3",
     {"=", "-", "=", "=", "=", "streamed 3 probed", "=", "=", "=", "polled lost", "polled", "streamed 3 dropped", "="}},
    {{0, 2, 5}, 3, "streamed 2 probed",
     {"=", "-", "=", "=", "=", "=", "streamed 2", "streamed 2", "polled lost", "=", "polled", "streamed 2 dropped probed", "="}},
    {{0, 11, 2}, 3, "streamed 2 dropped",
     {"=", "-", "=", "=", "=", "streamed 2 dropped probed", "=", "=", "dropped lost", "=", "dropped", "=", "streamed 2"}},
    {{0, 2, 8}, 3, "polled lost",
     {"=", "-", "streamed 2", "streamed 3", "polled", "=", "=", "=", "=", "=", "polled", "dropped lost", "="}},
    {{0, 11, 2, 8}, 4, "dropped lost",
     {"=", "-", "streamed 2 dropped", "streamed 3 dropped", "dropped", "=", "=", "=", "=", "=", "dropped", "=", "polled lost"}},
    /* clang-format on */
};

static void test_every_state_with_every_event(void **state)
{
    (void)state;
    const int32_t other = 1;
    char name[80];
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        for (size_t c = 0; c < COLUMNS; c++) {
            struct source_table *t = listing(&other, 1); /* instrument 0 is known, and not listed */
            snprintf(name, sizeof(name), "%s: %s", rows[i].from, columns[c].name);
            t_row(name);
            for (int k = 0; k < rows[i].count; k++)
                send(t, 0, columns[rows[i].events[k]].event, T0 + k);
            const struct source_row before = *source_table_row(t, 0);
            t_str(words_of(&before), rows[i].from);
            struct source_move move = send(t, 0, columns[c].event, T0 + 10);
            const struct source_row *after = source_table_row(t, 0);
            t_str(words_of(after), strcmp(rows[i].to[c], "=") ? rows[i].to[c] : rows[i].from);
            bool moved = after->state != before.state || after->stream != before.stream;
            t_int(move.moved, moved);
            t_int(after->since_ms, moved ? T0 + 10 : before.since_ms);
            t_int(move.lost_ms, c >= 2 && c <= 4 && before.lost_ms ? 5 : 0);
            t_str(words_of(source_table_row(t, other)), "polled");
            source_table_destroy(t);
        }
    }
    t_row("");
}

/* --- times ------------------------------------------------------------------------------------ */

static void test_the_last_proof(void **state)
{
    (void)state;
    const int32_t one = 0;
    struct source_table *t = listing(&one, 1);
    const struct source_row *row = source_table_row(t, 0);
    t_int(source_table_proof_ms(t, 0), 0);
    t_int(source_table_proof_ms(t, 1), 0); /* unknown */
    t_int(source_table_proof_ms(t, 7), 0);
    send(t, 0, (struct source_event){.kind = SOURCE_EV_OBSERVED}, T0 + 1);
    t_int(source_table_proof_ms(t, 0), T0 + 1);
    source_table_alive(t, TWO, (struct source_proof){{T0 + 90, 1}, T0 + 900});
    t_int(source_table_proof_ms(t, 0), T0 + 1); /* not its source */
    send(t, 0, (struct source_event){.kind = SOURCE_EV_DELIVERED, .stream = ONE}, T0 + 2);
    t_int(row->heard_ms, T0 + 2);
    send(t, 0, (struct source_event){.kind = SOURCE_EV_DELIVERED, .stream = TWO}, T0 + 3);
    send(t, 0, (struct source_event){.kind = SOURCE_EV_OBSERVED}, T0 + 4);
    t_int(source_table_proof_ms(t, 0), T0 + 2); /* an answer may be older than its stream */
    send(t, 0, (struct source_event){.kind = SOURCE_EV_AGREED}, T0 + 5);
    t_int(row->confirmed_ms, T0 + 1); /* it was not probed */
    send(t, 0, (struct source_event){.kind = SOURCE_EV_PROBED}, T0 + 6);
    t_int(row->probe_ms, T0 + 6);
    send(t, 0, (struct source_event){.kind = SOURCE_EV_AGREED}, T0 + 7);
    t_int(source_table_proof_ms(t, 0), T0 + 7);
    source_table_alive(t, ONE, (struct source_proof){{T0 + 8, 123}, T0 + 1000});
    t_int(source_table_proof_ms(t, 0), T0 + 8);
    t_int(source_table_proof(t, ONE).at.wall_ns, 123);
    t_int(source_table_proof(t, ONE).due_ms, T0 + 1000);
    send(t, 0, (struct source_event){.kind = SOURCE_EV_DROPPED, .at_ms = T0 + 500}, T0 + 9);
    t_int(row->dropped_ms, T0 + 9);
    t_int(row->dropped_until_ms, T0 + 500);
    t_int(row->since_ms, T0 + 2); /* it is streamed all the same */
    source_table_destroy(t);
}

static void test_only_the_preferred_stream_takes_the_place_of_another(void **state)
{
    (void)state;
    static const int32_t list[] = {0, 1};
    struct source_event one = {.kind = SOURCE_EV_DELIVERED, .stream = ONE, .entries = 5};
    struct source_event two = {.kind = SOURCE_EV_DELIVERED, .stream = TWO, .entries = 2};
    struct source_table *t = listing(list, 2);
    const struct source_row *row = source_table_row(t, 0);
    t_true(source_table_takes(t, 0, ONE) && source_table_takes(t, 0, TWO));
    send(t, 0, one, T0 + 1);
    t_true(source_table_takes(t, 0, ONE) && !source_table_takes(t, 0, TWO));
    send(t, 0, two, T0 + 2);
    t_str(words_of(row), "streamed 2");
    t_int(row->entries, 5);

    source_table_prefer(t, TWO);
    t_true(source_table_takes(t, 0, TWO));
    t_true(source_table_takes(t, 0, ONE)); /* the source still, until the other delivers */
    send(t, 0, (struct source_event){.kind = SOURCE_EV_PROBED}, T0 + 3);
    t_true(send(t, 0, two, T0 + 4).moved);
    t_str(words_of(row), "streamed 3"); /* and the probe of the other is forgotten */
    t_int(row->since_ms, T0 + 4);
    t_int(row->heard_ms, T0 + 4);
    t_int(row->entries, 2);
    t_true(!source_table_takes(t, 0, ONE));
    two.entries = 8;
    t_true(!send(t, 0, two, T0 + 5).moved);
    t_int(row->entries, 10);

    send(t, 0, (struct source_event){.kind = SOURCE_EV_LOST, .stream = ONE, .at_ms = 5}, T0 + 6);
    t_str(words_of(row), "streamed 3"); /* it was not its source any more */
    send(t, 0, (struct source_event){.kind = SOURCE_EV_LOST, .stream = TWO, .at_ms = 5}, T0 + 7);
    t_int(row->entries, 0);
    send(t, 0, one, T0 + 8);
    t_str(words_of(row), "streamed 2"); /* better than none */
    source_table_destroy(t);
}

static void test_streams_are_released(void **state)
{
    (void)state;
    static const int32_t list[] = {3, 0, 1};
    struct source_table *t = listing(list, 3);
    for (int32_t i = 0; i < 3; i++)
        send(t, list[i], (struct source_event){.kind = SOURCE_EV_DELIVERED, .stream = ONE}, T0);
    send(t, 0, (struct source_event){.kind = SOURCE_EV_LOST, .stream = ONE, .at_ms = 5}, T0 + 1);
    send(t, 1, (struct source_event){.kind = SOURCE_EV_DROPPED, .at_ms = T0 + 99}, T0 + 1);
    source_table_release(t, T0 + 2);
    t_str(words_of(source_table_row(t, 3)), "polled");
    t_int(source_table_row(t, 3)->since_ms, T0 + 2);
    t_str(words_of(source_table_row(t, 0)), "polled");
    t_str(words_of(source_table_row(t, 1)), "dropped");
    t_int(source_table_counts(t)->lost, 0);
    t_str(words_of(source_table_row(t, 2)), "-");
    source_table_destroy(t);
}

static void test_a_clock_jump_gives_all_proofs_the_new_time(void **state)
{
    (void)state;
    const int32_t one = 0;
    struct source_table *t = listing(&one, 1);
    source_table_alive(t, ONE, (struct source_proof){{T0, 700}, T0 + 10});
    source_table_alive(t, TWO, (struct source_proof){{T0 + 1, 800}, T0 + 11});
    source_table_clock_jumped(t, (struct now){T0 + 5, 300});
    t_int(source_table_proof(t, ONE).at.wall_ns, 300);
    t_int(source_table_proof(t, ONE).at.mono_ms, T0);
    t_int(source_table_proof(t, TWO).at.wall_ns, 300);
    t_int(source_table_proof(t, TWO).due_ms, T0 + 11);
    source_table_destroy(t);
}

/* --- the list --------------------------------------------------------------------------------- */

static void test_the_list_changes(void **state)
{
    (void)state;
    static const int32_t first[] = {5, 2, 9, 2}, second[] = {20, 9, 2};
    struct source_table *t = listing(first, 4);
    struct source_list list = source_table_listed(t);
    struct source_listing change;
    t_int(list.count, 3); /* one was named twice */
    t_int(list.item[0], 5);
    t_int(list.item[2], 9);
    t_int(source_table_size(t), 10);
    for (int32_t i = 0; i < 3; i++)
        send(t, first[i], (struct source_event){.kind = SOURCE_EV_DELIVERED, .stream = ONE}, T0);
    t_int(source_table_counts(t)->streamed_by[ONE], 3);

    t_int(source_table_list(t, second, 3, T0 + 50, &change), 0);
    t_int(change.added, 1);
    t_int(change.removed, 1);
    list = source_table_listed(t);
    t_int(list.count, 3);
    t_int(list.item[0], 20);
    t_str(words_of(source_table_row(t, 2)), "streamed 2");
    t_int(source_table_row(t, 2)->since_ms, T0);
    t_str(words_of(source_table_row(t, 5)), "-");
    t_str(words_of(source_table_row(t, 20)), "polled");
    t_int(source_table_counts(t)->streamed_by[ONE], 2);

    t_int(source_table_list(t, NULL, 0, T0 + 60, &change), 0);
    t_int(change.removed, 3);
    t_int(source_table_listed(t).count, 0);
    t_int(source_table_size(t), 21);
    source_table_destroy(t);

    t = listing(NULL, 0);
    t_int(source_table_size(t), 0);
    t_str(words_of(source_table_row(t, 0)), "-");
    source_table_destroy(t);
}

/* --- segments --------------------------------------------------------------------------------- */

static void set_calendar(struct source_table *t, int32_t instrument, uint8_t calendar)
{
    send(t, instrument, (struct source_event){.kind = SOURCE_EV_SEGMENT, .calendar = calendar}, T0);
}

static void test_levels_of_segments(void **state)
{
    (void)state;
    static const int32_t all[] = {0, 1, 2}, last[] = {2};
    struct source_table *t = listing(all, 3);
    t_int(source_table_level(t, 0), SESSION_OPEN); /* nobody has said anything else */
    t_int(source_table_calendars(t), 1);
    set_calendar(t, 1, 4);
    set_calendar(t, 2, 16);
    t_int(source_table_calendars(t), 1U | 1U << 4 | 1U << 16);
    source_table_set_level(t, 0, SESSION_CLOSED);
    source_table_set_level(t, 4, SESSION_AUCTION);
    source_table_set_level(t, 16, SESSION_OPEN);
    t_int(source_table_level(t, 1), SESSION_AUCTION);
    t_row("no stream delivers anything: of all listed ones");
    t_int(source_table_stream_level(t, ONE), SESSION_OPEN);
    send(t, 0, (struct source_event){.kind = SOURCE_EV_DELIVERED, .stream = ONE}, T0);
    t_row("one stream delivers an instrument of a closed segment only");
    t_int(source_table_stream_level(t, ONE), SESSION_CLOSED);
    t_int(source_table_stream_level(t, 0), SESSION_CLOSED);
    t_int(source_table_stream_level(t, TWO), SESSION_OPEN);
    send(t, 1, (struct source_event){.kind = SOURCE_EV_DELIVERED, .stream = TWO}, T0);
    t_row("the other one an instrument of one in an auction");
    t_int(source_table_stream_level(t, TWO), SESSION_AUCTION);
    t_int(source_table_stream_level(t, 0), SESSION_AUCTION);
    t_int(source_table_list(t, last, 1, T0, NULL), 0);
    t_row("removed instruments do not count");
    t_int(source_table_calendars(t), 1U << 16);
    t_int(source_table_list(t, all, 3, T0, NULL), 0);
    t_int(source_table_row(t, 1)->calendar, 0); /* until its segment is known again */
    t_int(source_table_list(t, NULL, 0, T0, NULL), 0);
    t_row("without instruments: the general calendar");
    t_int(source_table_calendars(t), 1);
    t_int(source_table_stream_level(t, ONE), SESSION_CLOSED);
    source_table_destroy(t);
}

/* --- random events against counting all rows ---------------------------------------------------
 */

static void check_row(const struct source_row *row)
{
    bool listed = row->state != SOURCE_UNLISTED;
    t_int(row->stream != 0, row->state == SOURCE_STREAMED);
    t_true(!row->entries || row->state == SOURCE_STREAMED);
    t_true(!row->probe_ms || row->state == SOURCE_STREAMED);
    t_true(!row->lost_ms || row->state == SOURCE_POLLED || row->state == SOURCE_DROPPED);
    t_int(row->dropped_ms != 0, row->dropped_until_ms != 0);
    t_true(!row->dropped_ms || row->state == SOURCE_DROPPED || row->state == SOURCE_STREAMED);
    t_true(row->dropped_ms || row->state != SOURCE_DROPPED);
    t_true(listed || (!row->heard_ms && !row->confirmed_ms));
}

static void check_counts(const struct source_table *t)
{
    struct source_counts sum = {0};
    for (int32_t i = 0; i < source_table_size(t); i++) {
        const struct source_row *row = source_table_row(t, i);
        check_row(row);
        sum.listed += row->state != SOURCE_UNLISTED;
        sum.state[row->state] += row->state != SOURCE_UNLISTED;
        sum.streamed_by[row->stream] += row->stream != 0;
        sum.probed += row->probe_ms != 0;
        sum.lost += row->lost_ms != 0;
        sum.unobserved += row->lost_ms || row->state == SOURCE_DROPPED;
        sum.listed_in[row->calendar] += row->state != SOURCE_UNLISTED;
        sum.streamed_in[row->stream][row->calendar] += row->stream != 0;
        t_true(row->state != SOURCE_UNLISTED || row->calendar == 0);
    }
    t_true(memcmp(&sum, source_table_counts(t), sizeof(sum)) == 0);
    t_int(sum.listed, source_table_listed(t).count);
    t_int(sum.state[SOURCE_POLLED] + sum.state[SOURCE_DROPPED] + sum.state[SOURCE_STREAMED],
          sum.listed);
    t_int(sum.streamed_by[ONE] + sum.streamed_by[TWO], sum.state[SOURCE_STREAMED]);
}

static void relist(struct source_table *t, struct rng *rng, int64_t now_ms)
{
    int32_t list[40];
    bool wanted[40] = {false};
    int32_t count = (int32_t)rng_below(rng, 41);
    for (int32_t i = 0; i < count; i++)
        wanted[list[i] = (int32_t)rng_below(rng, 40)] = true;
    t_int(source_table_list(t, list, count, now_ms, NULL), 0);
    for (int32_t i = 0; i < 40; i++)
        t_int(source_table_row(t, i)->state != SOURCE_UNLISTED, wanted[i]);
}

static void test_random_events(void **state)
{
    (void)state;
    struct rng rng = {11};
    const int32_t last = 39;
    struct source_table *t = listing(&last, 1);
    int64_t now_ms = T0;
    for (int n = 0; n < 20000; n++) {
        now_ms += rng_below(&rng, 3);
        if (n % 200 == 0)
            relist(t, &rng, now_ms);
        if (n % 70 == 0)
            source_table_prefer(t, n % 140 ? ONE : TWO);
        /* Listing is source_table_list()'s alone, as the list must agree with the rows. */
        size_t column = 2 + (size_t)rng_below(&rng, (int64_t)COLUMNS - 2);
        int32_t instrument = (int32_t)rng_below(&rng, 40);
        const struct source_row before = *source_table_row(t, instrument);
        struct source_move move = send(t, instrument, columns[column].event, now_ms);
        const struct source_row *after = source_table_row(t, instrument);
        t_true(after->since_ms >= before.since_ms);
        t_true(after->heard_ms >= before.heard_ms && after->confirmed_ms >= before.confirmed_ms);
        t_true(move.moved || after->since_ms == before.since_ms);
        t_true(!move.lost_ms || (before.lost_ms && !after->lost_ms));
        check_counts(t);
    }
    source_table_destroy(t);
}

/* --- trials ----------------------------------------------------------------------------------- */

/* The last event of each row follows the start of a trial. */
static void test_a_trial(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct source_event event;
        bool on_trial, proved;
    } cases[] = {
        {"its first data by REST", {.kind = SOURCE_EV_OBSERVED}, false, true},
        {"or by a stream", {.kind = SOURCE_EV_DELIVERED, .stream = ONE}, false, true},
        {"refused by REST", {.kind = SOURCE_EV_DROPPED, .at_ms = 99}, true, false},
        {"configured", {.kind = SOURCE_EV_TRUSTED}, false, false},
        {"listed again", {.kind = SOURCE_EV_LISTED}, true, false},
        {"not listed any more", {.kind = SOURCE_EV_UNLISTED}, false, false},
    };
    static const struct source_event doubted = {.kind = SOURCE_EV_DOUBTED, .rest_first = true};
    const int32_t one = 0;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        struct source_table *t = listing(&one, 1);
        const struct source_row *row = source_table_row(t, 0);
        t_row(cases[i].name);
        t_true(!row->on_trial);
        t_true(!send(t, 0, doubted, T0 + 1).moved);
        t_true(row->on_trial && row->rest_first);
        t_int(send(t, 0, cases[i].event, T0 + 2).proved, cases[i].proved);
        t_int(row->on_trial, cases[i].on_trial);
        t_int(row->rest_first, cases[i].on_trial);
        t_true(!send(t, 0, cases[i].event, T0 + 3).proved); /* once */
        source_table_destroy(t);
    }
    t_row("");
}

static void test_data_or_the_brokers_list_shorten_a_trial(void **state)
{
    (void)state;
    const int32_t one = 0;
    struct source_table *t = listing(&one, 1);
    const struct source_row *row = source_table_row(t, 0);
    send(t, 0, (struct source_event){.kind = SOURCE_EV_DOUBTED}, T0 + 1);
    t_true(row->on_trial && !row->rest_first);
    send(t, 0, (struct source_event){.kind = SOURCE_EV_OBSERVED}, T0 + 2);
    send(t, 0, (struct source_event){.kind = SOURCE_EV_DOUBTED, .rest_first = true}, T0 + 3);
    t_true(!row->on_trial && !row->rest_first); /* its data are proof enough */
    source_table_destroy(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_state_with_every_event),
        cmocka_unit_test(test_the_last_proof),
        cmocka_unit_test(test_only_the_preferred_stream_takes_the_place_of_another),
        cmocka_unit_test(test_streams_are_released),
        cmocka_unit_test(test_a_clock_jump_gives_all_proofs_the_new_time),
        cmocka_unit_test(test_the_list_changes),
        cmocka_unit_test(test_levels_of_segments),
        cmocka_unit_test(test_random_events),
        cmocka_unit_test(test_a_trial),
        cmocka_unit_test(test_data_or_the_brokers_list_shorten_a_trial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
