#include "store/write/list_writer.h"

#include "support/store_fixture.h"

#include "base/clock.h"
#include "store/write/database.h"

#include <math.h>

static const struct tick_range ticks[] = {{0, 500, 0.05}, {500, NAN, 10}};

static struct instrument bond(void)
{
    struct instrument i = instrument_unknown;
    i.market_id = "ROFX";
    i.symbol = "MERV - XMEV - GD35 - 24hs";
    i.segment = "MERV";
    i.cfi_code = "DBXXXX";
    i.currency = "ARS";
    i.maturity = "20350709";
    i.description = "Bono GD35";
    i.settl_type = "2";
    i.order_types = "LIMIT,MARKET_TO_LIMIT";
    i.times_in_force = "DAY";
    i.low_limit = 0;
    i.high_limit = 9999999;
    i.price_tick = 10;
    i.size_step = 1;
    i.round_lot = 100;
    i.min_size = 1;
    i.max_size = 90000000;
    i.multiplier = 1;
    i.price_factor = 0.01;
    i.price_digits = 2;
    i.size_digits = 0;
    i.ranges = ticks;
    i.ranges_count = 2;
    i.ts_listed = T0;
    i.listed = true;
    return i;
}

static struct instrument_list *list_of(const struct instrument *items, size_t count)
{
    struct instrument_list *list = instrument_list_create();
    for (size_t i = 0; i < count; i++)
        t_int(instrument_list_put(list, &items[i]), 0);
    return list;
}

/* All slices of a list that the broker sent at `ts_read`; takes the list. */
static int write_all(const struct fixture *f, struct instrument_list *list, int64_t ts_read)
{
    struct database database;
    struct list_writer writer;
    struct err err;
    int slices = 0;
    struct list_progress progress = {list, ts_read, strdup("https://api.example/"), 0, false};
    if (database_open(&database, f->path, false, &err) ||
        list_writer_open(&writer, database.db, &err))
        fail_msg("%s", err.text);
    for (; list_progress_pending(&progress); slices++)
        t_int(list_writer_step(&writer, &progress), SQLITE_OK);
    list_progress_finish(&progress);
    list_writer_close(&writer);
    database_close(&database);
    return slices;
}

static const char *text_by(const struct fixture *f, const char *sql)
{
    static char text[512];
    sqlite3 *db;
    sqlite3_stmt *stmt;
    t_int(sqlite3_open_v2(f->path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    t_int(sqlite3_step(stmt), SQLITE_ROW);
    const char *value = (const char *)sqlite3_column_text(stmt, 0);
    snprintf(text, sizeof(text), "%s", value ? value : "NULL");
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return text;
}

static void every_column(void **state)
{
    (void)state;
    static const struct {
        const char *column, *value;
    } rows[] = {
        {"market", "ROFX"},
        {"symbol", "MERV - XMEV - GD35 - 24hs"},
        {"product", "GD35"},
        {"segment", "MERV"},
        {"cfi_code", "DBXXXX"},
        {"type", "bond"},
        {"currency", "ARS"},
        {"maturity_date", "2035-07-09"},
        {"strike", "NULL"},
        {"underlying", "NULL"},
        {"price_tick", "10.0"},
        {"tick_ranges", "[[0,500,0.05],[500,null,10]]"},
        {"size_step", "1.0"},
        {"round_lot", "100.0"},
        {"contract_multiplier", "1.0"},
        {"price_factor", "0.01"},
        {"low_limit_price", "0.0"},
        {"high_limit_price", "9999999.0"},
        {"min_trade_volume", "1.0"},
        {"max_trade_volume", "90000000.0"},
        {"price_decimals", "2"},
        {"size_decimals", "0"},
        {"description", "Bono GD35"},
        {"settlement_type", "2"},
        {"order_types", "LIMIT,MARKET_TO_LIMIT"},
        {"times_in_force", "DAY"},
        {"listed", "1"},
        {"recorded", "0"},
        {"first_seen_time", "2026-11-23T15:00:00.000Z"},
        {"last_seen_time", "2026-11-23T15:00:00.000Z"},
        {"days_to_maturity > 2000", "1"},
        {"(SELECT ts_read || ' ' || broker FROM instrument_list)",
         "1795446000000000000 https://api.example/"},
    };
    struct fixture f = fixture_make();
    const struct instrument read = bond();
    write_all(&f, list_of(&read, 1), T0);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char sql[128];
        t_row(rows[i].column);
        snprintf(sql, sizeof(sql), "SELECT %s FROM instruments", rows[i].column);
        t_str(text_by(&f, sql), rows[i].value);
    }
    fixture_remove(&f);
}

static void known_values_stay(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct instrument first = bond(), second = instrument_unknown;
    write_all(&f, list_of(&first, 1), T0);
    second.market_id = first.market_id;
    second.symbol = first.symbol;
    second.price_tick = 5;
    second.ts_listed = T0 + NS_PER_DAY;
    write_all(&f, list_of(&second, 1), 0);
    t_double(ask(&f, "SELECT count(*) FROM instrument"), 1);
    t_double(ask(&f, "SELECT price_tick FROM instruments"), 5);
    t_double(ask(&f, "SELECT high_limit_price FROM instruments"), 9999999);
    t_double(ask(&f, "SELECT round_lot FROM instruments"), 100);
    t_double(ask(&f, "SELECT listed FROM instruments"), 0);
    t_str(text_by(&f, "SELECT first_seen_time FROM instruments"), "2026-11-23T15:00:00.000Z");
    t_str(text_by(&f, "SELECT last_seen_time FROM instruments"), "2026-11-24T15:00:00.000Z");
    t_row("a list that is not the broker's whole list is not the last one");
    t_double(ask(&f, "SELECT ts_read FROM instrument_list"), (double)T0);
    fixture_remove(&f);
}

static void recorded_instruments_keep_their_id(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct instrument read = bond();
    struct store *store = fixture_store(f.path, 2);
    fixture_close(store);
    double id = ask(&f, "SELECT id FROM instrument WHERE symbol = 'S1'");
    read.symbol = "S1";
    write_all(&f, list_of(&read, 1), T0);
    t_double(ask(&f, "SELECT id FROM instrument WHERE symbol = 'S1'"), id);
    t_double(ask(&f, "SELECT count(*) FROM instrument"), 2);
    t_double(ask(&f, "SELECT count(*) FROM instrument WHERE ts_recorded IS NOT NULL"), 2);
    fixture_remove(&f);
}

/* A listed instrument that is recorded later keeps its row too. */
static void listed_instruments_can_be_recorded(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct instrument read = bond();
    read.symbol = "S0";
    write_all(&f, list_of(&read, 1), T0);
    t_double(ask(&f, "SELECT count(*) FROM instrument WHERE ts_recorded IS NULL"), 1);
    fixture_close(fixture_store(f.path, 1));
    t_double(ask(&f, "SELECT count(*) FROM instrument"), 1);
    t_double(ask(&f, "SELECT ts_recorded > 0 FROM instrument"), 1);
    t_double(ask(&f, "SELECT ts_created FROM instrument"), (double)T0);
    fixture_remove(&f);
}

static void types_in_words(void **state)
{
    (void)state;
    static const struct {
        const char *code, *words;
    } rows[] = {
        {"ESXXXX", "share"},
        {"DBXXXX", "bond"},
        {"DBXXFR", "corporate bond"},
        {"DYXTXR", "treasury bill"},
        {"EMXXXX", "CEDEAR"},
        {"FXXXSX", "future"},
        {"FXXXXX", "calendar spread"},
        {"OCASPS", "call on share"},
        {"OPASPS", "put on share"},
        {"OCAFXS", "American call on future"},
        {"OPAFXS", "American put on future"},
        {"OCEFXS", "European call on future"},
        {"OPEFXS", "European put on future"},
        {"MRIXXX", "index"},
        {"RPXXXX", "repo"},
        {"MCXXXX", "currency"},
        {"LRSTXH", "NULL"},
        {NULL, "NULL"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct fixture f = fixture_make();
        struct instrument read = bond();
        t_row(rows[i].code ? rows[i].code : "none");
        read.cfi_code = rows[i].code;
        write_all(&f, list_of(&read, 1), T0);
        t_str(text_by(&f, "SELECT type FROM instruments"), rows[i].words);
        fixture_remove(&f);
    }
}

static struct instrument_list *many(size_t count)
{
    struct instrument_list *list = instrument_list_create();
    for (size_t i = 0; i < count; i++) {
        char symbol[64];
        struct instrument item = bond();
        snprintf(symbol, sizeof(symbol), "DLR/DIC26 %zu C", i);
        item.symbol = symbol;
        t_int(instrument_list_put(list, &item), 0);
    }
    return list;
}

static void ten_thousand(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    t_true(write_all(&f, many(10000), T0) >= 1);
    t_double(ask(&f, "SELECT count(*) FROM instruments WHERE listed"), 10000);
    write_all(&f, many(10000), T0 + 1);
    t_double(ask(&f, "SELECT count(*) FROM instruments"), 10000);
    fixture_remove(&f);
}

/* The revision rises with what is published elsewhere, and not with each reading. */
static void only_changes_are_revisions(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct instrument read[] = {bond(), bond()};
    read[1].symbol = "DLR/DIC26";
    static const char sql[] =
        "select group_concat(revision) from (select revision from instrument order by id)";
    write_all(&f, list_of(read, 2), T0);
    t_str(text_by(&f, sql), "1,2");
    read[0].ts_listed = read[1].ts_listed = T0 + 1;
    read[0].currency = NULL; /* the one known before stays */
    write_all(&f, list_of(read, 2), T0 + 1);
    t_str(text_by(&f, sql), "1,2");
    read[0].high_limit = 5;
    write_all(&f, list_of(read, 2), T0 + 2);
    t_str(text_by(&f, sql), "3,2");
    read[1].listed = false;
    read[0].ranges_count = 1;
    write_all(&f, list_of(read, 2), T0 + 3);
    t_str(text_by(&f, sql), "4,5");
    fixture_remove(&f);
}

static void an_empty_list(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    t_int(write_all(&f, instrument_list_create(), T0), 1);
    t_double(ask(&f, "SELECT ts_read FROM instrument_list"), (double)T0);
    fixture_remove(&f);
}

static void a_locked_database(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct database database;
    struct list_writer writer;
    struct err err;
    sqlite3 *other;
    struct list_progress progress = {many(3), T0, strdup(""), 0, false};
    t_int(database_open(&database, f.path, false, &err), 0);
    t_int(list_writer_open(&writer, database.db, &err), 0);
    t_int(sqlite3_open(f.path, &other), SQLITE_OK);
    t_int(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    t_int(list_writer_step(&writer, &progress), SQLITE_BUSY);
    t_int(progress.at, 0);
    t_true(list_progress_pending(&progress));
    t_int(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    t_int(list_writer_step(&writer, &progress), SQLITE_OK);
    t_true(!list_progress_pending(&progress));
    sqlite3_close(other);
    list_progress_finish(&progress);
    list_writer_close(&writer);
    database_close(&database);
    fixture_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_column),
        cmocka_unit_test(known_values_stay),
        cmocka_unit_test(recorded_instruments_keep_their_id),
        cmocka_unit_test(listed_instruments_can_be_recorded),
        cmocka_unit_test(types_in_words),
        cmocka_unit_test(ten_thousand),
        cmocka_unit_test(only_changes_are_revisions),
        cmocka_unit_test(an_empty_list),
        cmocka_unit_test(a_locked_database),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
