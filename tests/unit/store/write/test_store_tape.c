/* Lists of trades given to a store that is writing: in order, each answered once. */
#include "store/write/store.h"

#include "base/clock.h"
#include "store/sql.h"
#include "support/store_fixture.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#define RESULTS_MAX 128
#define PATIENCE_S  60

/* The results, which come on the writer's thread. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t news;
    size_t count;
    struct store_tape_result all[RESULTS_MAX];
} results = {.lock = PTHREAD_MUTEX_INITIALIZER, .news = PTHREAD_COND_INITIALIZER};

static void on_done(void *arg, const struct store_tape_result *result)
{
    t_true(arg == &results);
    pthread_mutex_lock(&results.lock);
    t_true(results.count < RESULTS_MAX);
    results.all[results.count++] = *result;
    pthread_cond_broadcast(&results.news);
    pthread_mutex_unlock(&results.lock);
}

static void wait_for_results(size_t count)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    pthread_mutex_lock(&results.lock);
    while (results.count < count) {
        if (pthread_cond_timedwait(&results.news, &results.lock, &until))
            fail_msg("%zu results in %d s, expected %zu", results.count, PATIENCE_S, count);
    }
    pthread_mutex_unlock(&results.lock);
}

/* `count` trades, one each 100 ms. */
static struct store_tape list_of(int32_t instrument, size_t count)
{
    struct trade *trades = malloc((count + 1) * sizeof(*trades));
    assert_non_null(trades);
    for (size_t i = 0; i < count; i++)
        trades[i] = (struct trade){T0 + (int64_t)i * 100 * NS_PER_MS, 1500, 1, TRADE_FROM_HISTORY};
    return (struct store_tape){.instrument = instrument,
                               .day = art_day(T0),
                               .ts_complete = T0 + NS_PER_HOUR,
                               .trades = trades,
                               .count = count,
                               .done = on_done,
                               .arg = &results};
}

static int give(struct store *store, int32_t instrument, size_t count)
{
    const struct store_tape tape = list_of(instrument, count);
    int rc = store_tape(store, &tape);
    if (rc)
        free(tape.trades);
    return rc;
}

static void put_last(struct store *store, int32_t instrument, int64_t seq, int64_t ts)
{
    struct store_snapshot row = snapshot(instrument, seq, 100);
    row.ts_recv = ts + NS_PER_S;
    row.changed = ENTRY_BIT(ENTRY_LA);
    row.quote.last_price = 1500;
    row.quote.last_size = 1;
    row.quote.ts_last = ts;
    put_row(store, &row);
}

static struct store *begin(struct fixture *f)
{
    *f = fixture_make();
    results.count = 0;
    return fixture_store(f->path, 3);
}

static void lists_are_merged_after_the_changes_before_them(void **state)
{
    (void)state;
    struct fixture f;
    struct store *store = begin(&f);
    put_last(store, 1, 1, T0 + 300 * NS_PER_MS);
    put_last(store, 2, 2, T0 + NS_PER_S); /* a whole second, of a trade within it */
    t_int(give(store, 1, 5000), 0);
    t_int(give(store, 2, 20), 0);
    t_int(give(store, 0, 0), 0);
    wait_for_results(3);
    t_int(results.all[0].instrument, 1);
    t_int(results.all[0].added, 4999);
    t_int(results.all[0].listed, 5000);
    t_int(results.all[1].added, 19);
    t_int(results.all[1].unlisted, 0);
    t_int(results.all[2].added, 0);
    for (size_t i = 0; i < 3; i++)
        t_true(results.all[i].merged);
    struct store_stats stats = store_stats(store);
    t_int(stats.tapes_merged, 3);
    t_int(stats.trades_listed, 5018);
    t_int(stats.tapes_waiting, 0);
    fixture_close(store);
    t_int(results.count, 3);
    t_double(ask(&f, "SELECT count(*) FROM trades WHERE symbol = 'S1'"), 5000);
    t_double(ask(&f, "SELECT count(*) FROM trades WHERE symbol = 'S2'"), 20);
    t_double(ask(&f, "SELECT count(*) FROM tape_day WHERE ts_merged IS NOT NULL"), 3);
    fixture_remove(&f);
}

/* Changes are written between the steps of a list, however long it is. */
static void changes_do_not_wait_for_a_long_list(void **state)
{
    (void)state;
    struct fixture f;
    struct store *store = begin(&f);
    t_int(give(store, 0, 60000), 0);
    int64_t seq = 0;
    while (!store_stats(store).tapes_merged) {
        put_last(store, 1, seq + 1, T0 + seq * NS_PER_S);
        seq++;
        while (store_stats(store).backlog_rows)
            nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
    }
    wait_for_results(1);
    t_true(seq > 5);                    /* committed meanwhile */
    t_int(results.all[0].added, 36000); /* an hour */
    fixture_close(store);
    fixture_remove(&f);
}

static void a_full_queue_refuses_and_what_waits_is_answered_at_the_end(void **state)
{
    (void)state;
    struct fixture f;
    struct store *store = begin(&f);
    struct err err;
    sqlite3 *user;
    size_t given = 0;
    t_int(give(store, 1, 0), 0);
    wait_for_results(1); /* the instruments are written */
    results.count = 0;
    t_int(sql_open(&user, f.path, SQL_WRITE, 10000, &err), 0);
    t_int(sql_begin(user), SQLITE_OK); /* nothing can be written */
    while (give(store, 0, 3) == 0)
        given++;
    t_true(given >= STORE_TAPES_MAX && given < STORE_TAPES_MAX + 3);
    t_int(give(store, 0, 3), -EAGAIN);
    t_int(store_stats(store).tapes_waiting, given);
    sqlite3_close(user);
    wait_for_results(given);
    t_int(store_stats(store).tapes_waiting, 0);
    t_int(results.all[0].added, 3);
    for (size_t i = 1; i < given; i++)
        t_int(results.all[i].added, 0);
    for (int i = 0; i < 8; i++)
        t_int(give(store, 0, 20000), 0);
    fixture_close(store); /* at once: some are not merged */
    t_int(results.count, given + 8);
    for (size_t i = given; i < results.count; i++) {
        t_int(results.all[i].day, art_day(T0));
        t_true(results.all[i].merged || results.all[i].listed == 0);
    }
    t_double(ask(&f, "SELECT count(*) - count(DISTINCT seq) FROM trade"), 0);
    fixture_remove(&f);
}

/* Numbers of listed trades are not used again in the file that replaces a lost one, because series
 * of exports continue by them. */
static void numbers_continue_in_a_new_file(void **state)
{
    (void)state;
    struct fixture f;
    struct store *store = begin(&f);
    t_int(give(store, 0, 30), 0);
    wait_for_results(1);
    unlink(f.path);
    put_last(store, 1, 1, T0);
    while (store_stats(store).snapshots_written < 1)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    t_double(ask(&f, "SELECT count(*) FROM trade"), 0);
    t_int(give(store, 0, 30), 0);
    wait_for_results(2);
    t_int(results.all[1].added, 30);
    fixture_close(store);
    t_double(ask(&f, "SELECT max(seq) FROM trade WHERE seq < 0"), -31);
    t_double(ask(&f, "SELECT listed FROM ledger"), 60);
    fixture_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_merged_after_the_changes_before_them),
        cmocka_unit_test(changes_do_not_wait_for_a_long_list),
        cmocka_unit_test(a_full_queue_refuses_and_what_waits_is_answered_at_the_end),
        cmocka_unit_test(numbers_continue_in_a_new_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
