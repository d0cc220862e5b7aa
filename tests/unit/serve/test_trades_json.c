#include "serve/trades_json.h"

#include "support/t.h"

#include "base/clock.h"
#include "base/json.h"

#define MIDNIGHT_NS (INT64_C(1795057200) * NS_PER_S) /* 2026-11-19 00:00 in Argentina */

/* --- market source of one instrument ---------------------------------------------------------- */

struct tape {
    struct instrument instrument;
    const struct source_trade *trades;
    int count;
    int32_t asked;
};

static const struct instrument *tape_instrument(void *self, int32_t index)
{
    struct tape *tape = self;
    tape->asked = index;
    return &tape->instrument;
}

static void tape_trades(void *self, const struct source_period *period, source_trade_fn *fn,
                        void *arg)
{
    struct tape *tape = self;
    t_int(period->instrument, tape->asked);
    for (int i = 0; i < tape->count; i++) {
        if (tape->trades[i].ts >= period->from && tape->trades[i].ts < period->to)
            fn(arg, &tape->trades[i]);
    }
}

static struct market_source source_of(struct tape *tape)
{
    return (struct market_source){
        .self = tape, .instrument = tape_instrument, .trades = tape_trades};
}

static struct buf written(struct tape *tape, int64_t from, int64_t to)
{
    struct buf out;
    struct market_source source = source_of(tape);
    buf_init(&out, 1 << 20);
    trades_json(&out, &source, 7, from, to);
    t_int(tape->asked, 7);
    return out;
}

/* --- JSON ------------------------------------------------------------------------------------- */

static const struct source_trade some_trades[] = {
    {1602, 5, MIDNIGHT_NS - 1},
    {1602, 5, MIDNIGHT_NS},
    {1602, 2, MIDNIGHT_NS}, /* same time and price: both are listed */
    {1602.5, 0.01, MIDNIGHT_NS + 39778117 * NS_PER_MS + 999999},
    {1603, 1, MIDNIGHT_NS + NS_PER_DAY},
};

static void a_day_of_trades(void **state)
{
    (void)state;
    struct tape tape = {{.market_id = "ROFX", .symbol = "DLR/NOV26"}, some_trades, 5, 0};
    struct buf out = written(&tape, MIDNIGHT_NS, MIDNIGHT_NS + NS_PER_DAY);
    t_str(buf_text(&out),
          "{\"status\":\"OK\",\"symbol\":\"DLR/NOV26\",\"market\":\"ROFX\",\"trades\":["
          "{\"symbol\":\"DLR/NOV26\",\"servertime\":1795057200000,\"size\":5,\"price\":1602,"
          "\"datetime\":\"2026-11-19 03:00:00.000\"},"
          "{\"symbol\":\"DLR/NOV26\",\"servertime\":1795057200000,\"size\":2,\"price\":1602,"
          "\"datetime\":\"2026-11-19 03:00:00.000\"},"
          "{\"symbol\":\"DLR/NOV26\",\"servertime\":1795096978117,\"size\":0.01,\"price\":1602.5,"
          "\"datetime\":\"2026-11-19 14:02:58.117\"}]}");
    buf_finish(&out);
}

static void no_trades_are_an_empty_list(void **state)
{
    (void)state;
    struct tape tape = {{.market_id = "ROFX", .symbol = "DLR/NOV26"}, NULL, 0, 0};
    struct buf out = written(&tape, MIDNIGHT_NS, MIDNIGHT_NS + NS_PER_DAY);
    t_str(buf_text(&out),
          "{\"status\":\"OK\",\"symbol\":\"DLR/NOV26\",\"market\":\"ROFX\",\"trades\":[]}");
    buf_finish(&out);
}

static void symbols_are_escaped(void **state)
{
    static const char *const symbols[] = {
        "MERV - XMEV - AL30 - 24hs",   "a\"b", "a\\", "\n\t\x01", "D\xc3\xb3lar",
        "\xe2\x80\x9c\xf0\x9f\x92\xb5"};
    for (size_t i = 0; i < T_COUNT(symbols); i++) {
        struct tape tape = {{.market_id = "ROFX", .symbol = symbols[i]}, some_trades, 5, 0};
        struct err why = {0};
        t_row(symbols[i]);
        struct buf out = written(&tape, 0, INT64_MAX);
        const struct json *root = json_parse(*state, out.data, out.len_bytes, &why);
        t_str(why.text, "");
        t_str(json_string(json_get(root, "symbol")), symbols[i]);
        int count = 0;
        const struct json *trade = json_first(json_get(root, "trades"));
        for (; trade; trade = json_next(trade), count++)
            t_str(json_string(json_get(trade, "symbol")), symbols[i]);
        t_int(count, 5);
        buf_finish(&out);
    }
}

/* --- days ------------------------------------------------------------------------------------- */

static void ranges(void **state)
{
    (void)state;
    static const struct row {
        const char *date, *date_from, *date_to;
        int64_t from_days, to_days; /* since MIDNIGHT_NS */
    } rows[] = {
        /* clang-format off */
        {"2026-11-19", NULL,         NULL,           0,    1},
        {NULL,         "2026-11-19", "2026-11-19",   0,    1},
        {NULL,         "2026-11-18", "2026-11-20",  -1,    2},
        {"2026-11-19", "2020-01-01", "2021-01-01",   0,    1}, /* `date` has priority */
        {"2026-12-01", NULL,         NULL,          12,   13},
        {NULL,         "2026-12-31", "2027-01-01",  42,   44},
        {"2028-02-29", NULL,         NULL,         467,  468},
        {NULL,         "2026-11-20", "2026-11-18",   1,    0}, /* reversed: an empty range */
        /* clang-format on */
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        int64_t from = 1, to = 1;
        t_row(rows[i].date ? rows[i].date : rows[i].date_from);
        t_true(trades_range(rows[i].date, rows[i].date_from, rows[i].date_to, &from, &to));
        t_int(from, MIDNIGHT_NS + rows[i].from_days * NS_PER_DAY);
        t_int(to, MIDNIGHT_NS + rows[i].to_days * NS_PER_DAY);
    }
}

static void invalid_dates_are_refused(void **state)
{
    (void)state;
    static const struct row {
        const char *name, *date, *date_from, *date_to;
    } rows[] = {
        /* clang-format off */
        {"none",             NULL,           NULL,         NULL},
        {"no dateTo",        NULL,           "2026-11-19", NULL},
        {"no dateFrom",      NULL,           NULL,         "2026-11-19"},
        {"empty",            "",             NULL,         NULL},
        {"a word",           "today",        NULL,         NULL},
        {"no day number",    "2026-11",      NULL,         NULL},
        {"empty day number", "2026-11-",     NULL,         NULL},
        {"month 0",          "2026-00-10",   NULL,         NULL},
        {"month 13",         "2026-13-10",   NULL,         NULL},
        {"day 0",            "2026-11-00",   NULL,         NULL},
        {"day 32",           "2026-11-32",   NULL,         NULL},
        {"trailing text",    "2026-11-19T0", NULL,         NULL},
        {"trailing space",   "2026-11-19 ",  NULL,         NULL},
        {"other separators", "2026/11/19",   NULL,         NULL},
        {"other order",      "19-11-2026",   NULL,         NULL},
        {"invalid dateTo",   NULL,           "2026-11-19", "tomorrow"},
        {"invalid dateFrom", NULL,           "yesterday",  "2026-11-19"},
        {"an invalid date is not replaced", "today", "2026-11-19", "2026-11-19"},
        /* clang-format on */
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        int64_t from, to;
        t_row(rows[i].name);
        t_true(!trades_range(rows[i].date, rows[i].date_from, rows[i].date_to, &from, &to));
    }
}

static int make(void **state)
{
    *state = json_parser_create();
    return *state ? 0 : -1;
}

static int drop(void **state)
{
    json_parser_destroy(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_of_trades),           cmocka_unit_test(no_trades_are_an_empty_list),
        cmocka_unit_test(symbols_are_escaped),       cmocka_unit_test(ranges),
        cmocka_unit_test(invalid_dates_are_refused),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
