#include "cli/quotes_view.h"

#include "base/clock.h"
#include "quotes_rows.h"
#include "support/t.h"

#define NOW (INT64_C(1795402800) * NS_PER_S)

static struct reader_value rows[][5] = {
    {TEXT("symbol", "DLR/DIC26"), NUMBER("seq", "3"), NUMBER("ts_seen", "1795402799000000000"),
     NUMBER("bid_price", "1598.5"), NUMBER("recorded", "1")},
    {TEXT("symbol", "DLR/ENE27"), NUMBER("seq", "1"), NUMBER("ts_seen", "1795402800000000000"),
     NONE("bid_price"), NUMBER("recorded", "1")},
    {TEXT("symbol", "DLR/OCT26"), NUMBER("seq", "2"), NUMBER("ts_seen", "1795400000000000000"),
     NUMBER("bid_price", "1500"), NUMBER("recorded", "0")},
};

static void look(struct quotes_view *view, int columns)
{
    quotes_view_begin(view, NOW);
    for (size_t i = 0; i < T_COUNT(rows); i++)
        t_int(quotes_view_row(view, columns, rows[i]), 0);
    quotes_view_end(view);
}

static void open_view(struct quotes_view *view, const struct quotes_request *request)
{
    t_int(quotes_view_init(view, request, NULL, NULL), 0);
}

static void rows_are_shown_or_counted(void **state)
{
    (void)state;
    static const char *const dollar[] = {"dlr/*", "DLR/OCT26", "NONE"};
    static const struct row {
        const char *name;
        struct quotes_request request;
        int columns; /* 4: an older database, without the column recorded */
        struct quotes_tally all, first, second;
    } cases[] = {
        {"recorded now",
         {.patterns = dollar, .patterns_count = 3},
         5,
         {2, 1, 0},
         {2, 1, 0},
         {0, 1, 0}},
        {"all",
         {.all = true, .patterns = dollar, .patterns_count = 3},
         5,
         {3, 0, 0},
         {3, 0, 0},
         {1, 0, 0}},
        {"an older database",
         {.patterns = dollar, .patterns_count = 3},
         4,
         {3, 0, 0},
         {3, 0, 0},
         {1, 0, 0}},
        {"no empty ones",
         {.hide_empty = true, .patterns = dollar, .patterns_count = 3},
         5,
         {1, 1, 1},
         {1, 1, 1},
         {0, 1, 0}},
        {"no pattern", {.patterns_count = 0}, 5, {2, 1, 0}, {0}, {0}},
    };
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        struct quotes_view view;
        t_row(cases[i].name);
        open_view(&view, &cases[i].request);
        for (int again = 0; again < 2; again++) {
            look(&view, cases[i].columns);
            t_int(view.all.shown, cases[i].all.shown);
            t_int(view.all.unrecorded, cases[i].all.unrecorded);
            t_int(view.all.empty, cases[i].all.empty);
            t_int(table_rows(&view.table), cases[i].all.shown);
        }
        for (int k = 0; k < 2 && cases[i].request.patterns_count; k++) {
            const struct quotes_tally *expected = k ? &cases[i].second : &cases[i].first;
            t_int(view.patterns[k].shown, expected->shown);
            t_int(view.patterns[k].unrecorded, expected->unrecorded);
            t_int(view.patterns[k].empty, expected->empty);
        }
        quotes_view_finish(&view);
    }
}

static void zero_volume_is_no_value(void **state)
{
    (void)state;
    static const struct row {
        const char *name, *value;
        bool empty;
    } cases[] = {
        {"trade_volume", "0", true},       {"trade_volume", "3", false},
        {"effective_volume", "0", true},   {"open_interest", "0", true},
        {"open_interest", "5", false},     {"last_price", "0", false},
        {"index_value", "80250.4", false}, {"seq", "17", true},
    };
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        const struct quotes_request request = {.hide_empty = true};
        const struct reader_value row[] = {TEXT("symbol", "A"),
                                           NUMBER(cases[i].name, cases[i].value), NONE("bid_price"),
                                           TEXT("seen_time", "x")};
        struct quotes_view view;
        t_row(cases[i].name);
        open_view(&view, &request);
        quotes_view_begin(&view, NOW);
        quotes_view_row(&view, 4, row);
        t_int(view.all.empty, cases[i].empty);
        quotes_view_finish(&view);
    }
}

static void json_and_csv_have_the_chosen_columns(void **state)
{
    (void)state;
    static const char *const dollar[] = {"DLR/DIC26"};
    struct quotes_request request = {
        .format = QUOTES_JSON, .patterns = dollar, .patterns_count = 1};
    struct quotes_columns columns;
    struct quotes_names names = {0};
    struct quotes_view view;
    char wrong[QUOTES_NAME_BYTES];
    for (int i = 0; i < 5; i++)
        quotes_names_add(&names, rows[0][i].column);
    t_true(quotes_columns_choose(&columns, "bid,symbol", false, &names, wrong));
    t_int(quotes_view_init(&view, &request, &columns, NULL), 0);
    look(&view, 5);
    t_str(buf_text(&view.out), "[\n{\"bid_price\":1598.5,\"symbol\":\"DLR/DIC26\"}\n]\n");
    quotes_view_finish(&view);
    request.format = QUOTES_CSV;
    t_int(quotes_view_init(&view, &request, &columns, NULL), 0);
    look(&view, 5);
    t_str(buf_text(&view.out), "bid_price,symbol\r\n1598.5,DLR/DIC26\r\n");
    quotes_view_finish(&view);
}

static void follows_gives_only_changed_quotes(void **state)
{
    (void)state;
    const struct quotes_request request = {.format = QUOTES_JSON, .follows = true};
    struct quotes_view view;
    open_view(&view, &request);
    look(&view, 5);
    t_int(view.put, 2);
    look(&view, 5);
    t_int(view.put, 0);
    t_str(buf_text(&view.out), "");
    rows[0][1].text = "9";
    look(&view, 5);
    rows[0][1].text = "3";
    t_int(view.put, 1);
    quotes_view_finish(&view);
}

static void time_stamps_in_the_future_are_detected(void **state)
{
    (void)state;
    const struct quotes_request request = {.format = QUOTES_TABLE};
    struct quotes_view view;
    open_view(&view, &request);
    look(&view, 5);
    t_int(view.ahead_ns, 0);
    rows[1][2].text = "1795402804000000000"; /* 4 s is normal */
    look(&view, 5);
    t_int(view.ahead_ns, 0);
    rows[1][2].text = "1795406400000000000";
    look(&view, 5);
    t_int(view.ahead_ns, 3600 * NS_PER_S);
    rows[1][2].text = "1795402800000000000";
    quotes_view_finish(&view);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_shown_or_counted),
        cmocka_unit_test(zero_volume_is_no_value),
        cmocka_unit_test(json_and_csv_have_the_chosen_columns),
        cmocka_unit_test(follows_gives_only_changed_quotes),
        cmocka_unit_test(time_stamps_in_the_future_are_detected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
