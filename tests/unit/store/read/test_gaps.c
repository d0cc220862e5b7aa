/*
 * Compares the view gaps with a model that computes each minute, for random sessions, watch lists
 * and coverage. A minute is missing when it is in the session, the instrument was to be recorded,
 * and no interval covered it. tape_gaps(), which reads one instrument, must find the same.
 */
#include "base/buf.h"
#include "base/clock.h"
#include "base/rng.h"
#include "store/read/tape.h"
#include "support/store_fixture.h"

#define MINUTE      (60 * NS_PER_S)
#define DAYS        4
#define DAY_MINUTES 1440
#define MINUTES     (DAYS * DAY_MINUTES)
#define INSTRUMENTS 12
#define LISTS       25
#define SEEDS       12

/* The expected state, by minute. */
struct model {
    int64_t day; /* the first one */
    bool session[MINUTES];
    int watch[INSTRUMENTS][MINUTES]; /* the number of the watch interval, 0 = not to be recorded */
    bool covered[INSTRUMENTS][MINUTES];
};

static int64_t at(const struct model *m, int minute)
{
    return art_day_begins_ns(m->day) + minute * MINUTE;
}

static void make_sessions(struct model *m, struct store *store, struct rng *rng)
{
    for (int d = 0; d < DAYS; d++) {
        int open = (int)rng_below(rng, 900), close = open + (int)rng_below(rng, 1440 - open);
        const struct store_session session = {.day = m->day + d,
                                              .ts_open = at(m, d * DAY_MINUTES + open),
                                              .ts_close = at(m, d * DAY_MINUTES + close),
                                              .present = true};
        store_session(store, &session);
        for (int i = open; i < close; i++)
            m->session[d * DAY_MINUTES + i] = true;
    }
}

/* Several lists may have the same time, as when a configuration is read twice in a row. */
static void make_watches(struct model *m, struct store *store, struct rng *rng)
{
    int begins[LISTS + 1];
    for (int l = 0; l < LISTS; l++)
        begins[l] = (int)(MINUTES * (int64_t)l / LISTS) + (int)rng_below(rng, MINUTES / LISTS);
    begins[LISTS] = MINUTES;
    int intervals[INSTRUMENTS] = {0};
    bool was[INSTRUMENTS] = {false};
    for (int l = 0; l < LISTS; l++) {
        int32_t list[INSTRUMENTS];
        size_t count = 0;
        for (int i = 0; i < INSTRUMENTS; i++) {
            bool is = rng_below(rng, 10) < 6;
            intervals[i] += is && !was[i];
            was[i] = is;
            if (is)
                list[count++] = i;
            for (int t = begins[l]; t < begins[l + 1]; t++)
                m->watch[i][t] = is ? intervals[i] : 0;
        }
        store_watch(store, list, count, at(m, begins[l]));
    }
}

static void cover(struct model *m, struct store *store, int instrument, int from, int to)
{
    const struct store_span span = {.instrument = instrument,
                                    .source = SOURCE_REST,
                                    .ts_from = at(m, from),
                                    .ts_to = at(m, to),
                                    .reason = EVENT_STALE};
    store_spans_closed(store, &span, 1);
    for (int t = from; t < to; t++)
        m->covered[instrument][t] = true;
}

/* Intervals of an instrument are adjacent or have a gap between them, and end at midnight. */
static void make_coverage(struct model *m, struct store *store, struct rng *rng)
{
    for (int i = 0; i < INSTRUMENTS; i++) {
        for (int from = (int)rng_below(rng, 300); from < MINUTES;) {
            int end = (from / DAY_MINUTES + 1) * DAY_MINUTES;
            int to = from + 1 + (int)rng_below(rng, 400);
            to = to < end ? to : end;
            cover(m, store, i, from, to);
            from = to + (rng_below(rng, 3) ? (int)rng_below(rng, 200) : 0);
        }
    }
}

static bool missing(const struct model *m, int instrument, int t)
{
    return m->session[t] && m->watch[instrument][t] && !m->covered[instrument][t];
}

/* Consecutive missing minutes of the same watch interval and day are one gap. */
static void model_gaps(const struct model *m, int instrument, struct buf *out)
{
    for (int from = 0; from < MINUTES; from++) {
        if (!missing(m, instrument, from))
            continue;
        int to = from + 1;
        while (to < MINUTES && to / DAY_MINUTES == from / DAY_MINUTES &&
               m->watch[instrument][to] == m->watch[instrument][from] && missing(m, instrument, to))
            to++;
        buf_printf(out, "%d-%d;", from, to);
        from = to - 1;
    }
}

static void check_instrument(const struct fixture *f, const struct model *m, int instrument)
{
    static char sql[512], found[60000];
    struct buf expected;
    buf_init(&expected, sizeof(found));
    model_gaps(m, instrument, &expected);
    snprintf(sql, sizeof(sql),
             "SELECT coalesce(group_concat(((ts_from - %1$lld) / 60000000000) || '-' || "
             "((ts_to - %1$lld) / 60000000000) || ';', ''), '') "
             "FROM (SELECT * FROM gaps WHERE symbol = 'S%2$d' ORDER BY ts_from)",
             (long long)at(m, 0), instrument);
    t_true(ask_text(f, sql, found, sizeof(found)));
    t_str(found, buf_text(&expected));
    buf_finish(&expected);
}

struct found {
    const struct model *m;
    struct buf text;
};

static int take_gap(void *arg, const struct tape_gap *gap)
{
    struct found *found = arg;
    buf_printf(&found->text, "%lld-%lld;", (long long)((gap->ts_from - at(found->m, 0)) / MINUTE),
               (long long)((gap->ts_to - at(found->m, 0)) / MINUTE));
    return 0;
}

static bool go_on(void *arg)
{
    (void)arg;
    return false;
}

static struct tape *open_tape(const struct fixture *f)
{
    struct tape *tape;
    struct err err;
    if (tape_open(&tape, f->path, go_on, NULL, &err))
        fail_msg("%s", err.text);
    return tape;
}

static void check_tape(struct tape *tape, const struct model *m, int instrument)
{
    char symbol[16];
    struct err err = {0};
    struct buf expected;
    struct found found = {.m = m};
    snprintf(symbol, sizeof(symbol), "S%d", instrument);
    buf_init(&expected, 60000);
    buf_init(&found.text, 60000);
    model_gaps(m, instrument, &expected);
    const struct tape_of of = {"ROFX", symbol, at(m, 0), at(m, MINUTES)};
    t_int(tape_gaps(tape, &of, T0, take_gap, &found, &err), 0);
    t_str(buf_text(&found.text), buf_text(&expected));
    buf_finish(&expected);
    buf_finish(&found.text);
}

static void try_seed(uint64_t seed)
{
    static struct model m;
    struct rng rng = {seed};
    struct fixture f = fixture_make();
    struct store *store = fixture_store(f.path, INSTRUMENTS);
    memset(&m, 0, sizeof(m));
    m.day = art_day(T0) - 200; /* in the past, so that all of it has ended */
    make_sessions(&m, store, &rng);
    make_watches(&m, store, &rng);
    make_coverage(&m, store, &rng);
    fixture_close(store);
    struct tape *tape = open_tape(&f);
    for (int i = 0; i < INSTRUMENTS; i++) {
        check_instrument(&f, &m, i);
        check_tape(tape, &m, i);
    }
    tape_close(tape);
    fixture_remove(&f);
}

static void random_schedules(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        char name[32];
        snprintf(name, sizeof(name), "seed %d", (int)seed);
        t_row(name);
        try_seed(seed);
    }
}

static void reload(struct store *store, int64_t ts, bool wanted)
{
    const int32_t list[] = {0};
    store_watch(store, list, wanted, ts);
}

static int64_t session_begins(struct store *store)
{
    int64_t day = art_day(T0) - 100, open = art_day_begins_ns(day) + 600 * MINUTE;
    const struct store_session session = {
        .day = day, .ts_open = open, .ts_close = open + 420 * MINUTE, .present = true};
    store_session(store, &session);
    return open;
}

static void span(struct store *store, int64_t from, int64_t to, enum event_kind reason)
{
    const struct store_span closed = {
        .source = SOURCE_REST, .ts_from = from, .ts_to = to, .reason = reason};
    store_spans_closed(store, &closed, 1);
}

/* While another program locks the database, so that one transaction writes everything. */
static void removed_and_added_again_is_no_gap(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = fixture_store(f.path, 1);
    sqlite3 *user;
    fixture_close(store);
    store = fixture_store(f.path, 1);
    t_int(sqlite3_open(f.path, &user), SQLITE_OK);
    sqlite3_busy_timeout(user, 10000);
    t_int(sqlite3_exec(user, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    int64_t open = session_begins(store);
    reload(store, open, true);
    span(store, open, open + 60 * MINUTE, EVENT_INSTRUMENTS_CHANGED);
    reload(store, open + 60 * MINUTE, false);
    reload(store, open + 120 * MINUTE, true);
    span(store, open + 121 * MINUTE, open + 420 * MINUTE, EVENT_STOPPED);
    t_int(sqlite3_exec(user, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(user);
    fixture_close(store);
    t_double(ask(&f, "SELECT count(*) FROM gaps"), 1);
    t_double(ask(&f, "SELECT seconds FROM gaps WHERE reason = 'instruments_changed'"), 60);
    fixture_remove(&f);
}

/* The same hour occurs twice: what was covered the first time is not missing the second time. */
static void coverage_may_overlap(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = fixture_store(f.path, 1);
    int64_t open = session_begins(store);
    reload(store, open, true);
    span(store, open, open + 120 * MINUTE, EVENT_CLOCK_JUMPED);
    span(store, open + 60 * MINUTE, open + 90 * MINUTE, EVENT_STALE);
    span(store, open + 100 * MINUTE, open + 200 * MINUTE, EVENT_STALE);
    span(store, open + 205 * MINUTE, open + 420 * MINUTE, EVENT_STOPPED);
    fixture_close(store);
    t_double(ask(&f, "SELECT count(*) FROM gaps"), 1);
    t_double(ask(&f, "SELECT seconds FROM gaps WHERE reason = 'stale'"), 5 * 60);
    fixture_remove(&f);
}

/* The clock was set back: intervals do not overlap, and writing them does not fail. */
static void watches_do_not_overlap(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = fixture_store(f.path, 1);
    int64_t open = session_begins(store);
    reload(store, open + 10 * MINUTE, true);
    reload(store, open + 5 * MINUTE, false);
    reload(store, open + 5 * MINUTE, true);
    reload(store, open + 30 * MINUTE, false);
    reload(store, open + 20 * MINUTE, true);
    fixture_close(store);
    t_double(ask(&f, "SELECT count(*) FROM watch"), 2);
    t_double(ask(&f, "SELECT count(*) FROM watch a JOIN watch b ON b.ts_from > a.ts_from "
                     "AND b.ts_from < a.ts_to"),
             0);
    t_double(ask(&f, "SELECT sum(seconds) FROM gaps"), 410 * 60);
    fixture_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_schedules),
        cmocka_unit_test(removed_and_added_again_is_no_gap),
        cmocka_unit_test(coverage_may_overlap),
        cmocka_unit_test(watches_do_not_overlap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
