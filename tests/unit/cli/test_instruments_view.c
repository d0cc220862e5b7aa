#include "cli/instruments_view.h"

#include "support/t.h"

static const char *const columns[] = {
    "symbol", "type", "listed", "price_decimals", "price_tick", "tick_ranges", "low_limit_price"};
#define COLUMNS ((int)T_COUNT(columns))

static void add(struct instruments_view *view, const char *const texts[COLUMNS])
{
    struct reader_value values[COLUMNS];
    for (int i = 0; i < COLUMNS; i++)
        values[i] = (struct reader_value){columns[i],
                                          !texts[i]                    ? READER_NULL
                                          : i == 0 || i == 1 || i == 5 ? READER_TEXT
                                                                       : READER_NUMBER,
                                          texts[i] ? texts[i] : ""};
    t_int(instruments_view_row(view, COLUMNS, values), 0);
}

static const char *const future[] = {"DLR/DIC26", "future", "1", "2", "0.5", NULL, "1279.168"},
                         *const share[] = {"A,B", NULL, "1", NULL, NULL, "[[0,null,0.05]]", NULL},
                         *const gone[] = {"DLR/OCT26", "future", "0", "2", "0.5", NULL, "7"};

static struct instruments_view shown(enum instruments_format format,
                                     const struct instrument_filter *filter)
{
    struct instruments_view view;
    struct err err;
    t_int(instruments_view_init(&view, format, filter, &err), 0);
    add(&view, future);
    add(&view, share);
    add(&view, gone);
    instruments_view_end(&view);
    return view;
}

static void json(void **state)
{
    (void)state;
    struct instruments_view view = shown(INSTRUMENTS_JSON, &(struct instrument_filter){0});
    t_str(buf_text(&view.out),
          "[\n{\"symbol\":\"DLR/DIC26\",\"type\":\"future\",\"listed\":1,\"price_decimals\":2,"
          "\"price_tick\":0.5,\"tick_ranges\":null,\"low_limit_price\":1279.168},\n"
          "{\"symbol\":\"A,B\",\"type\":null,\"listed\":1,\"price_decimals\":null,"
          "\"price_tick\":null,\"tick_ranges\":[[0,null,0.05]],\"low_limit_price\":null}\n]\n");
    t_int(view.rows, 2);
    t_int(view.hidden, 1);
    instruments_view_finish(&view);
}

static void nothing_is_an_empty_array(void **state)
{
    (void)state;
    struct instruments_view view =
        shown(INSTRUMENTS_JSON, &(struct instrument_filter){.cfi = "no such code"});
    t_str(buf_text(&view.out), "[]\n");
    t_int(view.hidden, 0);
    instruments_view_finish(&view);
}

static void csv(void **state)
{
    (void)state;
    struct instruments_view view = shown(INSTRUMENTS_CSV, &(struct instrument_filter){.all = true});
    t_str(buf_text(&view.out),
          "symbol,type,listed,price_decimals,price_tick,tick_ranges,low_limit_price\r\n"
          "DLR/DIC26,future,1,2,0.5,,1279.168\r\n"
          "\"A,B\",,1,,,\"[[0,null,0.05]]\",\r\n"
          "DLR/OCT26,future,0,2,0.5,,7\r\n");
    instruments_view_finish(&view);
}

static void a_table_shows_the_decimals_of_prices(void **state)
{
    (void)state;
    struct instruments_view view = shown(INSTRUMENTS_TABLE, &(struct instrument_filter){0});
    table_print(&view.table, SIZE_MAX, "\n", &view.out);
    t_contains(buf_text(&view.out), "0.50");
    t_contains(buf_text(&view.out), "1279.168");
    t_int(table_rows(&view.table), 2);
    instruments_view_finish(&view);
}

static void matches_are_counted_by_pattern(void **state)
{
    (void)state;
    static const char *const patterns[] = {"dlr/*", "GGAL*"};
    struct instruments_view view = shown(
        INSTRUMENTS_TABLE, &(struct instrument_filter){.patterns = patterns, .patterns_count = 2});
    t_int(view.matching[0], 1);
    t_int(view.matching[1], 0);
    t_int(view.rows, 1);
    instruments_view_finish(&view);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json),
        cmocka_unit_test(nothing_is_an_empty_array),
        cmocka_unit_test(csv),
        cmocka_unit_test(a_table_shows_the_decimals_of_prices),
        cmocka_unit_test(matches_are_counted_by_pattern),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
