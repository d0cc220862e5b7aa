/* The rows of an extract equal those of the views, for any numbers, before and after the move. */
#include "store/read/extract.h"

#include "store/row.h"
#include "store/unpack.h"
#include "store/write/database.h"
#include "store/write/mover.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/rng.h"
#include "base/word_list.h"
#include "support/store_fixture.h"

#include <errno.h>

#define ROWS        400
#define INSTRUMENTS 5

static double pick(struct rng *rng, int decimals)
{
    return rng_below(rng, 10) ? (double)rng_below(rng, 1000000) / pow(10, decimals) : NAN;
}

static void fill_side(struct rng *rng, struct side *side, int sign)
{
    double best = (double)rng_below(rng, 100000);
    bool odd = rng_below(rng, 6) == 0; /* a third cannot be packed */
    side->count = (int)rng_below(rng, QUOTE_DEPTH_MAX + 1);
    for (int i = 0; i < side->count; i++)
        side->level[i] = (struct level){(best + sign * i * 25) / (odd ? 3 : 100), pick(rng, i % 3)};
}

static struct store_snapshot random_row(struct rng *rng, int64_t seq)
{
    struct store_snapshot row = snapshot((int32_t)rng_below(rng, INSTRUMENTS), seq, 0);
    struct quote *q = &row.quote;
    row.ts_recv = T0 + seq * 137000001;
    row.source = rng_below(rng, 2) ? SOURCE_REST : SOURCE_STREAM;
    row.changed = (uint32_t)rng_below(rng, ENTRY_ALL) + 1;
    fill_side(rng, &q->bids, -1);
    fill_side(rng, &q->offers, 1);
    q->last_price = rng_below(rng, 5) ? pick(rng, 2) : rng_unit(rng) / 3;
    q->last_size = pick(rng, 0);
    q->ts_last = rng_below(rng, 9) ? T0 + seq / 3 * 500 * NS_PER_MS : 0;
    q->ts_event = rng_below(rng, 3) ? row.ts_recv / NS_PER_MS * NS_PER_MS - 3 * NS_PER_MS : 0;
    q->open_price = pick(rng, 1);
    q->high_price = pick(rng, 6);
    q->low_price = -pick(rng, 3);
    q->close_price = rng_unit(rng) * 1e-300;
    q->close_day = rng_below(rng, 2) ? 20000 : DAY_NONE;
    q->effective_volume = pick(rng, 4) * 1e9;
    return row;
}

static struct fixture make_recording(void)
{
    struct fixture f = fixture_make();
    struct rng rng = {3};
    struct store *store = fixture_store(f.path, INSTRUMENTS);
    for (int64_t seq = 1; seq <= ROWS; seq++) {
        const struct store_snapshot row = random_row(&rng, seq);
        put_row(store, &row);
    }
    for (int i = 0; i < 4; i++)
        store_event(store, T0 + i, EVENT_STALE, i % 2 ? "S1" : NULL, "x");
    fixture_close(store);
    return f;
}

/* --- compared with the views ------------------------------------------------------------------ */

static void expect_text(sqlite3_stmt *stmt, int at, const char *text)
{
    t_int(sqlite3_column_type(stmt, at), SQLITE_TEXT);
    t_str((const char *)sqlite3_column_text(stmt, at), text);
}

/* The view and an export print the same text. */
static void expect_levels(sqlite3_stmt *view, int at, const struct side *side)
{
    struct buf text;
    buf_init(&text, 4096);
    row_levels(&text, side);
    expect_text(view, at, buf_text(&text));
    buf_finish(&text);
}

static void expect_cell(sqlite3_stmt *view, int at, const struct cell *cell)
{
    char text[CLOCK_TEXT];
    t_row(sqlite3_column_name(view, at));
    switch (cell->kind) {
    case CELL_NONE:
        t_int(sqlite3_column_type(view, at), SQLITE_NULL);
        return;
    case CELL_NUMBER:
        t_int(sqlite3_column_type(view, at), SQLITE_FLOAT);
        t_double(cell->number, sqlite3_column_double(view, at));
        return;
    case CELL_WHOLE:
        t_int(sqlite3_column_type(view, at), SQLITE_INTEGER);
        t_int(cell->whole, sqlite3_column_int64(view, at));
        return;
    case CELL_TIME:
        expect_text(view, at, clock_text(text, cell->whole));
        return;
    case CELL_MINUTE:
        clock_text(text, cell->whole);
        memcpy(text + 17, "00Z", 4);
        expect_text(view, at, text);
        return;
    case CELL_DAY:
        expect_text(view, at, clock_day_text(text, cell->whole));
        return;
    case CELL_TEXT:
    case CELL_JSON:
        expect_text(view, at, cell->text);
        return;
    case CELL_LEVELS:
        expect_levels(view, at, cell->side);
        return;
    }
}

static void expect_kind(enum extract_table table, int column, const struct cell *cell)
{
    enum cell_kind kind = extract_column_kind(table, column);
    bool json = kind == CELL_LEVELS && cell->kind == CELL_JSON;
    t_row(extract_column_name(table, column));
    t_true(cell->kind == CELL_NONE || cell->kind == kind || json);
}

static struct extract_query all_of(enum extract_table table)
{
    return (struct extract_query){table,     INT64_MIN, INT64_MAX, INT64_MIN, INT64_MAX,
                                  INT64_MIN, INT64_MIN, INT64_MAX, INT64_MIN};
}

static struct extract *open_extract(const struct fixture *f)
{
    struct extract *e;
    struct err err;
    int64_t matched;
    if (extract_open(&e, f->path, NULL, NULL, &err) || extract_pick(e, NULL, 0, &matched, &err))
        fail_msg("%s", err.text);
    return e;
}

/* Compares all rows of a table, in order; returns how many. */
static int expect_view(const struct fixture *f, enum extract_table table, const char *sql)
{
    struct extract *e = open_extract(f);
    const struct extract_query query = all_of(table);
    struct extract_row row;
    sqlite3 *db;
    sqlite3_stmt *view;
    int rows = 0;
    t_int(sqlite3_open_v2(f->path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &view, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    t_int(sqlite3_column_count(view), extract_columns_count(table));
    t_int(extract_begin(e, &query, NULL), 0);
    for (; extract_next(e, &row, NULL) == 1; rows++) {
        t_int(sqlite3_step(view), SQLITE_ROW);
        for (int i = 0; i < extract_columns_count(table); i++) {
            t_str(extract_column_name(table, i), sqlite3_column_name(view, i));
            expect_cell(view, i, &row.cells[i]);
            expect_kind(table, i, &row.cells[i]);
        }
    }
    t_int(sqlite3_step(view), SQLITE_DONE);
    sqlite3_finalize(view);
    sqlite3_close(db);
    extract_close(e);
    return rows;
}

static int expect_all(const struct fixture *f)
{
    t_int(
        expect_view(f, EXTRACT_SNAPSHOTS, "SELECT * FROM snapshots ORDER BY symbol, ts_recv, seq"),
        ROWS);
    t_int(expect_view(
              f, EXTRACT_EVENTS,
              "SELECT time, ts, kind, symbol, detail, meaning, recorder FROM feed_log ORDER BY ts"),
          4);
    int bars = expect_view(f, EXTRACT_BARS, "SELECT * FROM bars_1m ORDER BY symbol, ts_minute");
    t_true(bars > 0);
    return bars +
           expect_view(f, EXTRACT_TRADES, "SELECT * FROM trades ORDER BY symbol, ts_event, seq");
}

/* Moves rows in `bites` transactions. */
static void move_rows(const struct fixture *f, int bites)
{
    struct database database;
    struct mover mover;
    int64_t moved;
    t_int(database_open(&database, f->path, false, NULL), 0);
    t_int(mover_open(&mover, database.db, NULL), 0);
    mover.step_ms = 0;
    for (int i = 0; i < bites && mover.rows > 0; i++)
        t_int(mover_step(&mover, &moved), 0);
    mover_close(&mover);
    database_close(&database);
}

static void rows_equal_those_of_the_views(void **state)
{
    (void)state;
    struct fixture f = make_recording();
    int rows = expect_all(&f);
    int in_both = 0;
    for (int bites = 1; ask(&f, "select count(*) from snapshot_recent") > 0; bites++) {
        move_rows(&f, bites); /* each time from the start of the pass */
        in_both += ask(&f, "select count(*) from snapshot_recent r "
                           "join snapshot_history h on h.seq = r.seq") > 0;
        t_int(expect_all(&f), rows);
    }
    t_true(in_both > 1);
    fixture_remove(&f);
}

static int column_of(enum extract_table table, const char *name)
{
    int column = 0;
    while (strcmp(extract_column_name(table, column), name) != 0)
        column++;
    return column;
}

/* --- decimals --------------------------------------------------------------------------------- */

static void expect_decimals(const struct fixture *f, enum extract_table table,
                            const char *const *prices)
{
    struct extract *e = open_extract(f);
    const struct extract_query query = all_of(table);
    struct extract_row row;
    int rows = 0;
    t_int(extract_begin(e, &query, NULL), 0);
    for (; extract_next(e, &row, NULL) == 1; rows++) {
        bool known = strcmp(row.cells[column_of(table, "symbol")].text, "S1") == 0;
        for (int i = 0; i < extract_columns_count(table); i++) {
            const char *name = extract_column_name(table, i);
            bool price = word_list_find(prices, name) >= 0;
            t_row(name);
            if (row.cells[i].kind == CELL_NUMBER)
                t_int(row.cells[i].decimals, known && price ? 3 : 0);
        }
    }
    t_true(rows > 0);
    extract_close(e);
}

/* Of the broker's reference data; nothing is known of the other instruments. */
static void prices_have_the_decimals_of_the_instrument(void **state)
{
    (void)state;
    static const char *const quote[] = {
        "bid_price",   "offer_price",   "last_price",  "open_price",
        "high_price",  "low_price",     "close_price", "settlement_price",
        "index_value", "auction_price", NULL};
    static const char *const trade[] = {"price", NULL}, *const bar[] = {"open", "high", "low",
                                                                        "close", NULL};
    struct fixture f = make_recording();
    sqlite3 *db;
    t_int(sqlite3_open(f.path, &db), SQLITE_OK);
    t_int(sqlite3_exec(db, "UPDATE instrument SET price_decimals = 3 WHERE symbol = 'S1'", NULL,
                       NULL, NULL),
          SQLITE_OK);
    sqlite3_close(db);
    expect_decimals(&f, EXTRACT_SNAPSHOTS, quote);
    expect_decimals(&f, EXTRACT_TRADES, trade);
    expect_decimals(&f, EXTRACT_BARS, bar);
    fixture_remove(&f);
}

/* --- days ------------------------------------------------------------------------------------- */

/* Any stored day is the same text as in the view, which also shows years before 0. */
static void days_of_prices(void **state)
{
    (void)state;
    static const struct row {
        const char *stored; /* SQL */
        const char *text;   /* NULL: no value, as in the view */
    } rows[] = {
        {"NULL", NULL},          {"0", "1970-01-01"},
        {"-1", "1969-12-31"},    {"-719528", "0000-01-01"},
        {"-719529", NULL},       {"364", "1970-12-31"},
        {"365", "1971-01-01"},   {"11016", "2000-02-29"},
        {"11322", "2000-12-31"}, {"11323", "2001-01-01"},
        {"20818", "2026-12-31"}, {"2932896", "9999-12-31"},
        {"2932897", NULL},       {"-2147483648", NULL},
        {"2147483647", NULL},
    };
    struct fixture f = make_recording();
    const int close = column_of(EXTRACT_SNAPSHOTS, "close_date");
    const int settlement = column_of(EXTRACT_SNAPSHOTS, "settlement_date");
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char sql[256], text[CLOCK_TEXT];
        struct extract_row row;
        sqlite3 *db;
        t_row(rows[i].stored);
        snprintf(sql, sizeof(sql),
                 "UPDATE snapshot_recent SET close_day = %s, settlement_day = NULL WHERE seq = 7",
                 rows[i].stored);
        t_int(sqlite3_open(f.path, &db), SQLITE_OK);
        t_int(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
        struct extract *e = open_extract(&f);
        struct extract_query query = all_of(EXTRACT_SNAPSHOTS);
        query.seq_from = 6;
        query.seq_to = 7;
        t_int(extract_begin(e, &query, NULL), 0);
        t_int(extract_next(e, &row, NULL), 1);
        t_int(row.cells[close].kind, rows[i].text ? CELL_DAY : CELL_NONE);
        if (rows[i].text)
            t_str(clock_day_text(text, row.cells[close].whole), rows[i].text);
        t_int(row.cells[settlement].kind, CELL_NONE);
        extract_close(e);
        const char *view = "SELECT * FROM snapshots ORDER BY symbol, ts_recv, seq";
        if (strcmp(rows[i].stored, "-719529") != 0)
            t_int(expect_view(&f, EXTRACT_SNAPSHOTS, view), ROWS);
    }
    fixture_remove(&f);
}

/* DAY_NONE, the days before 1970 and the last day of a year, as a service writes them. */
static void days_that_are_written(void **state)
{
    (void)state;
    static const int32_t days[] = {DAY_NONE, -1, 0, 20818, 20819};
    struct fixture f = fixture_make();
    struct store *store = fixture_store(f.path, 1);
    for (size_t i = 0; i < T_COUNT(days); i++) {
        struct store_snapshot row = snapshot(0, (int64_t)i + 1, 100);
        row.quote.close_day = row.quote.settlement_day = days[i];
        put_row(store, &row);
    }
    fixture_close(store);
    for (int moved = 0; moved < 2; moved++) {
        struct extract *e = open_extract(&f);
        const struct extract_query query = all_of(EXTRACT_SNAPSHOTS);
        struct extract_row row;
        t_int(extract_begin(e, &query, NULL), 0);
        for (size_t i = 0; i < T_COUNT(days); i++) {
            const int columns[] = {column_of(EXTRACT_SNAPSHOTS, "close_date"),
                                   column_of(EXTRACT_SNAPSHOTS, "settlement_date")};
            t_int(extract_next(e, &row, NULL), 1);
            for (size_t c = 0; c < T_COUNT(columns); c++) {
                const struct cell *cell = &row.cells[columns[c]];
                t_int(cell->kind, days[i] == DAY_NONE ? CELL_NONE : CELL_DAY);
                t_true(days[i] == DAY_NONE || cell->whole == days[i]);
            }
        }
        t_int(extract_next(e, &row, NULL), 0);
        extract_close(e);
        move_rows(&f, 4);
    }
    fixture_remove(&f);
}

/* --- bounds ----------------------------------------------------------------------------------- */

static int count(struct extract *e, const struct extract_query *query)
{
    struct extract_row row;
    int rows = 0;
    t_int(extract_begin(e, query, NULL), 0);
    for (; extract_next(e, &row, NULL) == 1; rows++) {
        t_true(row.ts >= query->ts_from && row.ts < query->ts_to);
        t_true(row.seq > query->seq_from && row.seq <= query->seq_to);
    }
    extract_end(e);
    return rows;
}

static void only_rows_within_the_bounds(void **state)
{
    (void)state;
    struct fixture f = make_recording();
    struct extract *e = open_extract(&f);
    int64_t first, last;
    struct extract_bounds bounds;
    struct extract_query q = all_of(EXTRACT_SNAPSHOTS);
    t_int(extract_bounds(e, &bounds, NULL), 0);
    t_int(bounds.last_seq, ROWS);
    t_int(bounds.last_event_id, 4);
    t_int(bounds.ts_last, T0 + ROWS * INT64_C(137000001));
    t_int(extract_span(e, &q, &first, &last, NULL), 0);
    t_int(first, T0 + 137000001);
    t_int(last, bounds.ts_last);
    q.seq_from = 100;
    q.seq_to = 150;
    t_int(count(e, &q), 50);
    q.ts_from = T0 + 120 * INT64_C(137000001);
    t_int(count(e, &q), 31);
    q.ts_to = T0 + 130 * INT64_C(137000001);
    t_int(count(e, &q), 10);
    q.ts_to = q.ts_from;
    t_int(count(e, &q), 0);
    t_int(extract_span(e, &q, &first, &last, NULL), 0);
    t_true(first > last);
    extract_close(e);
    fixture_remove(&f);
}

static void only_selected_instruments(void **state)
{
    (void)state;
    static const char *const patterns[] = {"s1", "S3"};
    static const char *const nothing[] = {"T*"};
    struct fixture f = make_recording();
    struct extract *e = open_extract(&f);
    const struct extract_query q = all_of(EXTRACT_SNAPSHOTS), events = all_of(EXTRACT_EVENTS);
    int64_t matched;
    t_int(extract_pick(e, patterns, 2, &matched, NULL), 0);
    t_int(matched, 2);
    t_int(count(e, &q), ask(&f, "select count(*) from snapshots where symbol in ('S1', 'S3')"));
    t_int(count(e, &events), 2);
    t_int(extract_pick(e, nothing, 1, &matched, NULL), 0);
    t_int(matched, 0);
    t_int(count(e, &q), 0);
    t_int(count(e, &events), 0);
    extract_close(e);
    fixture_remove(&f);
}

/* --- packed levels ---------------------------------------------------------------------------- */

static void levels_end_at_the_first_invalid_one(void **state)
{
    (void)state;
    static const struct row {
        const char *rest;
        int count;
        double price, size; /* of the last one */
    } rows[] = {
        {"", 1, 100, 5},
        {"50,7", 2, 99.5, 7},
        {"50,7,125,0.25", 3, 98.75, 0.25},
        {"50,null", 2, 99.5, NAN},
        {"-50,7", 2, 100.5, 7},
        {"50", 1, 100, 5},
        {"\"2.5\"", 1, 100, 2.5},
        {"\"2.5\",50,\"0.125\",75,3", 3, 99.25, 3},
        {"50,\"0.125\"", 2, 99.5, 0.125},
        {"50,\"0.125", 1, 100, 5},
        {"\"x\",50,7", 1, 100, 5},
        {"50,", 1, 100, 5},
        {"50,7,x,1", 2, 99.5, 7},
        {"50,nan", 1, 100, 5},
        {",", 1, 100, 5},
        {"1,1,2,1,3,1,4,1,5,1,6,1,7,1,8,1,9,1,10,1,11,1", QUOTE_DEPTH_MAX, 99.91, 1},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct side side;
        t_row(rows[i].rest);
        unpack_side(&side, (struct level){100, 5}, rows[i].rest, true, 100);
        t_int(side.count, rows[i].count);
        t_double(side.level[side.count - 1].price, rows[i].price);
        t_double(side.level[side.count - 1].size, rows[i].size);
    }
}

/* --- opening ---------------------------------------------------------------------------------- */

static bool stop_now(void *arg)
{
    (void)arg;
    return true;
}

static void stops_on_request(void **state)
{
    (void)state;
    struct fixture f = make_recording();
    struct extract *e;
    struct err err = {0};
    struct extract_row row;
    int64_t matched;
    const struct extract_query q = all_of(EXTRACT_SNAPSHOTS);
    int rc = extract_open(&e, f.path, stop_now, NULL, &err);
    t_int(rc, 0);
    rc = extract_pick(e, NULL, 0, &matched, &err);
    if (rc == 0)
        rc = extract_begin(e, &q, &err);
    while (rc == 0 && (rc = extract_next(e, &row, &err)) > 0)
        rc = 0;
    t_int(rc, -EINTR);
    t_str(err.text, "interrupted");
    extract_close(e);
    fixture_remove(&f);
}

static void old_databases_are_refused(void **state)
{
    (void)state;
    struct fixture f = make_recording();
    struct extract *e;
    struct err err;
    sqlite3 *db;
    t_int(sqlite3_open(f.path, &db), SQLITE_OK);
    t_int(sqlite3_exec(db, "PRAGMA user_version = 3", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    t_int(extract_open(&e, f.path, NULL, NULL, &err), -EPROTO);
    t_contains(err.text, "start `cinta run` on it first");
    fixture_remove(&f);
    t_int(extract_open(&e, f.path, NULL, NULL, &err), -ENOENT);
    t_contains(err.text, f.path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_equal_those_of_the_views),
        cmocka_unit_test(prices_have_the_decimals_of_the_instrument),
        cmocka_unit_test(days_of_prices),
        cmocka_unit_test(days_that_are_written),
        cmocka_unit_test(only_rows_within_the_bounds),
        cmocka_unit_test(only_selected_instruments),
        cmocka_unit_test(levels_end_at_the_first_invalid_one),
        cmocka_unit_test(stops_on_request),
        cmocka_unit_test(old_databases_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
