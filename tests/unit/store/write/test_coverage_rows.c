/*
 * Coverage in the database, as shown by the views coverage and gaps.
 */
#include "base/clock.h"
#include "store/write/coverage_rows.h"
#include "store/write/coverage_writer.h"
#include "store/write/database.h"
#include "support/store_fixture.h"

#include <unistd.h>

#define SECOND NS_PER_S
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

static struct store *open_store(const struct fixture *f)
{
    const struct store_config config = {
        .path = f->path, .commit_every_ms = 1, .backlog_rows = 1000};
    struct store *store;
    struct err err;
    if (store_create(&store, &config, NULL, NULL, &err))
        fail_msg("%s", err.text);
    store_instrument(store, 0, "ROFX", "DLR/DIC26");
    store_instrument(store, 1, "ROFX", "GGAL/DIC26");
    return store;
}

static void close_store(struct store *store)
{
    struct err err;
    if (store_close(store, 10000, &err))
        fail_msg("%s", err.text);
}

/* The session of `day`, which must be in the past so that its gaps are final: 10:00 to 17:00. */
static void trade_on(struct store *store, int64_t day)
{
    const struct store_session session = {.day = day,
                                          .ts_open = art_day_begins_ns(day) + 10 * HOUR,
                                          .ts_close = art_day_begins_ns(day) + 17 * HOUR,
                                          .present = true};
    store_session(store, &session);
}

static void close_span(struct store *store, int32_t instrument, int64_t from, int64_t to,
                       enum event_kind reason)
{
    const struct store_span span = {.instrument = instrument,
                                    .source = SOURCE_REST,
                                    .ts_from = from,
                                    .ts_to = to,
                                    .reason = reason};
    store_spans_closed(store, &span, 1);
}

static void open_span(struct store *store, int32_t instrument, int64_t from, int64_t to,
                      int64_t due)
{
    const struct store_span span = {.instrument = instrument,
                                    .source = SOURCE_STREAM,
                                    .ts_from = from,
                                    .ts_to = to,
                                    .ts_due = due};
    store_spans_open(store, &(struct store_open){.spans = &span, .count = 1});
}

static void prove(struct store *store, enum source stream, int64_t to, int64_t due)
{
    struct store_open open = {0};
    open.proofs[stream] = (struct store_proof){stream, to, due};
    store_spans_open(store, &open);
}

/* All gaps as "symbol minute-minute reason", minutes after the open of that day. */
static void check_gaps(const struct fixture *f, const char *where, const char *expected)
{
    char sql[1024], text[2048];
    snprintf(
        sql, sizeof(sql),
        "SELECT coalesce(group_concat(line, '; '), '') FROM (SELECT symbol || ' ' || "
        "((g.ts_from - s.ts_open) / 60000000000) || '-' || ((g.ts_to - s.ts_open) / 60000000000) "
        "|| ' ' || g.reason AS line FROM gaps g JOIN session s USING (date) WHERE %s "
        "ORDER BY symbol, g.ts_from)",
        where);
    t_true(ask_text(f, sql, text, sizeof(text)));
    t_str(text, expected);
}

static const int32_t both[] = {0, 1};

static void gaps_are_the_uncovered_parts_of_the_session(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_store(&f);
    int64_t day = art_day(T0) - 100, open = art_day_begins_ns(day) + 10 * HOUR;
    trade_on(store, day);
    store_watch(store, both, 2, open - HOUR);
    close_span(store, 0, open - 30 * MINUTE, open + 60 * MINUTE, EVENT_STALE);
    close_span(store, 0, open + 61 * MINUTE, open + 100 * MINUTE, EVENT_STREAMING);
    close_span(store, 0, open + 100 * MINUTE, open + 400 * MINUTE, EVENT_KILLED);
    close_span(store, 0, open + 410 * MINUTE, open + 500 * MINUTE, EVENT_STOPPED);
    close_span(store, 1, open + 5 * MINUTE, open + 300 * MINUTE, EVENT_STREAM_CLOSED);
    close_store(store);
    check_gaps(&f, "1",
               "DLR/DIC26 60-61 stale; DLR/DIC26 400-410 killed; "
               "GGAL/DIC26 0-5 unseen; GGAL/DIC26 300-420 stream_closed");
    t_double(ask(&f, "select seconds from gaps where reason = 'killed'"), 600);
    t_double(ask(&f, "select count(*) from coverage where source = 'rest'"), 5);
    t_double(ask(&f, "select count(*) from gaps where symbol = 'DLR/DIC26' and date >= '2026'"), 2);
    fixture_remove(&f);
}

static void segment_on(struct store *store, int64_t day, const char *name, int from, int to)
{
    struct store_session session = {.day = day,
                                    .ts_open = art_day_begins_ns(day) + from * HOUR,
                                    .ts_close = art_day_begins_ns(day) + to * HOUR,
                                    .present = true};
    snprintf(session.segment, sizeof(session.segment), "%s", name);
    store_session(store, &session);
}

/* DLR is of a segment that closes at 15:00, and has no session on the second day; on the third one
 * it has hours past midnight. GGAL has the general hours. */
static void gaps_follow_the_hours_of_the_segment(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_store(&f);
    int64_t day = art_day(T0) - 100, open = art_day_begins_ns(day) + 10 * HOUR;
    for (int64_t d = day; d < day + 4; d++)
        trade_on(store, d);
    segment_on(store, day, "DDF", 10, 15);
    segment_on(store, day + 1, "DDF", 0, 0);
    segment_on(store, day + 2, "DDF", 22, 26);
    segment_on(store, day, "OLD", 10, 12); /* of which there is no instrument */
    store_watch(store, both, 2, open - HOUR);
    for (int64_t d = 0; d < 4; d++)
        close_span(store, 1, open + d * 24 * HOUR, open + (d * 24 + 8) * HOUR, EVENT_DAY_END);
    close_store(store);
    sqlite3 *db;
    t_int(sqlite3_open(f.path, &db), SQLITE_OK);
    t_int(sqlite3_exec(db, "UPDATE instrument SET segment = 'ddf' WHERE symbol = 'DLR/DIC26'", NULL,
                       NULL, NULL),
          SQLITE_OK);
    sqlite3_close(db);
    check_gaps(&f, "symbol = 'GGAL/DIC26'", "");
    check_gaps(&f, "symbol = 'DLR/DIC26'",
               "DLR/DIC26 0-300 unseen; DLR/DIC26 720-960 unseen; DLR/DIC26 0-420 unseen");
    store = open_store(&f);
    trade_on(store, day); /* the segment is not configured any more */
    close_store(store);
    check_gaps(&f, "symbol = 'DLR/DIC26' and date = (select min(date) from session)",
               "DLR/DIC26 0-420 unseen");
    fixture_remove(&f);
}

static void a_day_without_coverage_is_a_gap_unless_not_watched(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_store(&f);
    int64_t day = art_day(T0) - 100, open = art_day_begins_ns(day) + 10 * HOUR;
    for (int64_t d = day; d < day + 3; d++)
        trade_on(store, d);
    store_watch(store, both, 2, open + 60 * MINUTE);
    close_span(store, 0, open + 60 * MINUTE, open + 7 * HOUR, EVENT_STOPPED);
    close_span(store, 1, open + 60 * MINUTE, open + 2 * HOUR, EVENT_INSTRUMENTS_CHANGED);
    close_store(store);
    store = open_store(&f);
    store_watch(store, both, 1, open + 2 * HOUR); /* the second one is removed */
    const struct store_session holiday = {.day = day + 2, .present = true};
    store_session(store, &holiday);
    close_store(store);
    check_gaps(&f, "1", "DLR/DIC26 0-420 stopped");
    t_double(ask(&f, "select count(*) from session"), 2);
    t_double(ask(&f, "select count(*) from watch where ts_to is null"), 1);
    fixture_remove(&f);
}

static void open_intervals_count_until_overdue(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_store(&f);
    int64_t now = clock_now().wall_ns, day = art_day(now), begins = art_day_begins_ns(day);
    const struct store_session always = {
        .day = day, .ts_open = begins, .ts_close = begins + NS_PER_DAY, .present = true};
    int64_t from = now - 50 * SECOND > begins ? now - 50 * SECOND : begins;
    store_session(store, &always);
    store_watch(store, both, 2, from);
    open_span(store, 0, from, now - 2 * SECOND, now + HOUR);
    open_span(store, 1, from, now - 20 * SECOND, now - 10 * SECOND);
    close_store(store);
    t_double(ask(&f, "select count(*) from gaps where symbol = 'DLR/DIC26'"), 0);
    t_double(ask(&f, "select round(seconds) >= 19 from gaps where symbol = 'GGAL/DIC26' "
                     "and reason = 'overdue'"),
             1);
    t_double(ask(&f, "select count(*) from coverage where reason is null"), 2);
    fixture_remove(&f);
}

/* After a kill, an open interval ends at its last confirmation on the disk. */
static void coverage_of_a_killed_run_ends_at_its_last_confirmation(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_store(&f);
    open_span(store, 0, T0, T0 + 10 * SECOND, T0 + HOUR);
    close_store(store);
    store = open_store(&f); /* the interval is still open */
    open_span(store, 0, T0 + 5 * MINUTE, T0 + 6 * MINUTE, T0 + HOUR);
    close_store(store);
    t_double(ask(&f, "select ts_to from coverage where reason = 'killed'"),
             (double)(T0 + 10 * SECOND));
    t_double(ask(&f, "select count(*) from coverage"), 2);
    t_double(ask(&f, "select count(*) from feed_log where kind = 'killed'"), 1);
    store = open_store(&f);
    close_span(store, 0, T0 + 5 * MINUTE, T0 + 7 * MINUTE, EVENT_STOPPED);
    close_store(store);
    store = open_store(&f);
    close_store(store);
    t_double(ask(&f, "select count(*) from feed_log where kind = 'killed'"), 2);
    t_double(ask(&f, "select count(*) from coverage_open"), 0);
    fixture_remove(&f);
}

/* All intervals as "symbol from-to source reason", seconds after T0. */
static void check_coverage(const struct fixture *f, const char *expected)
{
    char text[2048];
    t_true(ask_text(f,
                    "SELECT group_concat(line, '; ') FROM (SELECT symbol || ' ' || "
                    "((ts_from - 1795446000000000000) / 1000000000) || '-' || "
                    "((ts_to - 1795446000000000000) / 1000000000) || ' ' || source || ' ' || "
                    "ifnull(reason, 'open') AS line FROM coverage ORDER BY symbol, ts_from)",
                    text, sizeof(text)));
    t_str(text, expected);
}

/* Each goes on to the last proof of its own stream, and never ends before it began. */
static void a_proof_extends_the_intervals_of_its_stream(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_store(&f);
    open_span(store, 0, T0, T0 + SECOND, T0 + 9 * SECOND);
    open_span(store, 1, T0 + 30 * SECOND, T0 + 30 * SECOND, T0 + 40 * SECOND);
    prove(store, SOURCE_STREAM, T0 + 20 * SECOND, T0 + 50 * SECOND);
    prove(store, SOURCE_MATRIZ, T0 + 90 * SECOND, T0 + HOUR);
    close_store(store);
    check_coverage(&f, "DLR/DIC26 0-20 stream open; GGAL/DIC26 30-30 stream open");
    t_double(ask(&f, "select count(*) from coverage_present where ts_due - 1795446000000000000 = "
                     "50000000000"),
             2);
    store = open_store(&f); /* as after a kill: its intervals end at the last proof on the disk */
    open_span(store, 0, T0 + 25 * SECOND, T0 + 25 * SECOND, T0 + 50 * SECOND);
    close_store(store);
    /* The proof of the previous run is gone: it would extend the new interval, if the clock was set
     * back in between. */
    check_coverage(&f, "DLR/DIC26 0-20 stream killed; DLR/DIC26 25-25 stream open; "
                       "GGAL/DIC26 30-30 stream killed");
    t_double(ask(&f, "select count(*) from coverage_proof"), 0);
    fixture_remove(&f);
}

static void gaps_use_the_last_proof(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_store(&f);
    int64_t now = clock_now().wall_ns, day = art_day(now), begins = art_day_begins_ns(day);
    const struct store_session always = {
        .day = day, .ts_open = begins, .ts_close = begins + NS_PER_DAY, .present = true};
    int64_t from = now - 50 * SECOND > begins ? now - 50 * SECOND : begins;
    store_session(store, &always);
    store_watch(store, both, 2, from);
    open_span(store, 0, from, from, now - 10 * SECOND);
    prove(store, SOURCE_STREAM, now - 2 * SECOND, now + HOUR);
    close_store(store);
    t_double(ask(&f, "select count(*) from gaps where symbol = 'DLR/DIC26'"), 0);
    store = open_store(&f);
    open_span(store, 1, from, from, now - 30 * SECOND);
    prove(store, SOURCE_STREAM, now - 20 * SECOND, now - 10 * SECOND);
    close_store(store);
    t_double(ask(&f, "select round(seconds) >= 19 from gaps where symbol = 'GGAL/DIC26' "
                     "and reason = 'overdue'"),
             1);
    fixture_remove(&f);
}

/* An interval that was not written again since a loss must not be extended over it. */
static void a_proof_extends_nothing_over_a_loss(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_store(&f);
    open_span(store, 0, T0 - SECOND, T0, T0 + HOUR);
    open_span(store, 1, T0 + 2 * SECOND, T0 + 2 * SECOND, T0 + HOUR); /* begins after it */
    prove(store, SOURCE_STREAM, T0 + 50, T0 + HOUR);
    while (ask(&f, "select count(*) from coverage_proof") == 0)
        usleep(1000);
    sqlite3 *user;
    assert_int_equal(sqlite3_open(f.path, &user), SQLITE_OK);
    sqlite3_busy_timeout(user, 10000);
    assert_int_equal(sqlite3_exec(user, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    for (int64_t seq = 101; seq <= 9100; seq++) {
        struct store_snapshot row = snapshot(0, seq, (double)seq);
        put_row(store, &row);
    }
    prove(store, SOURCE_STREAM, T0 + 3 * SECOND, T0 + HOUR);
    assert_int_equal(sqlite3_exec(user, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(user);
    while (ask(&f, "select max(ts_to) from coverage_proof") < (double)(T0 + 3 * SECOND))
        usleep(1000);
    t_double(ask(&f, "select count(*) from coverage where symbol = 'DLR/DIC26' and "
                     "ts_from < 1795446000000000101 and reason = 'dropped'"),
             1);
    t_double(ask(&f, "with recursive lost (ts) as (select 101 union all select ts + 1 from lost "
                     "where ts < 9100) "
                     "select count(*) from lost l join coverage c on c.symbol = 'DLR/DIC26' "
                     "where l.ts not in (select seq from snapshots) "
                     "and 1795446000000000000 + l.ts > c.ts_from "
                     "and 1795446000000000000 + l.ts < c.ts_to"),
             0);
    t_double(ask(&f, "select count(*) from coverage where reason is null and ts_to = "
                     "1795446003000000000"),
             2);
    close_store(store);
    fixture_remove(&f);
}

/* More intervals have ended than memory holds: those left out end in the database too. */
static void an_interval_that_is_left_out_does_not_go_on(void **state)
{
    (void)state;
    struct coverage_rows rows = {0};
    const struct store_span open = {.instrument = 1, .source = SOURCE_STREAM, .ts_from = T0};
    const struct store_span ended = {
        .instrument = 1, .source = SOURCE_STREAM, .reason = EVENT_STREAM_CLOSED};
    t_true(coverage_rows_empty(&rows));
    for (int i = 0; i < SPANS_CLOSED_MAX; i++)
        coverage_rows_close(&rows, &ended);
    coverage_rows_open(&rows, &open);
    t_int(rows.left_out, 0);
    coverage_rows_close(&rows, &ended);
    t_int(rows.left_out, 1);
    t_int(rows.open[1].source, 0);
    t_int(rows.open[1].reason, EVENT_STREAM_CLOSED);
    coverage_rows_open(&rows, &open); /* it has begun again */
    t_int(rows.open[1].source, SOURCE_STREAM);
    coverage_rows_finish(&rows);

    struct fixture f = fixture_make();
    struct store *store = open_store(&f);
    open_span(store, 0, T0, T0, T0 + HOUR);
    open_span(store, 1, T0, T0, T0 + HOUR);
    close_store(store);
    struct database database;
    struct coverage_writer writer;
    struct err err;
    t_int(database_open(&database, f.path, false, &err), 0);
    t_int(coverage_writer_open(&writer, database.db, &err), 0);
    const int64_t ids[] = {1, 2};
    coverage_rows_open(&rows, &(struct store_span){.instrument = 1, .reason = EVENT_STALE});
    coverage_rows_proof(&rows, &(struct store_proof){SOURCE_STREAM, T0 + SECOND, T0 + HOUR});
    t_true(!coverage_rows_empty(&rows));
    t_int(coverage_writer_write(&writer, &rows, ids, 2), SQLITE_OK);
    coverage_rows_finish(&rows);
    coverage_writer_close(&writer);
    database_close(&database);
    check_coverage(&f, "DLR/DIC26 0-1 stream open");
    fixture_remove(&f);
}

/* Times of dropped changes must not be covered. */
static void a_loss_is_removed_from_coverage(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_store(&f);
    open_span(store, 0, T0 - 1000, T0 + 40, T0 + HOUR);
    close_span(store, 1, T0 - 1000, T0 + 5000, EVENT_STOPPED);
    close_store(store);
    store = open_store(&f);
    sqlite3 *user;
    assert_int_equal(sqlite3_open(f.path, &user), SQLITE_OK);
    sqlite3_busy_timeout(user, 10000);
    assert_int_equal(sqlite3_exec(user, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    for (int64_t seq = 101; seq <= 4100; seq++) { /* the interval begins before all of them */
        struct store_snapshot row = snapshot(0, seq, (double)seq);
        put_row(store, &row);
    }
    open_span(store, 0, T0 + 50, T0 + 4100, T0 + HOUR);
    assert_int_equal(sqlite3_exec(user, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(user);
    close_store(store);
    /* Two events if rows arrive after the writer has read the loss and before it may write. */
    t_true(ask(&f, "select count(*) from feed_log where kind = 'dropped'") >= 1);
    t_double(ask(&f, "select dropped + (select count(*) from snapshots) from ledger"), 4000);
    t_double(ask(&f, "select count(*) > 0 from coverage where reason = 'dropped'"), 1);
    /* No dropped change is inside an interval. */
    t_double(ask(&f, "with recursive lost (ts) as (select 101 union all select ts + 1 from lost "
                     "where ts < 4100) "
                     "select count(*) from lost l join coverage c on c.symbol = 'DLR/DIC26' "
                     "where l.ts not in (select seq from snapshots) "
                     "and 1795446000000000000 + l.ts > c.ts_from "
                     "and 1795446000000000000 + l.ts < c.ts_to"),
             0);
    fixture_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gaps_are_the_uncovered_parts_of_the_session),
        cmocka_unit_test(gaps_follow_the_hours_of_the_segment),
        cmocka_unit_test(a_day_without_coverage_is_a_gap_unless_not_watched),
        cmocka_unit_test(open_intervals_count_until_overdue),
        cmocka_unit_test(coverage_of_a_killed_run_ends_at_its_last_confirmation),
        cmocka_unit_test(a_proof_extends_the_intervals_of_its_stream),
        cmocka_unit_test(gaps_use_the_last_proof),
        cmocka_unit_test(a_proof_extends_nothing_over_a_loss),
        cmocka_unit_test(an_interval_that_is_left_out_does_not_go_on),
        cmocka_unit_test(a_loss_is_removed_from_coverage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
