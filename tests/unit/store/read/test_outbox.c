/* Rows in the order of seq, wherever they are: before, during and after the move to history. */
#include "store/read/outbox.h"

#include "base/clock.h"
#include "base/rng.h"
#include "support/moving.h"
#include "support/store_fixture.h"

#define ROWS        40000 /* more than one part of history_seq */
#define INSTRUMENTS 7

static struct outbox *opened(const struct fixture *f)
{
    struct outbox *outbox;
    struct err err;
    if (outbox_open(&outbox, f->path, &err))
        fail_msg("%s", err.text);
    return outbox;
}

/* A wall clock that is set back now and then: the order of time is not that of seq. */
static struct store_snapshot row_of(int64_t seq)
{
    struct store_snapshot row = snapshot((int32_t)(seq * 5 % INSTRUMENTS), seq, (double)seq / 4);
    row.ts_recv = T0 + seq * NS_PER_MS - seq / 1000 % 3 * NS_PER_HOUR;
    row.quote.bids.count = 3;
    row.quote.bids.level[1] = (struct level){(double)seq / 4 - 0.25, 7.5};
    row.quote.bids.level[2] = (struct level){1.0 / 3, NAN}; /* stored as JSON */
    row.quote.ts_last = T0;
    row.quote.last_price = 12.5;
    row.quote.close_day = 20000;
    return row;
}

#define AT_ONCE 20000 /* fewer than the store keeps waiting */

static void fill(const struct fixture *f, int64_t rows)
{
    struct store *store = NULL;
    for (int64_t seq = 1; seq <= rows; seq++) {
        struct store_snapshot row = row_of(seq);
        if (!store)
            store = fixture_store(f->path, INSTRUMENTS);
        put_row(store, &row);
        if (seq % AT_ONCE == 0 || seq == rows) {
            fixture_close(store);
            store = NULL;
        }
    }
}

struct reading {
    int64_t expected;
};

static void check(void *arg, const struct outbox_change *change)
{
    struct reading *reading = arg;
    const struct store_snapshot *row = &change->row, expected = row_of(reading->expected);
    char symbol[32];
    snprintf(symbol, sizeof(symbol), "S%d", expected.instrument);
    t_int(row->seq, reading->expected);
    t_str(change->name.symbol, symbol);
    t_str(change->name.market_id, "ROFX");
    t_str(change->name.segment, NULL);
    t_int(row->ts_recv, expected.ts_recv);
    t_int(row->changed, expected.changed);
    t_int(row->source, expected.source);
    t_true(quote_diff(&row->quote, &expected.quote, ENTRY_ALL) == 0);
    t_int(row->quote.close_day, 20000);
    t_int(row->quote.ts_last, expected.quote.ts_last);
    reading->expected++;
}

/* Reads everything after `after` in chunks; returns the number of rows. */
static int64_t read_all(struct outbox *outbox, int64_t after, int chunk)
{
    struct reading reading = {after + 1};
    struct err err;
    int count;
    do {
        count = outbox_changes(outbox, reading.expected - 1, chunk, check, &reading, &err);
        if (count < 0)
            fail_msg("%s", err.text);
        t_true(count <= chunk);
    } while (count == chunk);
    return reading.expected - 1 - after;
}

static void changes_in_the_order_of_seq(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct outbox_ends ends;
    struct err err;
    fill(&f, ROWS);
    struct outbox *outbox = opened(&f);
    t_int(outbox_ends(outbox, &ends, &err), 0);
    t_int(ends.last_seq, ROWS);
    t_true(!ends.reference);
    t_int(read_all(outbox, 0, 5000), ROWS);
    move_steps(&f, 3, 0);
    t_true(ask(&f, "select count(*) from snapshot_history join snapshot_recent using (seq)") > 0);
    t_int(read_all(outbox, 0, 5000), ROWS);
    t_int(read_all(outbox, 32766, 3), ROWS - 32766);
    move(&f, 1000000);
    t_double(ask(&f, "select count(*) from snapshot_recent"), 0);
    t_int(read_all(outbox, 0, 5000), ROWS);
    t_int(read_all(outbox, 17, 9999), ROWS - 17);
    t_int(read_all(outbox, ROWS, 10), 0);
    outbox_close(outbox);
    fixture_remove(&f);
}

static void none(void *arg, const struct outbox_change *change)
{
    int64_t *last = arg;
    *last = change->row.seq;
}

static void execute(const struct fixture *f, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_close(db);
}

/* Retention deletes rows of a part, or all of them. */
static void what_was_deleted_is_passed_over(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    int64_t last = 0;
    struct err err;
    fill(&f, ROWS);
    move(&f, 1000000);
    execute(&f, "delete from snapshot_history where seq < 33000 or seq between 33002 and 39999");
    struct outbox *outbox = opened(&f);
    t_int(outbox_changes(outbox, 0, 10, none, &last, &err), 3);
    t_int(last, ROWS);
    t_int(outbox_changes(outbox, 0, 1, none, &last, &err), 1);
    t_int(last, 33000);
    outbox_close(outbox);
    fixture_remove(&f);
}

static void a_change_is_found_by_seq_and_time(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct err err;
    fill(&f, 900);
    for (int moved = 0; moved < 2; moved++) {
        struct outbox *outbox = opened(&f);
        int64_t seq;
        bool has;
        t_int(outbox_has(outbox, 7, row_of(7).ts_recv, &has, &err), 0);
        t_true(has);
        t_int(outbox_has(outbox, 7, row_of(7).ts_recv + 1, &has, &err), 0);
        t_true(!has);
        t_int(outbox_has(outbox, 9000, row_of(7).ts_recv, &has, &err), 0);
        t_true(!has);
        t_int(outbox_seq_at(outbox, row_of(499).ts_recv, &seq, &err), 0);
        t_int(seq, 499);
        t_int(outbox_seq_at(outbox, T0 - 100 * NS_PER_HOUR, &seq, &err), 0);
        t_int(seq, 0);
        outbox_close(outbox);
        move(&f, 1000000);
    }
    fixture_remove(&f);
}

/* --- trades ----------------------------------------------------------------------------------- */

static struct store_snapshot trade_row(int64_t seq, int64_t ts_last, double price)
{
    struct store_snapshot row = snapshot(0, seq, 10);
    row.changed = ENTRY_BIT(ENTRY_LA);
    row.quote.last_price = price;
    row.quote.last_size = 4;
    row.quote.ts_last = ts_last;
    return row;
}

static void collect(void *arg, const struct outbox_shown *shown)
{
    int64_t *sum = arg;
    *sum = *sum * 10 + shown->seq;
}

static void take(void *arg, const struct outbox_change *change)
{
    struct outbox_shown *shown = arg;
    t_true(outbox_change_trade(change, shown));
}

static void trades_that_are_known(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct err err;
    struct outbox_shown shown;
    int64_t seqs = 0;
    bool known;
    const struct store_snapshot rows[] = {trade_row(1, T0, 5), trade_row(2, T0 + NS_PER_S, 5),
                                          trade_row(3, T0, 5)};
    struct store *store = fixture_store(f.path, 1);
    for (size_t i = 0; i < T_COUNT(rows); i++)
        put_row(store, &rows[i]);
    fixture_close(store);
    struct outbox *outbox = opened(&f);
    t_int(outbox_recent(outbox, 2, collect, &seqs, &err), 0);
    t_int(seqs, 12);
    outbox_close(outbox);
    move(&f, 1000000);
    outbox = opened(&f);
    for (int64_t seq = 1; seq <= 3; seq++) {
        t_int(outbox_changes(outbox, seq - 1, 1, take, &shown, &err), 1);
        t_int(outbox_trade_known(outbox, &shown, &known, &err), 0);
        t_int(known, seq == 3); /* the trade of change 1 again */
    }
    outbox_close(outbox);
    execute(&f, "delete from trade; insert into tape_day (day, instrument_id, ts_complete, "
                "ts_merged, listed, unlisted) values (20780, 1, 1795446000500000000, 1, 1, 0)");
    outbox = opened(&f);
    t_int(outbox_changes(outbox, 0, 1, take, &shown, &err), 1);
    t_int(outbox_trade_known(outbox, &shown, &known, &err), 0);
    t_true(known); /* the broker's list has it */
    t_int(outbox_changes(outbox, 1, 1, take, &shown, &err), 1);
    t_int(outbox_trade_known(outbox, &shown, &known, &err), 0);
    t_true(!known); /* later than the list */
    outbox_close(outbox);
    fixture_remove(&f);
}

static void collect_listed(void *arg, const struct outbox_trade *trade)
{
    int64_t *sum = arg;
    *sum = *sum * 10 + trade->listed;
    t_str(trade->name.symbol, "S0");
    t_int(trade->trade.origin, TRADE_FROM_HISTORY);
    t_int(trade->corrects, trade->listed == 2 ? 8 : 0);
}

static void collect_event(void *arg, const struct outbox_event *event)
{
    char *text = arg;
    size_t used = strlen(text);
    snprintf(text + used, 100 - used, "%s:%s ", event->kind, event->symbol ? event->symbol : "-");
}

static void lists_and_events_by_their_numbers(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct err err;
    struct outbox_ends ends;
    char text[100] = "";
    int64_t seqs = 0;
    struct store *store = fixture_store(f.path, 1);
    store_event(store, T0, EVENT_LOGIN, NULL, "a");
    store_event(store, T0, EVENT_NO_DATA, "S0", "b");
    fixture_close(store);
    execute(
        &f,
        "insert into trade (instrument_id, ts_event, seq, price, size, origin, corrected) values"
        " (1, 5, -4, 1, 1, 4, 0), (1, 9, -1, 1, 1, 4, 0), (1, 7, -3, 1, 1, 4, 0),"
        " (1, 6, 8, 1, 1, 4, 2), (1, 6, 9, 1, 1, 1, 0); update ledger set listed = 4");
    struct outbox *outbox = opened(&f);
    t_int(outbox_ends(outbox, &ends, &err), 0);
    t_int(ends.last_listed, 4);
    t_int(ends.last_event, 2);
    t_int(outbox_listed(outbox, 0, 10, collect_listed, &seqs, &err), 4);
    t_int(seqs, 1234);
    t_int(outbox_listed(outbox, 1, 1, collect_listed, &seqs, &err), 1);
    t_int(seqs, 12342);
    t_int(outbox_events(outbox, 0, 10, collect_event, text, &err), 2);
    t_str(text, "login:- no_data:S0 ");
    t_int(outbox_events(outbox, 2, 10, collect_event, text, &err), 0);
    outbox_close(outbox);
    fixture_remove(&f);
}

static void another_file_at_the_path(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    char other[128];
    fill(&f, 1);
    struct outbox *outbox = opened(&f);
    t_true(!outbox_replaced(outbox));
    snprintf(other, sizeof(other), "%s.old", f.path);
    t_int(rename(f.path, other), 0);
    t_true(outbox_replaced(outbox));
    fill(&f, 1);
    t_true(outbox_replaced(outbox));
    outbox_close(outbox);
    unlink(other);
    fixture_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_in_the_order_of_seq),
        cmocka_unit_test(what_was_deleted_is_passed_over),
        cmocka_unit_test(a_change_is_found_by_seq_and_time),
        cmocka_unit_test(trades_that_are_known),
        cmocka_unit_test(lists_and_events_by_their_numbers),
        cmocka_unit_test(another_file_at_the_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
