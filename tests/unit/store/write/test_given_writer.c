/* A replica's database: what recorders have published, in any order and more than once. */
#include "store/write/given_writer.h"

#include "base/clock.h"
#include "store/read/verify.h"
#include "support/store_fixture.h"

#include <errno.h>

static struct store *open_replica(const struct fixture *f, int instruments)
{
    const struct store_config config = {
        .path = f->path, .commit_every_ms = 1, .backlog_rows = 30000, .replica = true};
    struct store *store;
    struct err err;
    if (store_create(&store, &config, NULL, NULL, &err))
        fail_msg("%s", err.text);
    for (int32_t i = 0; i < instruments; i++) {
        char symbol[32];
        snprintf(symbol, sizeof(symbol), "S%d", i);
        store_instrument(store, i, "ROFX", symbol);
    }
    return store;
}

static void on_finding(void *arg, const char *what, bool good, const char *detail)
{
    (void)arg;
    if (!good)
        fail_msg("%s: %s: %s", t_row_name, what, detail);
}

static void check_verify(const struct fixture *f)
{
    struct err err;
    int bad;
    t_int(verify_database(f->path, on_finding, NULL, &bad, &err), 0);
    t_int(bad, 0);
}

static void put(struct store *store, int32_t instrument, int64_t seq)
{
    struct store_snapshot row = snapshot(instrument, seq, (double)seq);
    put_row(store, &row);
}

static void put_past(struct store *store, int32_t instrument, int64_t seq)
{
    const struct store_snapshot row = snapshot(instrument, seq, (double)seq);
    const struct market_quote quote = {
        .quote = row.quote, .seq = seq, .ts_recv = row.ts_recv, .source = row.source};
    store_past(store, &(struct market_change){instrument, row.changed, &quote});
}

/* --- changes ---------------------------------------------------------------------------------- */

static void numbers_are_those_of_the_recorder(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_replica(&f, 2);
    put(store, 0, 100);
    put(store, 1, 103);
    put(store, 0, INT64_C(1000000001)); /* of another recorder */
    fixture_close(store);
    t_double(ask(&f, "select count(*) from snapshots where seq in (100, 103, 1000000001)"), 3);
    t_double(ask(&f, "select seq from quotes where symbol = 'S0'"), 1000000001);
    t_double(ask(&f, "select elsewhere from ledger"), 1000000001 - 3);
    check_verify(&f);
    fixture_remove(&f);
}

static void late_ones_become_history(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_replica(&f, 2);
    put(store, 0, 10);
    put(store, 0, 20);
    put_past(store, 0, 15);
    put(store, 1, 17); /* the latest of its instrument, but not of all */
    fixture_close(store);
    t_double(ask(&f, "select count(*) from snapshots"), 4);
    t_double(ask(&f, "select count(*) from snapshot_history where seq in (15, 17)"), 2);
    t_double(ask(&f, "select seq from quotes where symbol = 'S0'"), 20);
    t_double(ask(&f, "select seq from quotes where symbol = 'S1'"), 17);
    t_double(ask(&f, "select elsewhere from ledger"), 16);
    check_verify(&f);
    fixture_remove(&f);
}

static void repeated_ones_are_ignored(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_replica(&f, 2);
    for (int64_t seq = 1; seq <= 50; seq++)
        put(store, (int32_t)(seq % 2), seq);
    fixture_close(store);
    store = open_replica(&f, 2);
    for (int64_t seq = 30; seq <= 60; seq++)
        put(store, (int32_t)(seq % 2), seq);
    put_past(store, 1, 31);
    fixture_close(store);
    t_double(ask(&f, "select count(*) from snapshots"), 60);
    t_double(ask(&f, "select written from ledger"), 60);
    t_double(ask(&f, "select elsewhere from ledger"), 0);
    check_verify(&f);
    fixture_remove(&f);
}

/* Of two recorders without a common lease. */
static void one_number_for_two_changes_is_refused(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_replica(&f, 2);
    struct store_snapshot row = snapshot(1, 5, 7);
    put(store, 0, 5);
    put(store, 0, 9);
    row.ts_recv += 1000;
    put_row(store, &row);
    fixture_close(store);
    t_double(ask(&f, "select count(*) from snapshots"), 2);
    fixture_remove(&f);
}

/* --- trades and events ------------------------------------------------------------------------ */

static struct store_given trade_of(const char *recorder, enum store_given_kind kind, int64_t number,
                                   double price)
{
    struct store_given given = {
        .kind = kind,
        .number = number,
        .trade = {T0 + number * NS_PER_S, price, 2,
                  kind == GIVEN_SHOWN ? TRADE_FROM_STREAM : TRADE_FROM_HISTORY}};
    snprintf(given.recorder, sizeof(given.recorder), "%s", recorder);
    return given;
}

static void give(struct store *store, struct store_given given)
{
    store_given(store, &given);
}

static void trades_and_their_bars(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_replica(&f, 1);
    give(store, trade_of("a", GIVEN_SHOWN, 10, 100));
    give(store, trade_of("a", GIVEN_SHOWN, 12, 101));
    give(store, trade_of("a", GIVEN_SHOWN, 10, 100)); /* repeated */
    give(store, trade_of("a", GIVEN_LISTED, 1, 99));
    give(store, trade_of("a", GIVEN_LISTED, 2, 98));
    give(store, trade_of("a", GIVEN_LISTED, 1, 99));
    fixture_close(store);
    t_double(ask(&f, "select count(*) from trades"), 4);
    t_double(ask(&f, "select count(*) from trades where seq in (10, 12, -1, -2)"), 4);
    t_double(ask(&f, "select trades from bars_1m"), 4);
    t_double(ask(&f, "select open from bars_1m"), 99);
    t_double(ask(&f, "select close from bars_1m"), 101);
    t_double(ask(&f, "select volume from bars_1m"), 8);
    t_double(ask(&f, "select listed from ledger"), 2);
    check_verify(&f);
    fixture_remove(&f);
}

/* It moves to another minute; the bar of the first one is counted again. */
static void a_corrected_trade(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_replica(&f, 1);
    struct store_given correction = trade_of("a", GIVEN_LISTED, 1, 100);
    correction.corrects = 10;
    correction.trade.ts_event = T0 - 30 * NS_PER_S;
    correction.trade.origin = TRADE_FROM_REST;
    give(store, trade_of("a", GIVEN_SHOWN, 10, 100));
    give(store, trade_of("a", GIVEN_SHOWN, 12, 101));
    give(store, correction);
    correction.number = 2; /* of a trade that is not here */
    correction.corrects = 7;
    give(store, correction);
    fixture_close(store);
    t_double(ask(&f, "select count(*) from trades"), 3);
    t_double(ask(&f, "select count(*) from trades where seq = 10 and origin = 'rest'"), 1);
    t_double(ask(&f, "select trades from bars_1m order by ts_minute"), 2);
    t_double(ask(&f, "select trades from bars_1m order by ts_minute desc"), 1);
    check_verify(&f);
    fixture_remove(&f);
}

/* Both have read the broker's list of the day. */
static void trades_of_two_recorders(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_replica(&f, 1);
    struct store_given twin = trade_of("a", GIVEN_LISTED, 2, 99);
    twin.trade.ts_event = T0 + NS_PER_S;
    give(store, trade_of("a", GIVEN_LISTED, 1, 99));
    give(store, twin); /* two equal trades of one list */
    give(store, trade_of("b", GIVEN_LISTED, 1, 99));
    give(store, trade_of("b", GIVEN_LISTED, 5, 97));
    give(store, trade_of("b", GIVEN_SHOWN, INT64_C(1000000007), 50));
    fixture_close(store);
    t_double(ask(&f, "select count(*) from trades where price = 99"), 2);
    t_double(ask(&f, "select count(*) from trades"), 4);
    t_double(ask(&f, "select listed from replica_recorder where name = 'b'"), 5);
    check_verify(&f);
    fixture_remove(&f);
}

static void changes_show_no_trades(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_replica(&f, 1);
    struct store_snapshot row = snapshot(0, 1, 7);
    row.changed = ENTRY_BIT(ENTRY_LA);
    row.quote.last_price = 5;
    put_row(store, &row);
    fixture_close(store);
    t_double(ask(&f, "select count(*) from trades"), 0);
    fixture_remove(&f);
}

static void events_with_their_recorder(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_replica(&f, 0);
    struct store_given event = {.kind = GIVEN_EVENT,
                                .recorder = "a",
                                .number = 4,
                                .ts = T0,
                                .event = "streaming",
                                .symbol = NULL,
                                .detail = "x"};
    give(store, event);
    give(store, event);
    event.number = 5;
    event.event = "a_kind_of_a_later_version";
    give(store, event);
    store_event(store, T0, EVENT_STARTED, NULL, "own");
    fixture_close(store);
    t_double(ask(&f, "select count(*) from feed_log where recorder = 'a'"), 2);
    t_double(ask(&f, "select count(*) from feed_log where recorder is null"), 1);
    t_double(ask(&f, "select ts from feed_log where kind = 'streaming'"), (double)T0);
    fixture_remove(&f);
}

/* --- the place, and whose database it is ------------------------------------------------------ */

static void the_place_is_written_with_the_rows(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_replica(&f, 1);
    for (int64_t seq = 1; seq <= 10000; seq++)
        put(store, 0, seq);
    store_place(store, &(struct store_place){7, 12000, 9});
    fixture_close(store);
    t_double(ask(&f, "select count(*) from snapshots"), 10000);
    t_double(ask(&f, "select number from replica where ts_created = 7 and ts_stored = 9"), 12000);
    fixture_remove(&f);
}

/* Of one that is recorded, and of one that is not. */
static void reference_data(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_replica(&f, 1);
    struct instrument_list *list = instrument_list_create();
    struct instrument i = instrument_unknown;
    i.market_id = "ROFX";
    i.symbol = "S0";
    i.price_tick = 0.5;
    i.ts_listed = T0;
    i.listed = true;
    t_int(instrument_list_put(list, &i), 0);
    i.symbol = "OTHER";
    i.ts_listed = T0 + 5;
    t_int(instrument_list_put(list, &i), 0);
    store_given(store, &(struct store_given){.kind = GIVEN_INSTRUMENTS, .instruments = list});
    instrument_list_release(list);
    put(store, 0, 1);
    fixture_close(store);
    t_double(ask(&f, "select count(*) from instruments where price_tick = 0.5 and listed = 1"), 2);
    t_double(ask(&f, "select count(*) from instruments"), 2);
    t_double(ask(&f, "select ts_read - 1795446000000000000 from instrument_list"), 5);
    fixture_remove(&f);
}

static void a_database_of_a_recorder_is_refused(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = fixture_store(f.path, 1);
    struct err err;
    const struct store_config config = {
        .path = f.path, .commit_every_ms = 1, .backlog_rows = 100, .replica = true};
    put(store, 0, 1);
    fixture_close(store);
    t_int(store_create(&store, &config, NULL, NULL, &err), -EEXIST);
    t_contains(err.text, "set store.path to a file of its own");
    fixture_remove(&f);
}

/* A replica that is to go on as a recorder: its changes show trades from then on. */
static void a_recorder_may_go_on(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_replica(&f, 1);
    put(store, 0, 1);
    fixture_close(store);
    store = fixture_store(f.path, 1);
    struct store_snapshot row = snapshot(0, 2, 7);
    row.changed = ENTRY_BIT(ENTRY_LA);
    row.quote.last_price = 5;
    put_row(store, &row);
    fixture_close(store);
    t_double(ask(&f, "select count(*) from replica"), 0);
    t_double(ask(&f, "select count(*) from trades"), 1);
    check_verify(&f);
    fixture_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_the_recorder),
        cmocka_unit_test(late_ones_become_history),
        cmocka_unit_test(repeated_ones_are_ignored),
        cmocka_unit_test(one_number_for_two_changes_is_refused),
        cmocka_unit_test(trades_and_their_bars),
        cmocka_unit_test(a_corrected_trade),
        cmocka_unit_test(trades_of_two_recorders),
        cmocka_unit_test(changes_show_no_trades),
        cmocka_unit_test(events_with_their_recorder),
        cmocka_unit_test(the_place_is_written_with_the_rows),
        cmocka_unit_test(reference_data),
        cmocka_unit_test(a_database_of_a_recorder_is_refused),
        cmocka_unit_test(a_recorder_may_go_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
