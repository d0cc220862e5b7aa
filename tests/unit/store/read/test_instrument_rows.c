#include "store/read/instrument_rows.h"

#include "support/store_fixture.h"

#include "base/clock.h"

#include <math.h>

static const struct tick_range ticks[] = {{0, 500, 0.05}, {500, NAN, 10}};

static struct instrument listed(const char *symbol, int64_t ts)
{
    struct instrument i = instrument_unknown;
    i.market_id = "ROFX";
    i.symbol = symbol;
    i.ts_listed = ts;
    i.listed = true;
    return i;
}

static struct instrument full(void)
{
    struct instrument i = listed("MERV - XMEV - GD35 - 24hs", T0);
    i.segment = "MERV";
    i.cfi_code = "DBXXXX";
    i.currency = "ARS";
    i.maturity = "20350709";
    i.description = "Bono D\xc3\xb3lar";
    i.settl_type = "2";
    i.underlying = "GD35";
    i.order_types = "LIMIT";
    i.times_in_force = "DAY";
    i.low_limit = -12.5;
    i.high_limit = 9999999;
    i.price_tick = 0.1;
    i.size_step = 0.01;
    i.round_lot = 100;
    i.min_size = 1;
    i.max_size = 9e15;
    i.multiplier = 1000;
    i.price_factor = 0.01;
    i.strike = 1234.5678901234567;
    i.price_digits = 2;
    i.size_digits = 1;
    i.ranges = ticks;
    i.ranges_count = 2;
    return i;
}

/* Stores the list and reads it again. */
static struct instrument_list *round_trip(const struct fixture *f, struct instrument_list *list,
                                          int64_t from_ns)
{
    struct store *store = fixture_store(f->path, 0);
    struct reader *reader;
    struct err err = {0};
    store_list(store, list, T0, "https://api.example/");
    instrument_list_release(list);
    fixture_close(store);
    struct instrument_list *read = instrument_list_create();
    if (reader_open(&reader, f->path, &err) || instrument_rows_read(reader, from_ns, read, &err))
        fail_msg("%s", err.text);
    reader_close(reader);
    return read;
}

static void all_values_come_back(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct instrument_list *list = instrument_list_create();
    const struct instrument written = full();
    struct buf words;
    t_int(instrument_list_put(list, &written), 0);
    struct instrument_list *read = round_trip(&f, list, 0);
    const struct instrument *i = instrument_list_find(read, "ROFX", written.symbol);
    assert_non_null(i);
    buf_init(&words, 4096);
    t_int(instrument_changes(&written, i, ~0U, &words), 0);
    t_str(buf_text(&words), "");
    buf_finish(&words);
    t_str(i->segment, "MERV");
    t_str(i->cfi_code, "DBXXXX");
    t_str(i->maturity, "20350709");
    t_str(i->description, written.description);
    t_str(i->settl_type, "2");
    t_str(i->underlying, "GD35");
    t_str(i->order_types, "LIMIT");
    t_str(i->times_in_force, "DAY");
    t_double(i->strike, written.strike);
    t_double(i->low_limit, -12.5);
    t_double(i->max_size, 9e15);
    t_int(i->price_digits, 2);
    t_int(i->size_digits, 1);
    t_int(i->ranges_count, 2);
    t_double(i->ranges[1].from, 500);
    t_double(i->ranges[1].to, NAN);
    t_true(i->listed && i->ts_listed == T0);
    instrument_list_release(read);
    fixture_remove(&f);
}

static void what_is_not_known_comes_back_so(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct instrument_list *list = instrument_list_create();
    const struct instrument written = listed("A", T0);
    t_int(instrument_list_put(list, &written), 0);
    struct instrument_list *read = round_trip(&f, list, 0);
    const struct instrument *i = instrument_list_find(read, "ROFX", "A");
    assert_non_null(i);
    t_true(!i->segment && !i->cfi_code && !i->maturity && !i->description && !i->order_types);
    t_true(isnan(i->price_tick) && isnan(i->strike) && isnan(i->low_limit));
    t_int(i->price_digits, -1);
    t_int(i->size_digits, -1);
    t_int(i->ranges_count, 0);
    instrument_list_release(read);
    fixture_remove(&f);
}

static void old_ones_stay_in_the_database(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct instrument_list *list = instrument_list_create();
    struct instrument gone = listed("GONE", T0 - NS_PER_DAY),
                      old = listed("OLD", T0 - 1 - NS_PER_DAY),
                      here = listed("HERE", T0 - 9 * NS_PER_DAY);
    gone.listed = old.listed = false;
    t_int(instrument_list_put(list, &gone), 0);
    t_int(instrument_list_put(list, &old), 0);
    t_int(instrument_list_put(list, &here), 0);
    struct instrument_list *read = round_trip(&f, list, T0 - NS_PER_DAY);
    t_int(instrument_list_count(read), 2);
    t_true(!instrument_list_find(read, "ROFX", "OLD"));
    t_true(!instrument_list_find(read, "ROFX", "GONE")->listed);
    t_true(instrument_list_find(read, "ROFX", "HERE")->listed);
    t_double(ask(&f, "SELECT count(*) FROM instruments"), 3);
    instrument_list_release(read);
    fixture_remove(&f);
}

static void the_last_list(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct instrument_list *list = instrument_list_create();
    struct reader *reader;
    struct err err = {0};
    struct buf broker;
    int64_t ts_read = -1;
    buf_init(&broker, 1000);
    fixture_close(fixture_store(f.path, 1));
    t_int(reader_open(&reader, f.path, &err), 0);
    t_int(instrument_rows_last(reader, &ts_read, &broker, &err), 0);
    reader_close(reader);
    t_true(ts_read == 0);
    t_str(buf_text(&broker), "");
    t_row("recorded, but in no list");
    instrument_list_release(round_trip(&f, list, 0));
    t_int(reader_open(&reader, f.path, &err), 0);
    t_int(instrument_rows_last(reader, &ts_read, &broker, &err), 0);
    reader_close(reader);
    t_true(ts_read == T0);
    t_str(buf_text(&broker), "https://api.example/");
    buf_finish(&broker);
    fixture_remove(&f);
}

static void segments_come_back(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    static const struct market_segment written[] = {{"MERV", "DDF", T0, true},
                                                    {"ROFX", "D'DF", T0, true},
                                                    {"ROFX", "OLD", T0 - 100, false},
                                                    {"ROFX", "OLDER", T0 - 200, false}};
    struct instrument_list *list = instrument_list_create();
    for (size_t i = 0; i < T_COUNT(written); i++)
        t_int(instrument_list_put_segment(list, &written[i]), 0);
    struct instrument_list *read = round_trip(&f, list, T0 - 150);
    t_int(instrument_list_segments(read), 3);
    for (size_t i = 0; i < 3; i++) {
        const struct market_segment *s = instrument_list_segment(read, i);
        t_str(s->market_id, written[i].market_id);
        t_str(s->id, written[i].id);
        t_true(s->ts_listed == written[i].ts_listed && s->listed == written[i].listed);
    }
    instrument_list_release(read);
    fixture_remove(&f);
}

static void recorded_ones_were_not_listed(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    fixture_close(fixture_store(f.path, 2));
    struct instrument_list *read = round_trip(&f, instrument_list_create(), 0);
    t_int(instrument_list_count(read), 0);
    instrument_list_release(read);
    fixture_remove(&f);
}

static void on_change(void *arg, int64_t revision, const struct instrument *instrument)
{
    buf_printf(arg, "%lld %s %g\n", (long long)revision, instrument->symbol,
               instrument->price_tick);
}

static void changes_in_their_order(void **state)
{
    (void)state;
    static const struct {
        struct instrument_since since;
        const char *expected;
    } rows[] = {
        {{0, 9}, "1 A 0.1\n2 B 0.1\n3 C 0.1\n"},
        {{0, 2}, "1 A 0.1\n2 B 0.1\n"},
        {{2, 9}, "3 C 0.1\n"},
        {{3, 9}, ""},
    };
    struct fixture f = fixture_make();
    struct instrument_list *list = instrument_list_create();
    struct reader *reader;
    struct buf out;
    struct err err = {0};
    for (int n = 0; n < 3; n++) {
        struct instrument i = full();
        i.symbol = (const char *[]){"A", "B", "C"}[n];
        t_int(instrument_list_put(list, &i), 0);
    }
    instrument_list_release(round_trip(&f, list, 0));
    t_int(reader_open(&reader, f.path, &err), 0);
    buf_init(&out, 1024);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        buf_clear(&out);
        int count = instrument_rows_since(reader, &rows[i].since, on_change, &out, &err);
        t_str(buf_text(&out), rows[i].expected);
        t_int(count, (int)strlen(rows[i].expected) / 8);
    }
    buf_finish(&out);
    reader_close(reader);
    fixture_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_values_come_back),
        cmocka_unit_test(what_is_not_known_comes_back_so),
        cmocka_unit_test(old_ones_stay_in_the_database),
        cmocka_unit_test(the_last_list),
        cmocka_unit_test(segments_come_back),
        cmocka_unit_test(changes_in_their_order),
        cmocka_unit_test(recorded_ones_were_not_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
