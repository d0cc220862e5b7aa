#include "cli/quotes_columns.h"

#include "support/t.h"

static void set_names(struct quotes_names *names)
{
    static const char *const view[] = {
        "market",     "symbol",       "source",         "seen_time",   "ts_seen",   "bid_price",
        "bid_size",   "offer_price",  "offer_size",     "last_price",  "last_size", "last_time",
        "high_price", "trade_volume", "nominal_volume", "index_value", "bids",      "recorded"};
    *names = (struct quotes_names){0};
    for (size_t i = 0; i < T_COUNT(view); i++)
        quotes_names_add(names, view[i]);
}

static void columns_are_chosen_by_name(void **state)
{
    (void)state;
    static const struct row {
        const char *list;
        bool table;
        int count;
        const char *names[4], *titles[4];
        const char *wrong; /* NULL: all are known */
    } rows[] = {
        // clang-format off
        {"symbol", true, 1, {"symbol"}, {"symbol"}, NULL},
        {"bid,offer", true, 2, {"bid_price", "offer_price"}, {"bid", "offer"}, NULL},
        {"bid_price , high_price", true, 2, {"bid_price", "high_price"}, {"bid_price", "high_price"}, NULL},
        {"src,age,last,volume", true, 4, {"source", "ts_seen", "last_price", "trade_volume"}, {"src", "age", "last", "volume"}, NULL},
        {"seen_time,recorded", true, 2, {"seen_time", "recorded"}, {"seen_time (ART)", "recorded"}, NULL},
        {"last_time", true, 1, {"last_time"}, {"last (ART)"}, NULL},
        {"bid,bid", true, 2, {"bid_price", "bid_price"}, {"bid", "bid"}, NULL},
        {"bid,src", false, 2, {"bid_price", "source"}, {"bid_price", "source"}, NULL},
        {"symbol,age", false, 0, {NULL}, {NULL}, "age"},
        {"last", false, 0, {NULL}, {NULL}, "last"},
        {"symbol,bidd", true, 0, {NULL}, {NULL}, "bidd"},
        {"symbol,,bid", true, 0, {NULL}, {NULL}, ""},
        {"", true, 0, {NULL}, {NULL}, ""},
        {"symbol,", true, 0, {NULL}, {NULL}, ""},
        {"Symbol", true, 0, {NULL}, {NULL}, "Symbol"},
        {"symbol;bid", true, 0, {NULL}, {NULL}, "symbol;bid"},
        {"a_name_that_is_longer_than_any_column", true, 0, {NULL}, {NULL}, "a_name_that_is_longer_than_any_"},
        // clang-format on
    };
    struct quotes_names names;
    set_names(&names);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct quotes_columns columns;
        char wrong[QUOTES_NAME_BYTES];
        t_row(rows[i].list);
        bool good = quotes_columns_choose(&columns, rows[i].list, rows[i].table, &names, wrong);
        t_int(good, rows[i].wrong == NULL);
        if (!good) {
            t_str(wrong, rows[i].wrong);
            continue;
        }
        t_int(columns.count, rows[i].count);
        for (int k = 0; k < columns.count; k++) {
            t_str(columns.column[k].name, rows[i].names[k]);
            t_str(columns.column[k].title, rows[i].titles[k]);
            t_int(columns.column[k].rank, k); /* the first is always shown */
        }
    }
}

static void too_many_columns_are_refused(void **state)
{
    (void)state;
    struct quotes_names names;
    struct quotes_columns columns;
    char list[QUOTES_COLUMNS_MAX * 4 + 8] = "bid", wrong[QUOTES_NAME_BYTES];
    set_names(&names);
    for (int i = 1; i < QUOTES_COLUMNS_MAX; i++)
        strcat(list, ",bid");
    t_true(quotes_columns_choose(&columns, list, true, &names, wrong));
    t_int(columns.count, QUOTES_COLUMNS_MAX);
    strcat(list, ",bid");
    t_true(!quotes_columns_choose(&columns, list, true, &names, wrong));
}

static void allowed_names_are_listed(void **state)
{
    (void)state;
    struct quotes_names names;
    struct buf out;
    set_names(&names);
    buf_init(&out, 4096);
    quotes_columns_allowed(&out, true, &names);
    t_str(buf_text(&out),
          "src, age, bid, offer, last, volume, market, symbol, source, seen_time, ts_seen, "
          "bid_price, bid_size, offer_price, offer_size, last_price, last_size, last_time, "
          "high_price, trade_volume, nominal_volume, index_value, bids, recorded");
    buf_clear(&out);
    quotes_columns_allowed(&out, false, &names);
    t_true(strncmp(buf_text(&out), "src, bid, offer, market, ", 25) == 0);
    buf_finish(&out);
}

/* A narrow screen hides less important columns first, and the age after all prices. */
static void the_default_columns_have_ranks(void **state)
{
    (void)state;
    struct quotes_columns columns;
    quotes_columns_usual(&columns, false);
    t_int(columns.count, 11);
    t_str(columns.column[0].title, "symbol");
    t_int(columns.column[0].rank, 0);
    for (int i = 1; i < columns.count; i++) {
        bool age = columns.column[i].unit == QUOTES_AGE;
        t_row(columns.column[i].title);
        t_true(age ? columns.column[i].rank == 1 : columns.column[i].rank > 1);
    }
    quotes_columns_usual(&columns, true);
    t_int(columns.count, 12);
    t_str(columns.column[11].title, "recorded");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_chosen_by_name),
        cmocka_unit_test(too_many_columns_are_refused),
        cmocka_unit_test(allowed_names_are_listed),
        cmocka_unit_test(the_default_columns_have_ranks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
