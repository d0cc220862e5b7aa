#include "support/t.h"

#include "base/clock.h"
#include "primary/decode.h"

#include <errno.h>

#define DAY_MS INT64_C(86400000)

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

static struct reply ok(const char *body)
{
    return (struct reply){200, "application/json", "", body, strlen(body)};
}

/* The body {"status":"OK","marketData":{<members>}}, read with all entries asked for. */
static struct quote decode(struct json_parser *parser, const char *members)
{
    char body[20000];
    struct quote_update update = {0};
    struct err why = {0};
    snprintf(body, sizeof(body), "{\"status\":\"OK\",\"marketData\":{%s}}", members);
    struct reply reply = ok(body);
    enum reply_class class = decode_market_data(parser, &reply, ENTRY_ALL, &update, &why);
    if (class != REPLY_OK)
        fail_msg("%s: %s", t_row_name, why.text);
    t_int(update.entries, ENTRY_ALL);
    return update.quote;
}

/* "1601.5x12 1601x? ", best first; an unknown size is '?'. */
static const char *side_text(const struct side *side)
{
    static char text[500];
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < side->count; i++) {
        const struct level *l = &side->level[i];
        used += (size_t)snprintf(text + used, sizeof(text) - used,
                                 isnan(l->size) ? "%s%.12gx?" : "%s%.12gx%.12g", i ? " " : "",
                                 l->price, l->size);
    }
    for (int i = side->count; i < QUOTE_DEPTH_MAX; i++)
        t_true(side->level[i].price == 0 && side->level[i].size == 0);
    return text;
}

static void reads_a_future(void **state)
{
    static const char members[] =
        "\"OF\":[{\"price\":1602.5,\"size\":35},{\"price\":1603,\"size\":410}],"
        "\"BI\":[{\"price\":1601.5,\"size\":12},{\"price\":1601.0,\"size\":200}],"
        "\"LA\":{\"price\":1602.0,\"size\":5,\"date\":1795096978117},"
        "\"OP\":1598.0,\"HI\":1604.5,\"LO\":1596.5,"
        "\"CL\":{\"price\":1597.5,\"size\":null,\"date\":1794960000000},"
        "\"SE\":{\"price\":1597.0,\"size\":null,\"date\":1794960000000},"
        "\"OI\":{\"price\":null,\"size\":812345,\"date\":1794960000000},\"TV\":45120";
    struct quote q = decode(*state, members);
    t_str(side_text(&q.bids), "1601.5x12 1601x200");
    t_str(side_text(&q.offers), "1602.5x35 1603x410");
    t_double(q.last_price, 1602);
    t_double(q.last_size, 5);
    t_int(q.ts_last, INT64_C(1795096978117000000));
    t_double(q.open_price, 1598);
    t_double(q.high_price, 1604.5);
    t_double(q.low_price, 1596.5);
    t_double(q.close_price, 1597.5);
    t_int(q.close_day, 1794960000000 / DAY_MS);
    t_double(q.settlement_price, 1597);
    t_int(q.settlement_day, 20775);
    t_double(q.open_interest, 812345);
    t_double(q.trade_volume, 45120);
    t_double(q.nominal_volume, NAN);
    t_double(q.effective_volume, NAN);
    t_double(q.index_value, NAN);
    t_double(q.auction_price, NAN);
    t_int(q.ts_event, 0);
}

static void reads_a_bond(void **state)
{
    static const char members[] =
        "\"BI\":[{\"price\":88120,\"size\":1500}],"
        "\"OF\":[{\"price\":88190,\"size\":20},{\"price\":88190,\"size\":20}],"
        "\"LA\":{\"price\":88150,\"size\":300,\"date\":1795096990000},"
        "\"CL\":{\"price\":87900,\"size\":null,\"date\":1794960000000},"
        "\"SE\":{\"price\":88150,\"size\":null,\"date\":null},"
        "\"ACP\":{\"price\":0,\"size\":0,\"date\":null},"
        "\"OI\":null,\"TV\":null,\"EV\":913245780.55,\"NV\":1036412";
    struct quote q = decode(*state, members);
    t_str(side_text(&q.bids), "88120x1500");
    t_str(side_text(&q.offers), "88190x20");
    t_double(q.settlement_price, 88150);
    t_int(q.settlement_day, DAY_NONE);
    t_double(q.auction_price, NAN);
    t_double(q.open_interest, NAN);
    t_double(q.trade_volume, NAN);
    t_double(q.effective_volume, 913245780.55);
    t_double(q.nominal_volume, 1036412);
}

static void reads_books(void **state)
{
    static const struct row {
        const char *name, *json, *bids, *offers;
    } rows[] = {
        /* clang-format off */
        {"sorted",          "[{\"price\":1,\"size\":10},{\"price\":2,\"size\":20}]", "2x20 1x10", "1x10 2x20"},
        {"wild",            "[{\"price\":3,\"size\":1},{\"price\":1,\"size\":2},{\"price\":2,\"size\":3}]",
         "3x1 2x3 1x2", "1x2 2x3 3x1"},
        {"empty",           "[]", "", ""},
        {"null",            "null", "", ""},
        {"one object",      "{\"price\":1.5,\"size\":7}", "1.5x7", "1.5x7"},
        {"a number",        "1.5", "1.5x?", "1.5x?"},
        {"a number as text", "\"1.5\"", "1.5x?", "1.5x?"},
        {"numbers",         "[1,\"3\",2]", "3x? 2x? 1x?", "1x? 2x? 3x?"},
        {"texts",           "[{\"price\":\"1.50\",\"size\":\"7.0\"}]", "1.5x7", "1.5x7"},
        {"no size",         "[{\"price\":1}]", "1x?", "1x?"},
        {"size null",       "[{\"price\":1,\"size\":null}]", "1x?", "1x?"},
        {"size zero",       "[{\"price\":1,\"size\":0}]", "1x0", "1x0"},
        {"price zero",      "[{\"price\":0,\"size\":5}]", "0x5", "0x5"},
        {"price minus zero", "[{\"price\":-0,\"size\":5},{\"price\":0,\"size\":5}]", "0x5", "0x5"},
        {"a spread's prices", "[{\"price\":-2,\"size\":1},{\"price\":-1,\"size\":2},{\"price\":1,\"size\":3}]",
         "1x3 -1x2 -2x1", "-2x1 -1x2 1x3"},
        {"pesos with cents", "[{\"price\":27.4,\"size\":15400320.75}]", "27.4x15400320.75",
         "27.4x15400320.75"},
        {"13 digits",       "[{\"price\":1,\"size\":9007199254740}]", "1x9.00719925474e+12",
         "1x9.00719925474e+12"},
        {"repeated",        "[{\"price\":1,\"size\":5},{\"price\":1,\"size\":5}]", "1x5", "1x5"},
        {"repeated, not known", "[{\"price\":1},1]", "1x?", "1x?"},
        {"repeated, apart", "[{\"price\":1,\"size\":5},{\"price\":1,\"size\":6},{\"price\":1,\"size\":5}]",
         "1x5 1x6", "1x5 1x6"},
        {"repeated, out of order",
         "[{\"price\":1,\"size\":5},{\"price\":2,\"size\":6},{\"price\":1,\"size\":5}]", "2x6 1x5", "1x5 2x6"},
        {"one price, two sizes", "[{\"price\":1,\"size\":6},{\"price\":1,\"size\":5}]", "1x6 1x5", "1x6 1x5"},
        {"stable",          "[{\"price\":1,\"size\":9},{\"price\":2,\"size\":1},{\"price\":1,\"size\":3},"
         "{\"price\":2,\"size\":4}]", "2x1 2x4 1x9 1x3", "1x9 1x3 2x1 2x4"},
        {"price missing",   "[{\"size\":5},{\"price\":1,\"size\":5}]", "1x5", "1x5"},
        {"price null",      "[{\"price\":null,\"size\":null},{\"price\":1,\"size\":5}]", "1x5", "1x5"},
        {"price too large", "[{\"price\":1e999,\"size\":5},{\"price\":1,\"size\":5}]", "1x5", "1x5"},
        {"price NaN",       "[{\"price\":\"NaN\",\"size\":5},{\"price\":\"-Infinity\"},1e999]", "", ""},
        {"size below zero", "[{\"price\":2,\"size\":-5},{\"price\":1,\"size\":5}]", "1x5", "1x5"},
        {"null, {} and [] in the list", "[null,{},[],{\"price\":1,\"size\":5}]", "1x5", "1x5"},
        {"a key twice",     "[{\"price\":1,\"price\":2,\"size\":5,\"size\":6}]", "1x5", "1x5"},
        {"other keys",      "[{\"orders\":3,\"price\":1,\"x\":{\"price\":7},\"size\":5}]", "1x5", "1x5"},
        /* clang-format on */
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char members[1000];
        t_row(rows[i].name);
        snprintf(members, sizeof(members), "\"BI\":%s,\"OF\":%s", rows[i].json, rows[i].json);
        struct quote q = decode(*state, members);
        t_str(side_text(&q.bids), rows[i].bids);
        t_str(side_text(&q.offers), rows[i].offers);
    }
}

static void keeps_the_best_of_a_deep_book(void **state)
{
    char members[20000];
    size_t used = (size_t)sprintf(members, "\"OF\":[{\"price\":500,\"size\":500}");
    for (int i = 0; i < 200; i++) { /* 0, 101, 2, 103, ...: neither rising nor falling */
        int price = i % 2 ? i + 100 : i;
        used += (size_t)sprintf(members + used, ",{\"price\":%d,\"size\":%d}", price, price);
    }
    strcpy(members + used, "]");
    struct quote q = decode(*state, members);
    t_str(side_text(&q.offers), "0x0 2x2 4x4 6x6 8x8 10x10 12x12 14x14 16x16 18x18");
    memcpy(members, "\"BI\"", 4);
    q = decode(*state, members);
    t_str(side_text(&q.bids), "500x500 299x299 297x297 295x295 293x293 291x291 289x289 287x287 "
                              "285x285 283x283");
}

/* What one entry's JSON makes of one field. */
struct value_row {
    const char *json;
    double value;
};

static void prices_in_any_shape(void **state)
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

static void volumes_in_any_shape(void **state)
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

static void zero_is_a_value_but_for_two_habits(void **state)
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
    t_row("elsewhere");
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

static void silly_dates_are_not_said(void **state)
{
    static const struct row {
        const char *date;
        int64_t ms;
    } rows[] = {
        {"1795096978117", 1795096978117},
        {"\"1795096978117\"", 1795096978117},
        {"1.795096978117e12", 1795096978117},
        {"1795096978117.0", 1795096978117},
        {"1794960000000", 1794960000000}, /* a UTC midnight */
        {"1795046399999", 1795046399999}, /* the last ms of that day */
        {"631152000000", 631152000000},   /* 1990 */
        {"4102444799999", 4102444799999}, /* the last ms of 2099 */
        {"4102444800000", 0},
        {"631151999999", 0},
        {"0", 0},
        {"-1", 0},
        {"1795096978", 0},     /* seconds */
        {"17950969781170", 0}, /* a digit too many, as published once */
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

static void says_what_and_where(void **state)
{
    static const struct row {
        const char *market_data, *words;
    } rows[] = {
        /* clang-format off */
        {"{\"LA\":{\"price\":\"abc\"}}",          "marketData.LA.price is not a number"},
        {"{\"LA\":{\"price\":1e999}}",            "marketData.LA.price is not finite"},
        {"{\"LA\":{\"price\":\"NaN\"}}",          "marketData.LA.price is not finite"},
        {"{\"LA\":{\"price\":5,\"size\":\"x\"}}", "marketData.LA.size is not a number"},
        {"{\"LA\":{\"price\":5,\"size\":-1}}",    "marketData.LA.size is negative"},
        {"{\"OP\":\"\"}",                         "marketData.OP is not a number"},
        {"{\"OP\":true}",                         "marketData.OP is not a number"},
        {"{\"OP\":[[1]]}",                        "marketData.OP is not a number"},
        {"{\"OP\":\"-Infinity\"}",                "marketData.OP is not finite"},
        {"{\"CL\":{\"price\":{}}}",               "marketData.CL.price is not a number"},
        {"{\"HI\":-1e999}",                       "marketData.HI is not finite"},
        {"{\"SE\":{\"price\":\"inf\"}}",          "marketData.SE.price is not finite"},
        {"{\"ACP\":\"none\"}",                    "marketData.ACP is not a number"},
        {"{\"IV\":{\"price\":\"1,5\"}}",          "marketData.IV.price is not a number"},
        {"{\"TV\":-1}",                           "marketData.TV is negative"},
        {"{\"OI\":{\"price\":null,\"size\":-1}}", "marketData.OI is negative"},
        {"{\"EV\":1e999}",                        "marketData.EV is not finite"},
        {"{\"NV\":{\"size\":\"1e999\"}}",         "marketData.NV.size is not finite"},
        {"{\"BI\":[1,2,{\"price\":3,\"size\":\"abc\"}]}", "marketData.BI[2].size is not a number"},
        {"{\"OF\":[{\"price\":3,\"size\":1e999}]}", "marketData.OF[0].size is not finite"},
        {"{\"OF\":[{\"price\":\"abc\"}]}",        "marketData.OF[0].price is not a number"},
        {"{\"OF\":[[88120,1500]]}",               "marketData.OF[0] is not a number"},
        {"{\"BI\":{\"price\":3,\"size\":true}}",  "marketData.BI.size is not a number"},
        {"{\"BI\":\"none\"}",                     "marketData.BI is not a number"},
        {"7",                                     "marketData is not an object"},
        {"\"\"",                                  "marketData is not an object"},
        {"[{\"LA\":5}]",                          "marketData is not an object"},
        /* clang-format on */
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char body[1000];
        struct quote_update update = {.entries = 12345};
        struct err why = {0};
        t_row(rows[i].market_data);
        snprintf(body, sizeof(body), "{\"status\":\"OK\",\"marketData\":%s}", rows[i].market_data);
        struct reply reply = ok(body);
        t_int(decode_market_data(*state, &reply, ENTRY_ALL, &update, &why), REPLY_MALFORMED);
        t_str(why.text, rows[i].words);
        t_int(update.entries, 12345);
    }
}

static void an_error_takes_nothing(void **state)
{
    struct reply reply =
        ok("{\"status\":\"OK\",\"marketData\":{\"LA\":{\"price\":5},\"OP\":\"x\"}}");
    struct quote_update update = {.entries = 7}, before;
    memset(&update.quote, 0x55, sizeof(update.quote));
    before = update;
    t_int(decode_market_data(*state, &reply, ENTRY_ALL, &update, NULL), REPLY_MALFORMED);
    t_int(memcmp(&update, &before, sizeof(update)), 0);
}

static void answers_by_class(void **state)
{
    static const struct row {
        const char *name;
        int status;
        const char *body;
        enum reply_class class;
        const char *words;
    } rows[] = {
        /* clang-format off */
        {"no status, but data", 200, "{\"marketData\":{\"TV\":1}}", REPLY_OK, ""},
        {"null data",         200, "{\"status\":\"OK\",\"marketData\":null}", REPLY_OK, ""},
        {"[] for data",       200, "{\"status\":\"OK\",\"marketData\":[]}", REPLY_OK, ""},
        {"mark in front",     200, "\xef\xbb\xbf{\"status\":\"OK\",\"marketData\":{}}", REPLY_OK, ""},
        {"no status, null data", 200, "{\"marketData\":null}", REPLY_MALFORMED, "status"},
        {"no data",           200, "{\"status\":\"OK\"}", REPLY_MALFORMED, "marketData is missing"},
        {"data, but ERROR",   200,
         "{\"status\":\"ERROR\",\"description\":\"Access Denied\",\"marketData\":{\"TV\":1}}",
         REPLY_ACCESS, "Access Denied"},
        {"no such symbol",    200,
         "{\"status\":\"ERROR\",\"description\":\"Security FOO/BAR:ROFX doesn't exist\"}",
         REPLY_UNKNOWN_SYMBOL, "FOO/BAR"},
        {"empty",             200, "", REPLY_MALFORMED, "an empty body"},
        {"not JSON",          200, "OK", REPLY_MALFORMED, "not JSON at byte 0 of 2"},
        {"cut off",           200, "{\"status\":\"OK\",\"marketData\":{\"TV\":1}", REPLY_MALFORMED,
         "not JSON at byte "},
        {"a list",            200, "[]", REPLY_MALFORMED, "not a JSON object"},
        {"page",              200, "<html>", REPLY_AUTH, "web page"},
        {"dead token",        401, "{\"status\":\"ERROR\",\"message\":\"Unauthorized\"}", REPLY_AUTH, ""},
        {"OK words, bad status", 500, "{\"status\":\"OK\",\"marketData\":{}}", REPLY_SERVER, "500"},
        /* clang-format on */
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct reply reply = {rows[i].status, "", "", rows[i].body, strlen(rows[i].body)};
        struct quote_update update = {.entries = 12345};
        struct err why = {0};
        t_row(rows[i].name);
        enum reply_class class =
            decode_market_data(*state, &reply, ENTRY_BIT(ENTRY_TV), &update, &why);
        t_str(reply_class_name(class), reply_class_name(rows[i].class));
        t_contains(why.text, rows[i].words);
        t_int(update.entries, class == REPLY_OK ? ENTRY_BIT(ENTRY_TV) : 12345);
    }
}

static void only_what_was_asked(void **state)
{
    struct reply reply = ok("{\"status\":\"OK\",\"marketData\":{\"TC\":\"x\",\"OP\":\"x\",\"LA\":5,"
                            "\"LA\":\"x\",\"TV\":9}}");
    const uint32_t asked = ENTRY_BIT(ENTRY_LA) | ENTRY_BIT(ENTRY_BI);
    struct quote_update update;
    t_int(decode_market_data(*state, &reply, asked, &update, NULL), REPLY_OK);
    t_int(update.entries, asked);
    t_double(update.quote.last_price, 5);
    t_double(update.quote.trade_volume, NAN);
    t_int(update.quote.bids.count, 0);
}

static void frames_leave_out_or_clear(void **state)
{
    static const struct row {
        const char *json;
        bool absent_clears;
        uint32_t entries;
    } rows[] = {
        /* clang-format off */
        {"{\"LA\":5}",               true,  ENTRY_BIT(ENTRY_LA) | ENTRY_BIT(ENTRY_BI)},
        {"{\"LA\":5}",               false, ENTRY_BIT(ENTRY_LA)},
        {"{\"LA\":5,\"BI\":null}",   false, ENTRY_BIT(ENTRY_LA) | ENTRY_BIT(ENTRY_BI)},
        {"{\"BI\":[],\"OF\":[]}",    false, ENTRY_BIT(ENTRY_BI)},
        {"{}",                       false, 0},
        {"null",                     false, 0},
        {"[]",                       true,  ENTRY_BIT(ENTRY_LA) | ENTRY_BIT(ENTRY_BI)},
        /* clang-format on */
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct quote_update update;
        t_row(rows[i].json);
        const struct json *root = json_parse(*state, rows[i].json, strlen(rows[i].json), NULL);
        t_int(decode_entries(root, ENTRY_BIT(ENTRY_LA) | ENTRY_BIT(ENTRY_BI), rows[i].absent_clears,
                             &update, NULL),
              0);
        t_int(update.entries, rows[i].entries);
    }
    struct err why = {0};
    t_row("no marketData in the frame");
    t_int(decode_entries(NULL, ENTRY_ALL, false, NULL, &why), -EBADMSG);
    t_str(why.text, "marketData is missing");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_future),
        cmocka_unit_test(reads_a_bond),
        cmocka_unit_test(reads_books),
        cmocka_unit_test(keeps_the_best_of_a_deep_book),
        cmocka_unit_test(prices_in_any_shape),
        cmocka_unit_test(volumes_in_any_shape),
        cmocka_unit_test(zero_is_a_value_but_for_two_habits),
        cmocka_unit_test(last_trades),
        cmocka_unit_test(silly_dates_are_not_said),
        cmocka_unit_test(says_what_and_where),
        cmocka_unit_test(an_error_takes_nothing),
        cmocka_unit_test(answers_by_class),
        cmocka_unit_test(only_what_was_asked),
        cmocka_unit_test(frames_leave_out_or_clear),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
