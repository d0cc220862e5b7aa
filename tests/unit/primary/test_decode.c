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

/* An unreadable value is none and noted; the other entries are taken. */
static void unreadable_values_are_none(void **state)
{
    static const struct row {
        const char *member;
        enum entry entry;
        const char *words; /* NULL: nothing to note */
    } rows[] = {
        /* clang-format off */
        {"\"LA\":{\"price\":\"abc\"}",            ENTRY_LA, "marketData.LA.price is not a number"},
        {"\"LA\":{\"price\":1e999}",              ENTRY_LA, "marketData.LA.price is not finite"},
        {"\"LA\":{\"price\":\"NaN\",\"size\":\"NaN\"}", ENTRY_LA, "marketData.LA.price is not finite"},
        {"\"OP\":\"\"",                           ENTRY_OP, "marketData.OP is not a number"},
        {"\"OP\":true",                           ENTRY_OP, "marketData.OP is not a number"},
        {"\"OP\":[[1]]",                          ENTRY_OP, "marketData.OP is not a number"},
        {"\"OP\":\"-Infinity\"",                  ENTRY_OP, "marketData.OP is not finite"},
        {"\"CL\":{\"price\":{},\"date\":1794960000000}", ENTRY_CL, "marketData.CL.price is not a number"},
        {"\"HI\":-1e999",                         ENTRY_HI, "marketData.HI is not finite"},
        {"\"LO\":\"nan\"",                        ENTRY_LO, "marketData.LO is not finite"},
        {"\"SE\":{\"price\":\"inf\",\"date\":1794960000000}", ENTRY_SE, "marketData.SE.price is not finite"},
        {"\"ACP\":\"none\"",                      ENTRY_ACP, "marketData.ACP is not a number"},
        {"\"IV\":{\"price\":\"1,5\",\"date\":1794960000000}", ENTRY_IV, "marketData.IV.price is not a number"},
        {"\"TV\":-1",                             ENTRY_TV, "marketData.TV is negative"},
        {"\"OI\":\"nan\"",                        ENTRY_OI, "marketData.OI is not finite"},
        {"\"OI\":{\"price\":null,\"size\":-1}",   ENTRY_OI, "marketData.OI.size is negative"},
        {"\"OI\":{\"price\":-1}",                 ENTRY_OI, "marketData.OI.price is negative"},
        {"\"EV\":1e999",                          ENTRY_EV, "marketData.EV is not finite"},
        {"\"NV\":{\"size\":\"1e999\",\"price\":5}", ENTRY_NV, "marketData.NV.size is not finite"},
        {"\"BI\":\"none\"",                       ENTRY_BI, "marketData.BI is not a number"},
        {"\"OF\":[[88120,1500]]",                 ENTRY_OF, "marketData.OF[0] is not a number"},
        {"\"OF\":[{\"price\":\"nan\",\"size\":5}]", ENTRY_OF, "marketData.OF[0].price is not finite"},
        {"\"BI\":[{\"size\":5},{}]",              ENTRY_BI, NULL},
        {"\"BI\":[]",                             ENTRY_BI, NULL},
        {"\"TV\":null",                           ENTRY_TV, NULL},
        /* clang-format on */
    };
    const struct quote none = quote_none();
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char body[1000];
        struct quote_update update = {0};
        struct unreadable unreadable;
        enum entry other = rows[i].entry == ENTRY_EV ? ENTRY_NV : ENTRY_EV;
        t_row(rows[i].member);
        snprintf(body, sizeof(body), "{\"status\":\"OK\",\"marketData\":{%s,\"%s\":7}}",
                 rows[i].member, entry_name(other));
        struct reply reply = ok(body);
        t_int(decode_market_data(*state, &reply, ENTRY_ALL,
                                 &(struct decode_out){&update, &unreadable, NULL}),
              REPLY_OK);
        t_int(update.entries, ENTRY_ALL);
        t_int(unreadable.entries, rows[i].words ? ENTRY_BIT(rows[i].entry) : 0);
        if (rows[i].words)
            t_str(unreadable.words[rows[i].entry], rows[i].words);
        t_int(quote_diff(&update.quote, &none, ENTRY_ALL), ENTRY_BIT(other));
        t_int(update.quote.ts_event, 0);
    }
}

/* A price is kept if its size is unreadable. */
static void unreadable_sizes_are_unknown(void **state)
{
    static const struct row {
        const char *members, *bids;
        double last_price, last_size;
        uint32_t entries;
        const char *words;
    } rows[] = {
        /* clang-format off */
        {"\"LA\":{\"price\":5,\"size\":\"x\"}", "", 5, NAN, ENTRY_BIT(ENTRY_LA), "marketData.LA.size is not a number"},
        {"\"LA\":{\"price\":5,\"size\":-1}",    "", 5, NAN, ENTRY_BIT(ENTRY_LA), "marketData.LA.size is negative"},
        {"\"BI\":[1,2,{\"price\":3,\"size\":\"abc\"}]", "3x? 2x? 1x?", NAN, NAN, ENTRY_BIT(ENTRY_BI),
         "marketData.BI[2].size is not a number"},
        {"\"BI\":[{\"price\":3,\"size\":1e999},{\"price\":2,\"size\":1}]", "3x? 2x1", NAN, NAN, ENTRY_BIT(ENTRY_BI),
         "marketData.BI[0].size is not finite"},
        {"\"BI\":{\"price\":3,\"size\":true}",  "3x?", NAN, NAN, ENTRY_BIT(ENTRY_BI), "marketData.BI.size is not a number"},
        {"\"BI\":[{\"price\":3,\"size\":-2},{\"price\":2,\"size\":1}]", "2x1", NAN, NAN, ENTRY_BIT(ENTRY_BI),
         "marketData.BI[0].size is negative"},
        {"\"BI\":[{\"price\":\"x\"},{\"price\":2,\"size\":1},{\"price\":\"y\"}]", "2x1", NAN, NAN, ENTRY_BIT(ENTRY_BI),
         "marketData.BI[0].price is not a number"},
        {"\"CL\":{\"price\":4,\"size\":\"x\"}", "", NAN, NAN, 0, NULL},
        /* clang-format on */
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char body[1000];
        struct quote_update update = {0};
        struct unreadable unreadable;
        t_row(rows[i].members);
        snprintf(body, sizeof(body), "{\"status\":\"OK\",\"marketData\":{%s}}", rows[i].members);
        struct reply reply = ok(body);
        t_int(decode_market_data(*state, &reply, ENTRY_ALL,
                                 &(struct decode_out){&update, &unreadable, NULL}),
              REPLY_OK);
        t_str(side_text(&update.quote.bids), rows[i].bids);
        t_double(update.quote.last_price, rows[i].last_price);
        t_double(update.quote.last_size, rows[i].last_size);
        t_int(unreadable.entries, rows[i].entries);
        if (rows[i].words)
            t_str(unreadable.words[rows[i].entries == ENTRY_BIT(ENTRY_LA) ? ENTRY_LA : ENTRY_BI],
                  rows[i].words);
    }
}

static void without_market_data_nothing_is_taken(void **state)
{
    static const char *const rows[] = {"7", "\"\"", "[{\"LA\":5}]"};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char body[1000];
        struct unreadable unreadable;
        struct quote_update update = {.entries = 7}, before;
        struct err why = {0};
        memset(&update.quote, 0x55, sizeof(update.quote));
        before = update;
        t_row(rows[i]);
        snprintf(body, sizeof(body), "{\"status\":\"OK\",\"marketData\":%s}", rows[i]);
        struct reply reply = ok(body);
        t_int(decode_market_data(*state, &reply, ENTRY_ALL,
                                 &(struct decode_out){&update, &unreadable, &why}),
              REPLY_MALFORMED);
        t_str(why.text, "marketData is not an object");
        t_int(unreadable.entries, 0);
        t_int(memcmp(&update, &before, sizeof(update)), 0);
    }
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
        {"byte order mark",     200, "\xef\xbb\xbf{\"status\":\"OK\",\"marketData\":{}}", REPLY_OK, ""},
        {"no status, null data", 200, "{\"marketData\":null}", REPLY_MALFORMED, "status"},
        {"no data",           200, "{\"status\":\"OK\"}", REPLY_MALFORMED, "marketData is missing"},
        {"data, but ERROR",   200,
         "{\"status\":\"ERROR\",\"description\":\"Access Denied\",\"marketData\":{\"TV\":1}}",
         REPLY_ACCESS, "Access Denied"},
        {"unknown symbol",    200,
         "{\"status\":\"ERROR\",\"description\":\"Security FOO/BAR:ROFX doesn't exist\"}",
         REPLY_UNKNOWN_SYMBOL, "FOO/BAR"},
        {"empty",             200, "", REPLY_PAGE, "an empty body"},
        {"not JSON",          200, "OK", REPLY_PAGE, "the text \"OK\" instead of JSON"},
        {"broken JSON",       200, "{OK", REPLY_MALFORMED, "not JSON at byte 2 of 3"},
        {"truncated",         200, "{\"status\":\"OK\",\"marketData\":{\"TV\":1}", REPLY_MALFORMED,
         "not JSON at byte "},
        {"a list",            200, "[]", REPLY_MALFORMED, "not a JSON object"},
        {"page",              200, "<html>", REPLY_PAGE, "an HTML page"},
        {"invalid token",     401, "{\"status\":\"ERROR\",\"message\":\"Unauthorized\"}", REPLY_AUTH, ""},
        {"OK in the body, status 500", 500, "{\"status\":\"OK\",\"marketData\":{}}", REPLY_SERVER, "500"},
        /* clang-format on */
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct reply reply = {rows[i].status, "", "", rows[i].body, strlen(rows[i].body)};
        struct quote_update update = {.entries = 12345};
        struct unreadable unreadable;
        struct err why = {0};
        t_row(rows[i].name);
        enum reply_class class = decode_market_data(
            *state, &reply, ENTRY_BIT(ENTRY_TV), &(struct decode_out){&update, &unreadable, &why});
        t_str(reply_class_name(class), reply_class_name(rows[i].class));
        t_contains(why.text, rows[i].words);
        t_int(update.entries, class == REPLY_OK ? ENTRY_BIT(ENTRY_TV) : 12345);
    }
}

static void only_requested_entries(void **state)
{
    struct reply reply = ok("{\"status\":\"OK\",\"marketData\":{\"TC\":\"x\",\"OP\":\"x\",\"LA\":5,"
                            "\"LA\":\"x\",\"TV\":9}}");
    const uint32_t asked = ENTRY_BIT(ENTRY_LA) | ENTRY_BIT(ENTRY_BI);
    struct quote_update update;
    struct unreadable unreadable;
    t_int(
        decode_market_data(*state, &reply, asked, &(struct decode_out){&update, &unreadable, NULL}),
        REPLY_OK);
    t_int(update.entries, asked);
    t_int(unreadable.entries, 0);
    t_double(update.quote.last_price, 5);
    t_double(update.quote.trade_volume, NAN);
    t_int(update.quote.bids.count, 0);
}

static void absent_entries_are_left_out_or_cleared(void **state)
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
    const uint32_t asked = ENTRY_BIT(ENTRY_LA) | ENTRY_BIT(ENTRY_BI);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char body[200];
        struct quote_update update;
        struct unreadable unreadable;
        struct decode_message message;
        t_row(rows[i].json);
        snprintf(body, sizeof(body), "{\"status\":\"OK\",\"marketData\":%s}", rows[i].json);
        const struct reply reply = ok(body);
        const struct decode_in in = {*state, body, strlen(body), asked};
        const struct decode_out out = {&update, &unreadable, NULL};
        if (rows[i].absent_clears)
            t_int(decode_market_data(*state, &reply, asked, &out), REPLY_OK);
        else
            t_int(decode_message(&in, &out, &message) || decode_require_data(&message, NULL), 0);
        t_int(update.entries, rows[i].entries);
    }
}

/* What follows the market data may show that the message is none. */
static void nothing_is_taken_of_a_broken_answer(void **state)
{
    static const char *const rows[] = {
        "{\"status\":\"OK\",\"marketData\":{\"LA\":\"x\"}",
        "{\"status\":\"OK\",\"marketData\":{\"LA\":\"x\"}}}",
        "{\"status\":\"OK\",\"marketData\":{\"LA\":\"x\"},\"depth\":05x}",
        "{\"status\":\"OK\",\"marketData\":{\"LA\":\"x\"},\"depth\":\"\\u12\"}",
        "{\"marketData\":{\"LA\":\"x\"},\"status\":\"ERROR\"}",
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct quote_update update, before;
        struct unreadable unreadable;
        struct err why = {0};
        memset(&update, 0x55, sizeof(update));
        before = update;
        t_row(rows[i]);
        struct reply reply = ok(rows[i]);
        t_true(decode_market_data(*state, &reply, ENTRY_ALL,
                                  &(struct decode_out){&update, &unreadable, &why}) != REPLY_OK);
        t_true(why.code < 0 && why.text[0]);
        t_int(unreadable.entries, 0);
        t_int(memcmp(&update, &before, sizeof(update)), 0);
    }
}

/* The members of a frame, in any order; of the same name the first one counts. */
static void reads_the_members_of_a_message(void **state)
{
    static const char text[] =
        "\xef\xbb\xbf \t{\"marketData\" :{\"LA\":5 , \"OP\":null},\"timestamp\":\"1795096991482\","
        "\"instrumentId\":{\"x\":[{\"symbol\":\"no\"}],\"symbol\":\"A\",\"symbol\":\"B\","
        "\"marketId\":7,\"marketId\":\"ROFX\"},\"status\":null,\"status\":\"ERROR\","
        "\"\\u0074ype\":\"M\\u0064\",\"type\":\"or\",\"timestamp\":1}\r\n";
    struct quote_update update;
    struct unreadable unreadable;
    struct decode_message m;
    struct err why = {0};
    const struct decode_in in = {*state, text, strlen(text), ENTRY_ALL};
    t_row("message");
    t_int(decode_message(&in, &(struct decode_out){&update, &unreadable, &why}, &m), 0);
    t_true(m.object && m.has_status && !m.status.text && !decode_status_ok(&m));
    t_double(m.timestamp_ms.value, 1795096991482.0);
    t_true(json_text_is(*state, &m.symbol, "A") && !m.market_id.text);
    t_true(m.type.escaped && json_text_is(*state, &m.type, "Md"));
    t_int(m.instrument[0] == '{' && m.instrument[m.instrument_bytes - 1] == '}', 1);
    t_int(m.data, DECODE_DATA_OBJECT);
    t_int(update.entries, ENTRY_BIT(ENTRY_LA) | ENTRY_BIT(ENTRY_OP));
    t_double(update.quote.last_price, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_future),
        cmocka_unit_test(reads_a_bond),
        cmocka_unit_test(unreadable_values_are_none),
        cmocka_unit_test(unreadable_sizes_are_unknown),
        cmocka_unit_test(without_market_data_nothing_is_taken),
        cmocka_unit_test(answers_by_class),
        cmocka_unit_test(only_requested_entries),
        cmocka_unit_test(absent_entries_are_left_out_or_cleared),
        cmocka_unit_test(nothing_is_taken_of_a_broken_answer),
        cmocka_unit_test(reads_the_members_of_a_message),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
