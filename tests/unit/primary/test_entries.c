#include "unit/primary/decode_members.h"

#include "primary/entries.h"

#include "base/clock.h"

#define DAY_MS INT64_C(86400000)

/* The JSON of one entry, and the field decoded from it. */
struct value_row {
    const char *json;
    double value;
};

static void prices_in_any_form(void **state)
{
    static const struct value_row rows[] = {
        {"1602.5", 1602.5},
        {"6320.00", 6320},
        {"\"1602.5\"", 1602.5},
        {"-2.5", -2.5},
        {"0", 0},
        {"null", NAN},
        {"[]", NAN},
        {"{}", NAN},
        {"{\"price\":5}", 5},
        {"{\"price\":\"5.0\",\"size\":null,\"date\":null}", 5},
        {"{\"price\":null,\"size\":null}", NAN},
        {"{\"price\":[],\"size\":9}", NAN},
        {"{\"size\":9}", NAN},
        {"[{\"price\":5,\"size\":1},{\"price\":6}]", 5},
        {"[7,8]", 7},
        {"[null,8]", NAN},
        {"{\"price\":5,\"price\":6}", 5},
        {"1e3", 1000},
        {"{\"price\":5,\"size\":-1}", 5},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char members[1000];
        t_row(rows[i].json);
        snprintf(members, sizeof(members),
                 "\"OP\":%1$s,\"HI\":%1$s,\"LO\":%1$s,\"CL\":%1$s,\"IV\":%1$s", rows[i].json);
        struct quote q = decode(*state, members);
        t_double(q.open_price, rows[i].value);
        t_double(q.high_price, rows[i].value);
        t_double(q.low_price, rows[i].value);
        t_double(q.close_price, rows[i].value);
        t_double(q.index_value, rows[i].value);
        t_int(q.close_day, DAY_NONE);
    }
}

static void volumes_in_any_form(void **state)
{
    static const struct value_row rows[] = {
        {"45120", 45120},
        {"0", 0},
        {"-0", 0},
        {"4294967297", 4294967297.0},
        {"5200000000000", 5.2e12},
        {"9007199254740991", 9007199254740991.0},
        {"1000000000000.25", 1000000000000.25},
        {"\"812345.0\"", 812345},
        {"null", NAN},
        {"[]", NAN},
        {"{\"price\":null,\"size\":812345,\"date\":1794960000000}", 812345},
        {"{\"price\":null,\"size\":0}", 0},
        {"{\"price\":3,\"size\":4}", 4},
        {"{\"price\":3,\"size\":null}", 3},
        {"{\"price\":-3,\"size\":4}", 4},
        {"{\"price\":null,\"size\":null}", NAN},
        {"[{\"size\":6}]", 6},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char members[1000];
        t_row(rows[i].json);
        snprintf(members, sizeof(members), "\"TV\":%1$s,\"OI\":%1$s,\"EV\":%1$s,\"NV\":%1$s",
                 rows[i].json);
        struct quote q = decode(*state, members);
        t_double(q.trade_volume, rows[i].value);
        t_double(q.open_interest, rows[i].value);
        t_double(q.effective_volume, rows[i].value);
        t_double(q.nominal_volume, rows[i].value);
        t_true(!signbit(q.trade_volume));
    }
}

static void zero_is_a_value_except_in_se_and_acp(void **state)
{
    static const struct row {
        const char *json;
        double settlement, auction;
        int32_t day;
    } rows[] = {
        {"{\"price\":0,\"size\":0,\"date\":null}", NAN, NAN, DAY_NONE},
        {"{\"price\":0.0,\"size\":null}", NAN, NAN, DAY_NONE},
        {"0", NAN, NAN, DAY_NONE},
        {"{\"price\":0,\"size\":3,\"date\":null}", NAN, 0, DAY_NONE},
        {"{\"price\":0,\"size\":null,\"date\":1794960000000}", 0, NAN, 20775},
        {"{\"price\":88150,\"size\":null,\"date\":null}", 88150, 88150, DAY_NONE},
        {"{\"price\":-1,\"size\":0}", -1, -1, DAY_NONE},
        {"1598.5", 1598.5, 1598.5, DAY_NONE},
        {"{\"price\":null,\"size\":5,\"date\":1794960000000}", NAN, NAN, DAY_NONE},
        {"null", NAN, NAN, DAY_NONE},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char members[1000];
        t_row(rows[i].json);
        snprintf(members, sizeof(members), "\"SE\":%1$s,\"ACP\":%1$s", rows[i].json);
        struct quote q = decode(*state, members);
        t_double(q.settlement_price, rows[i].settlement);
        t_int(q.settlement_day, rows[i].day);
        t_double(q.auction_price, rows[i].auction);
    }
    struct quote q =
        decode(*state, "\"LA\":{\"price\":0,\"size\":0},\"OP\":0,\"CL\":{\"price\":0}");
    t_row("zero in the other entries");
    t_double(q.last_price, 0);
    t_double(q.last_size, 0);
    t_double(q.open_price, 0);
    t_double(q.close_price, 0);
}

static void last_trades(void **state)
{
    static const struct row {
        const char *json;
        double price, size;
        int64_t ts_ms;
    } rows[] = {
        {"{\"price\":1602.0,\"size\":5,\"date\":1795096978117}", 1602, 5, 1795096978117},
        {"{\"price\":1602.0,\"size\":5}", 1602, 5, 0},
        {"{\"price\":1602.0,\"date\":1795096978117}", 1602, NAN, 1795096978117},
        {"{\"price\":-0.5,\"size\":250000.33,\"date\":null}", -0.5, 250000.33, 0},
        {"[{\"price\":1602.0,\"size\":5,\"date\":1795096990000}]", 1602, 5, 1795096990000},
        {"1602", 1602, NAN, 0},
        {"null", NAN, NAN, 0},
        {"{\"price\":null,\"size\":null,\"date\":null}", NAN, NAN, 0},
        {"{\"price\":null,\"size\":5,\"date\":1795096978117}", NAN, NAN, 0},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char members[1000];
        t_row(rows[i].json);
        snprintf(members, sizeof(members), "\"LA\":%s", rows[i].json);
        struct quote q = decode(*state, members);
        t_double(q.last_price, rows[i].price);
        t_double(q.last_size, rows[i].size);
        t_int(q.ts_last, rows[i].ts_ms * NS_PER_MS);
    }
}

static void impossible_dates_are_unknown(void **state)
{
    static const struct row {
        const char *date;
        int64_t ms;
    } rows[] = {
        {"1795096978117", 1795096978117},
        {"\"1795096978117\"", 1795096978117},
        {"1.795096978117e12", 1795096978117},
        {"1795096978117.0", 1795096978117},
        {"1794960000000", 1794960000000}, /* midnight UTC */
        {"1795046399999", 1795046399999}, /* the last ms of that day */
        {"631152000000", 631152000000},   /* 1990 */
        {"4102444799999", 4102444799999}, /* the last ms of 2099 */
        {"4102444800000", 0},
        {"631151999999", 0},
        {"0", 0},
        {"-1", 0},
        {"1795096978", 0},     /* seconds */
        {"17950969781170", 0}, /* a digit too many, seen in a published example */
        {"1795096978117.5", 0},
        {"1e999", 0},
        {"null", 0},
        {"[]", 0},
        {"true", 0},
        {"\"2026-11-19\"", 0},
        {"\"\"", 0},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char members[1000];
        int32_t day = rows[i].ms ? (int32_t)(rows[i].ms / DAY_MS) : DAY_NONE;
        t_row(rows[i].date);
        snprintf(members, sizeof(members),
                 "\"LA\":{\"price\":5,\"date\":%1$s},\"CL\":{\"price\":5,\"date\":%1$s},"
                 "\"SE\":{\"price\":5,\"date\":%1$s},\"IV\":{\"price\":5,\"date\":%1$s}",
                 rows[i].date);
        struct quote q = decode(*state, members);
        t_int(q.ts_last, rows[i].ms * NS_PER_MS);
        t_int(q.close_day, day);
        t_int(q.settlement_day, day);
        t_int(q.ts_event, rows[i].ms * NS_PER_MS);
        t_double(q.last_price, 5);
        t_double(q.close_price, 5);
    }
}

/* The position behind the object, what was seen, and codes with escapes. */
static void reads_the_object_alone(void **state)
{
    static const char text[] =
        "{ \"\\u0042I\" : [ ] , \"AC\\u0050\":7,\"ACPX\":1,\"bi\":1,\"\":1,\"OP\":3,"
        "\"LA\":{\"\\u0070rice\":5,\"s\\u0069ze\":2,\"prices\":9,\"price\":8}} tail";
    struct quote quote = quote_none();
    struct unreadable unreadable = {0};
    struct json_scan scan;
    struct entries_out out = {ENTRY_ALL & ~ENTRY_BIT(ENTRY_OP), 0, &quote, &unreadable};
    const char *at = json_scan_begin(&scan, *state, text, strlen(text));
    t_row(text);
    at = entries_read(&scan, at, &out);
    t_true(!scan.failed);
    t_str(at, " tail");
    t_int(out.seen, ENTRY_BIT(ENTRY_BI) | ENTRY_BIT(ENTRY_ACP) | ENTRY_BIT(ENTRY_LA));
    t_double(quote.auction_price, 7);
    t_double(quote.last_price, 5);
    t_double(quote.last_size, 2);
    t_double(quote.open_price, NAN);
    t_int(unreadable.entries, 0);
}

/* The first fault of an entry is described: the price before the size, whatever their order. */
static void notes_the_price_before_the_size(void **state)
{
    static const char text[] =
        "{\"LA\":{\"size\":-1,\"price\":\"x\"},\"BI\":[{\"size\":\"y\",\"price\":\"z\"}]}";
    struct quote quote = quote_none();
    struct unreadable unreadable = {0};
    struct json_scan scan;
    struct entries_out out = {ENTRY_ALL, 0, &quote, &unreadable};
    const char *at = json_scan_begin(&scan, *state, text, strlen(text));
    t_row(text);
    t_true(json_scan_end(&scan, entries_read(&scan, at, &out)));
    t_str(unreadable.words[ENTRY_LA], "marketData.LA.price is not a number");
    t_str(unreadable.words[ENTRY_BI], "marketData.BI[0].price is not a number");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_object_alone),
        cmocka_unit_test(notes_the_price_before_the_size),
        cmocka_unit_test(prices_in_any_form),
        cmocka_unit_test(volumes_in_any_form),
        cmocka_unit_test(zero_is_a_value_except_in_se_and_acp),
        cmocka_unit_test(last_trades),
        cmocka_unit_test(impossible_dates_are_unknown),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
