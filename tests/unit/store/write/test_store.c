#include "store/write/store.h"

#include "base/clock.h"
#include "support/notices.h"
#include "support/store_fixture.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

static struct store *open_configured(const struct store_config *config)
{
    struct store *store;
    struct err err;
    notices_forget();
    if (store_create(&store, config, notices_take, NULL, &err))
        fail_msg("%s", err.text);
    return store;
}

static struct store *open_store(const struct fixture *f, int64_t commit_every_ms, size_t rows)
{
    const struct store_config config = {f->path, false, commit_every_ms, rows, 0, 0, false};
    return open_configured(&config);
}

static void close_store(struct store *store)
{
    struct err err;
    if (store_close(store, 30000, &err))
        fail_msg("%s", err.text);
}

static bool put(struct store *store, int32_t instrument, int64_t seq, double bid)
{
    struct store_snapshot row = snapshot(instrument, seq, bid);
    put_row(store, &row);
    return store_pressed(store);
}

static void two_instruments(struct store *store)
{
    store_instrument(store, 0, "ROFX", "DLR/DIC26");
    store_instrument(store, 1, "ROFX", "MERV - XMEV - AL30 - 24hs");
}

static void close_writes_everything(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_store(&f, 60000, 30000);
    two_instruments(store);
    for (int64_t seq = 1; seq <= 5000; seq++)
        put(store, (int32_t)(seq % 2), seq, (double)seq / 4);
    store_event(store, T0, EVENT_STARTED, NULL, "x");
    store_seen(store, (const int32_t[]){1}, (const int64_t[]){T0 + 9000}, 1);
    close_store(store);

    t_double(ask(&f, "select count(*) from snapshots"), 5000);
    t_double(ask(&f, "select max(seq) from snapshots"), 5000);
    t_double(ask(&f, "select bid_price from quotes where symbol = 'DLR/DIC26'"), 1250);
    t_double(ask(&f, "select seq from quotes where symbol like 'MERV%'"), 4999);
    t_double(ask(&f, "select ts_seen from quotes where symbol like 'MERV%'"), (double)(T0 + 9000));
    t_double(ask(&f, "select count(*) from feed_log where kind = 'started'"), 1);
    fixture_remove(&f);
}

/* Another recorder has assigned the numbers between: they are not missing. */
/* The first quotes of many instruments fill their pages, and each has its newest state. */
static void quotes_of_many_instruments_are_in_full_pages(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = fixture_store(f.path, 1000);
    for (int64_t seq = 1; seq <= 2000; seq++)
        put(store, (int32_t)((seq - 1) % 1000), seq, (double)seq / 4);
    close_store(store);
    t_double(ask(&f, "SELECT count(*) FROM quotes WHERE seq > 1000 AND bid_price = seq / 4.0"),
             1000);
    t_true(ask(&f, "SELECT sum(unused) * 1.0 / sum(pgsize) FROM dbstat WHERE name = 'quote' "
                   "AND pagetype = 'leaf'") < 0.25);
    fixture_remove(&f);
}

static void numbers_can_be_skipped(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_store(&f, 60000, 100);
    two_instruments(store);
    put(store, 0, 1, 1);
    put(store, 0, 2, 2);
    store_continue(store, 2, 1000000000);
    put(store, 1, 1000000001, 3);
    close_store(store);
    t_double(ask(&f, "select last_seq from ledger"), 1000000001);
    t_double(ask(&f, "select elsewhere from ledger"), 1000000000 - 2);
    t_double(ask(&f, "select last_seq - written - dropped - elsewhere from ledger"), 0);
    fixture_remove(&f);
}

/* Without a change after it. */
static void skipped_numbers_alone_are_written(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_store(&f, 60000, 100);
    store_continue(store, 0, 1000000000);
    close_store(store);
    t_double(ask(&f, "select last_seq - elsewhere from ledger"), 0);
    t_double(ask(&f, "select last_seq from ledger"), 1000000000);
    fixture_remove(&f);
}

static void instruments_keep_their_ids(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_store(&f, 10, 100);
    two_instruments(store);
    close_store(store);
    double id = ask(&f, "select id from instrument where symbol like 'MERV%'");

    store = open_store(&f, 10, 100); /* now in another order, with a new one */
    store_instrument(store, 0, "ROFX", "MERV - XMEV - AL30 - 24hs");
    store_instrument(store, 1, "ROFX", "GGAL");
    put(store, 0, 1, 77);
    close_store(store);
    t_double(ask(&f, "select id from instrument where symbol like 'MERV%'"), id);
    t_double(ask(&f, "select instrument_id from snapshot_recent where bid_price = 77"), id);
    t_double(ask(&f, "select count(*) from instrument"), 3);
    fixture_remove(&f);
}

/* A list that is only partly written would be requested from the broker again. */
static void close_writes_the_newest_list(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_store(&f, 10000, 100);
    for (int round = 1; round <= 3; round++) {
        struct instrument_list *list = instrument_list_create();
        struct instrument item = instrument_unknown;
        item.market_id = "ROFX";
        item.listed = true;
        item.price_tick = round;
        for (int i = 0; i < 5000; i++) {
            char symbol[16];
            snprintf(symbol, sizeof(symbol), "S%d", i);
            item.symbol = symbol;
            t_int(instrument_list_put(list, &item), 0);
        }
        store_list(store, list, T0 + round, "https://api.example/");
        instrument_list_release(list);
    }
    close_store(store);
    t_double(ask(&f, "select count(*) from instruments where listed and price_tick = 3"), 5000);
    t_double(ask(&f, "select ts_read from instrument_list"), (double)(T0 + 3));
    fixture_remove(&f);
}

static sqlite3 *lock_it(const struct fixture *f)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 10000);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    return db;
}

static void unlock_it(sqlite3 *db)
{
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_close(db);
}

/* Nothing is registered yet, as in the first moments of a service. */
static void an_event_before_any_instrument_is_written(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_store(&f, 1, 100);
    store_event(store, T0, EVENT_STARTED, NULL, "words");
    while (!store_stats(store).commits)
        usleep(1000);
    two_instruments(store);
    put(store, 1, 1, 1);
    close_store(store);
    t_double(ask(&f, "select count(*) from feed_log where detail = 'words'"), 1);
    t_double(ask(&f, "select count(*) from quotes"), 1);
    fixture_remove(&f);
}

static void a_lock_delays_without_loss(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_store(&f, 1, 10000);
    two_instruments(store);
    sqlite3 *user = lock_it(&f);
    for (int64_t seq = 1; seq <= 3000; seq++)
        put(store, 0, seq, (double)seq);
    notices_wait(EVENT_STORE_DELAYED, "another program holds a write lock");
    t_true(store_stats(store).failing);
    t_int(store_stats(store).backlog_rows, 3000);
    unlock_it(user);
    notices_wait(EVENT_STORE_RECOVERED, "");
    t_true(notices_count(EVENT_STORE_RECOVERED, "nothing was lost") > 0);
    close_store(store);
    t_double(ask(&f, "select count(*) from snapshots"), 3000);
    t_double(ask(&f, "select count(*) from feed_log where kind = 'store_delayed'"), 1);
    t_int(notices_count(EVENT_STORE_DELAYED, "another program holds a write lock"), 1);
    fixture_remove(&f);
}

static void beyond_the_limit_the_last_state_of_each_is_kept(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_store(&f, 1, 6000);
    two_instruments(store);
    sqlite3 *user = lock_it(&f);
    put(store, 1, 1, 12.5); /* its only state, and the first row to be dropped */
    for (int64_t seq = 2; seq <= 30000; seq++)
        put(store, 0, seq, (double)seq);
    notices_wait(EVENT_STORE_DELAYED, "another program holds a write lock");
    int64_t backlog = store_stats(store).backlog_rows;
    t_true(backlog <= 6000);
    unlock_it(user);
    notices_wait(EVENT_STORE_RECOVERED, "");
    close_store(store);

    char words[1100];
    ask_text(&f, "select detail from feed_log where kind = 'dropped'", words, sizeof(words));
    t_contains(words, "the last state of each instrument was kept");
    t_double(ask(&f, "select count(*) from feed_log where kind = 'store_delayed'"), 1);
    t_double(ask(&f, "select count(*) from snapshots") + (double)notices_dropped(), 30000);
    t_double(ask(&f, "select bid_price from quotes where symbol = 'DLR/DIC26'"), 30000);
    t_double(ask(&f, "select bid_price from quotes where symbol like 'MERV%'"), 12.5);
    fixture_remove(&f);
}

static void a_fifth_of_the_backlog_slows_the_caller_unless_failing(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_store(&f, 60000, 1000); /* the writer sleeps until the close */
    two_instruments(store);
    for (int64_t seq = 1; seq <= 200; seq++)
        t_true(!put(store, 0, seq, (double)seq));
    t_true(put(store, 0, 201, 201));
    close_store(store);

    store = open_store(&f, 1, 1000);
    two_instruments(store);
    sqlite3 *user = lock_it(&f);
    put(store, 0, 202, 202);
    notices_wait(EVENT_STORE_DELAYED, "another program holds a write lock");
    for (int64_t seq = 203; seq <= 1000; seq++)
        t_true(!put(store, 0, seq, (double)seq)); /* slowing down would only delay the values */
    unlock_it(user);
    close_store(store);
    t_double(ask(&f, "select count(*) from snapshots"), 1000);
    fixture_remove(&f);
}

static void set_file_limit(rlim_t bytes)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static void a_full_disk_is_survived(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_store(&f, 1, 10000);
    two_instruments(store);
    signal(SIGXFSZ, SIG_IGN);
    set_file_limit(4096);
    for (int64_t seq = 1; seq <= 500; seq++)
        put(store, 0, seq, (double)seq);
    notices_wait(EVENT_STORE_DELAYED, "the database cannot be written: retrying");
    t_true(notices_count(EVENT_STORE_DELAYED, f.path) > 0);
    for (int64_t seq = 501; seq <= 1500; seq++)
        put(store, 0, seq, (double)seq);
    set_file_limit(RLIM_INFINITY);
    notices_wait(EVENT_STORE_RECOVERED, "");
    close_store(store);
    t_double(ask(&f, "select count(*) from snapshots"), 1500);
    char words[16];
    ask_text(&f, "pragma integrity_check", words, sizeof(words));
    t_str(words, "ok");
    fixture_remove(&f);
}

/* The writer thread waits here, as in a system call that does not return. */
struct hang {
    pthread_mutex_t lock;
    pthread_cond_t news;
    bool hung, released;
};

static void on_notice_hang(void *arg, const struct store_notice *notice)
{
    struct hang *hang = arg;
    pthread_mutex_lock(&hang->lock);
    hang->hung |= notice->kind == EVENT_STORE_DELAYED;
    pthread_cond_broadcast(&hang->news);
    while (hang->hung && !hang->released)
        pthread_cond_wait(&hang->news, &hang->lock);
    pthread_mutex_unlock(&hang->lock);
}

static void wait_until_hung(struct hang *hang)
{
    pthread_mutex_lock(&hang->lock);
    while (!hang->hung)
        pthread_cond_wait(&hang->news, &hang->lock);
    pthread_mutex_unlock(&hang->lock);
}

static void release(struct hang *hang)
{
    pthread_mutex_lock(&hang->lock);
    hang->released = true;
    pthread_cond_broadcast(&hang->news);
    pthread_mutex_unlock(&hang->lock);
}

/* Polls without a timeout of its own. */
static void wait_until_it_waits(const struct store *store)
{
    while (store_stats(store).step_since_ms)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static void step_since_shows_a_hang_but_not_waiting(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct hang hang = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, false};
    struct store_config config = {f.path, false, 1, 100, 0, 0, false};
    struct store *store;
    t_int(store_create(&store, &config, on_notice_hang, &hang, NULL), 0);
    two_instruments(store);
    wait_until_it_waits(store); /* for work */

    sqlite3 *user = lock_it(&f);
    put(store, 0, 1, 5);
    wait_until_hung(&hang);
    int64_t since_ms = store_stats(store).step_since_ms;
    t_true(since_ms > 0 && since_ms <= clock_now().mono_ms);
    put(store, 0, 2, 6);
    t_int(store_stats(store).step_since_ms, since_ms);

    release(&hang);
    wait_until_it_waits(store); /* for the lock, which is still held */
    t_true(store_stats(store).failing);
    unlock_it(user);
    close_store(store);
    fixture_remove(&f);
}

static void closing_under_a_lock_ends_at_its_deadline(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_store(&f, 1, 100);
    struct err err;
    two_instruments(store);
    sqlite3 *user = lock_it(&f);
    put(store, 0, 1, 5);
    put(store, 0, 2, 6);
    t_int(store_close(store, 50, &err), -ETIMEDOUT);
    t_contains(err.text, "2 changes could not be written");
    unlock_it(user);
    fixture_remove(&f);
}

static void a_failed_start_leaves_nothing_open(void **state)
{
    (void)state;
    struct store_config config = {"/tmp/cinta-no-such-folder/cinta.db", false, 10, 10, 0, 0, false};
    struct store *store = NULL;
    struct err err;
    t_int(store_create(&store, &config, NULL, NULL, &err), -ENOENT);
    assert_null(store);
}

/* put() sends no time stamp of the broker; a change of 1970 took more than 30 s; for one of the
 * year 2200 the time is not known. */
static void commits_and_their_latency_are_measured(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = fixture_store(f.path, 1);
    struct market_quote present = {.quote = quote_none(), .seq = 1, .source = SOURCE_STREAM};
    struct store_stats stats;
    present.quote.ts_event = 1;
    present.ts_recv = present.ts_seen = T0;
    store_change(store, &(struct market_change){0, ENTRY_BIT(ENTRY_LA), &present});
    present.seq = 2;
    present.quote.ts_event = INT64_C(7258118400000000000);
    store_change(store, &(struct market_change){0, ENTRY_BIT(ENTRY_LA), &present});
    put(store, 0, 3, 61);
    while ((stats = store_stats(store)).snapshots_written < 3)
        usleep(1000);
    t_int(stats.stamps_ahead, 1);
    t_int(histogram_up_to(&stats.commit_s, HISTOGRAM_LATENCY_COUNT), stats.commits);
    t_int(stats.broker_to_commit_s.counts[HISTOGRAM_LATENCY_COUNT], 1);
    t_int(histogram_up_to(&stats.broker_to_commit_s, HISTOGRAM_LATENCY_COUNT), 1);
    fixture_close(store);
    fixture_remove(&f);
}

/* --- long reads ------------------------------------------------------------------------------- */

static sqlite3 *begin_read(const struct fixture *f)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open_v2(f->path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN; SELECT count(*) FROM ledger", NULL, NULL, NULL),
                     SQLITE_OK);
    return db;
}

static void during_a_long_read_the_wal_stays_at_its_limit(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    const struct store_config config = {f.path, false, 1, 30000, 0, 2000000, false};
    struct store *store = open_configured(&config);
    two_instruments(store);
    while (ask(&f, "select count(*) from quotes") < 0 || !store_stats(store).commits)
        usleep(1000);
    sqlite3 *reader = begin_read(&f);

    int64_t seq = 0;
    while (!store_stats(store).failing && seq < 30000) { /* until the writer has to wait */
        put(store, (int32_t)(seq % 2), seq + 1, (double)seq / 4);
        seq++;
        usleep(100);
    }
    notices_wait(EVENT_WAL_STUCK, "");
    notices_wait(EVENT_STORE_DELAYED, "has reached its limit during a long read");
    t_int(notices_count(EVENT_STORE_DELAYED, "another program holds a write lock"), 0);
    t_true(notices_count(EVENT_WAL_STUCK, "the file grows until that ends") > 0);
    t_true(notices_count(EVENT_STORE_DELAYED, "store.wal_limit (2 MB)") > 0);
    char wal[160];
    struct stat st;
    snprintf(wal, sizeof(wal), "%s-wal", f.path);
    t_int(stat(wal, &st), 0);
    t_true(st.st_size >= 2000000 && st.st_size < 8000000);
    for (int n = 0; n < 2000; n++, seq++)
        put(store, (int32_t)(seq % 2), seq + 1, (double)seq / 4);

    sqlite3_close(reader);
    notices_wait(EVENT_STORE_RECOVERED, "");
    notices_wait(EVENT_WAL_FREED, "");
    close_store(store);
    t_double(ask(&f, "select count(*) from snapshots"), (double)seq);
    t_double(ask(&f, "select count(*) from feed_log where kind = 'wal_stuck'"), 1);
    t_double(ask(&f, "select count(*) from feed_log where kind = 'wal_freed'"), 1);
    t_double(ask(&f, "select count(*) from feed_log where kind = 'store_delayed'"), 1);
    t_double(ask(&f, "select dropped from ledger"), 0);
    fixture_remove(&f);
}

/* Reaching the limit is not reported when there is no reader. */
static void a_small_limit_without_readers_is_no_trouble(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    const struct store_config config = {f.path, false, 1, 30000, 0, 500000, false};
    struct store *store = open_configured(&config);
    two_instruments(store);
    for (int64_t seq = 1; seq <= 20000; seq++) {
        while (store_stats(store).backlog_rows > 200)
            usleep(100);
        put(store, (int32_t)(seq % 2), seq, (double)seq / 4);
    }
    close_store(store);
    t_int(notices_count(EVENT_WAL_STUCK, ""), 0);
    t_int(notices_count(EVENT_STORE_DELAYED, "has reached its limit during a long read"), 0);
    t_int(notices_count(EVENT_STORE_DELAYED, "another program holds a write lock"), 0);
    t_double(ask(&f, "select count(*) from snapshots"), 20000);
    t_double(ask(&f, "select count(*) from feed_log"), 0);
    fixture_remove(&f);
}

static void closing_ignores_the_wal_limit(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    const struct store_config config = {f.path, false, 1, 30000, 0, 100000, false};
    struct store *store = open_configured(&config);
    two_instruments(store);
    put(store, 0, 1, 1);
    while (!store_stats(store).snapshots_written)
        usleep(1000);
    sqlite3 *reader = begin_read(&f);
    int64_t seq = 1;
    while (!store_stats(store).failing && seq < 30000) {
        put(store, 0, seq + 1, (double)seq / 4);
        seq++;
        usleep(100);
    }
    notices_wait(EVENT_STORE_DELAYED, "has reached its limit during a long read");
    close_store(store);
    sqlite3_close(reader);
    t_double(ask(&f, "select count(*) from snapshots"), (double)seq);
    fixture_remove(&f);
}

static void old_data_is_deleted_when_idle(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    const struct store_config config = {f.path, false, 1, 30000, 0, 0, false};
    struct store *store = open_configured(&config);
    two_instruments(store);
    store_event(store, 1000, EVENT_STARTED, NULL, "of 1970");
    store_event(store, INT64_MAX, EVENT_STARTED, NULL, "of the future");
    while (store_stats(store).events_written < 2)
        usleep(1000);
    store_keep_days(store, 7);
    notices_wait(EVENT_TRIMMED, "");
    t_true(notices_count(EVENT_TRIMMED, "0 changes, 0 trades, 1 events, 0 intervals") > 0);
    close_store(store);
    t_double(ask(&f, "select count(*) from feed_log where kind = 'started'"), 1);
    t_double(ask(&f, "select count(*) from feed_log where kind = 'trimmed'"), 1);
    t_double(ask(&f, "select count(*) from size_day"), 1);
    fixture_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(close_writes_everything),
        cmocka_unit_test(quotes_of_many_instruments_are_in_full_pages),
        cmocka_unit_test(numbers_can_be_skipped),
        cmocka_unit_test(skipped_numbers_alone_are_written),
        cmocka_unit_test(instruments_keep_their_ids),
        cmocka_unit_test(close_writes_the_newest_list),
        cmocka_unit_test(an_event_before_any_instrument_is_written),
        cmocka_unit_test(a_lock_delays_without_loss),
        cmocka_unit_test(beyond_the_limit_the_last_state_of_each_is_kept),
        cmocka_unit_test(a_fifth_of_the_backlog_slows_the_caller_unless_failing),
        cmocka_unit_test(a_full_disk_is_survived),
        cmocka_unit_test(step_since_shows_a_hang_but_not_waiting),
        cmocka_unit_test(closing_under_a_lock_ends_at_its_deadline),
        cmocka_unit_test(a_failed_start_leaves_nothing_open),
        cmocka_unit_test(commits_and_their_latency_are_measured),
        cmocka_unit_test(during_a_long_read_the_wal_stays_at_its_limit),
        cmocka_unit_test(a_small_limit_without_readers_is_no_trouble),
        cmocka_unit_test(closing_ignores_the_wal_limit),
        cmocka_unit_test(old_data_is_deleted_when_idle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
