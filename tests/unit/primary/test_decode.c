#include "unit/primary/decode_members.h"

#include <errno.h>

#define DAY_MS INT64_C(86400000)

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
        cmocka_unit_test(says_what_and_where),
        cmocka_unit_test(an_error_takes_nothing),
        cmocka_unit_test(answers_by_class),
        cmocka_unit_test(only_what_was_asked),
        cmocka_unit_test(frames_leave_out_or_clear),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
