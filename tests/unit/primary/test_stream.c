#include "primary/stream.h"

#include "base/clock.h"
#include "support/t.h"

#define ASKED                                                                                      \
    (ENTRY_BIT(ENTRY_BI) | ENTRY_BIT(ENTRY_OF) | ENTRY_BIT(ENTRY_LA) | ENTRY_BIT(ENTRY_TV))
#define MD(rest)                                                                                   \
    "{\"type\":\"Md\",\"timestamp\":1795096991482,\"instrumentId\":{\"marketId\":"                 \
    "\"ROFX\",\"symbol\":\"DLR/NOV26\"},\"marketData\":" rest "}"

static struct stream_decoder decoder = {.entries = ASKED};

/* Returns the kind. */
static enum stream_item_kind decode(const char *text, struct stream_item *item)
{
    const struct stream_message message = {text, strlen(text), 0};
    memset(item, 0x5a, sizeof(*item));
    stream_decode(&decoder, &message, item);
    t_true(item->text == text && item->len_bytes == message.len_bytes);
    if (item->kind != STREAM_DATA)
        t_int(item->ts_event, 0);
    if (item->kind == STREAM_OTHER || item->kind == STREAM_DATA) {
        t_int(item->why.code, 0);
        t_str(item->why.text, "");
    }
    return item->kind;
}

static void test_smd(void **state)
{
    (void)state;
    const struct stream_terms terms = {ENTRY_BIT(ENTRY_BI) | ENTRY_BIT(ENTRY_ACP), 2, 1};
    struct buf out;
    buf_init(&out, 4096);
    stream_smd_begin(&out, &terms);
    stream_smd_product(&out, true, "ROFX", "DLR/NOV26");
    stream_smd_product(&out, false, "ROFX", "A\"B");
    stream_smd_end(&out);
    t_str(buf_text(&out), "{\"type\":\"smd\",\"level\":1,\"depth\":2,\"entries\":[\"BI\",\"ACP\"],"
                          "\"products\":[{\"symbol\":\"DLR/NOV26\",\"marketId\":\"ROFX\"},"
                          "{\"symbol\":\"A\\\"B\",\"marketId\":\"ROFX\"}]}");
    buf_finish(&out);
}

static void test_absent_entries_are_left_out(void **state)
{
    (void)state;
    struct stream_item f;
    t_int(decode(MD("{\"BI\":null,\"OF\":[{\"price\":1602.5,\"size\":30}],\"TV\":0}"), &f),
          STREAM_DATA);
    t_text(f.symbol, "DLR/NOV26");
    t_text(f.market_id, "ROFX");
    t_int(f.ts_event, INT64_C(1795096991482) * NS_PER_MS);
    t_int(f.update.quote.ts_event, f.ts_event);
    t_int(f.update.entries, ENTRY_BIT(ENTRY_BI) | ENTRY_BIT(ENTRY_OF) | ENTRY_BIT(ENTRY_TV));
    t_int(f.update.quote.bids.count, 0);
    t_double(f.update.quote.offers.level[0].price, 1602.5);
    t_double(f.update.quote.trade_volume, 0);
    t_int(f.unreadable.entries, 0);
    t_int(decode(MD("{\"BI\":[],\"LA\":[],\"OI\":7}"), &f), STREAM_DATA);
    t_int(f.update.entries, ENTRY_BIT(ENTRY_BI) | ENTRY_BIT(ENTRY_LA)); /* OI was not requested */
}

/* Texts with escapes, of which the decoder has copies. */
static void test_escaped_texts(void **state)
{
    (void)state;
    struct stream_item f;
    t_int(
        decode(
            "{\"type\":\"\\u004dd\",\"status\":\"O\\u004b\",\"instrumentId\":{\"market\\u0049d\":"
            "\"XMEV\","
            "\"symbol\":\"DLR\\/NOV26\"},\"marketData\":{\"L\\u0041\":{\"price\":\"1\\u002e5\"}}}",
            &f),
        STREAM_DATA);
    t_text(f.symbol, "DLR/NOV26");
    t_text(f.market_id, "XMEV");
    t_double(f.update.quote.last_price, 1.5);
    t_int(decode("{\"type\":\"Md\",\"instrumentId\":{\"symbol\":\"A\\u00e1\"}}", &f),
          STREAM_MALFORMED);
    t_text(f.symbol, "A\xc3\xa1");
    t_text(f.market_id, "ROFX");
}

static void test_unreadable_values_are_none(void **state)
{
    (void)state;
    struct stream_item f;
    t_int(decode(MD("{\"LA\":{\"price\":\"nan\"},\"BI\":[{\"price\":\"nan\"},"
                    "{\"price\":5,\"size\":1}],\"OI\":\"nan\",\"TV\":0}"),
                 &f),
          STREAM_DATA);
    t_int(f.update.entries, ENTRY_BIT(ENTRY_LA) | ENTRY_BIT(ENTRY_BI) | ENTRY_BIT(ENTRY_TV));
    t_int(f.unreadable.entries, ENTRY_BIT(ENTRY_LA) | ENTRY_BIT(ENTRY_BI));
    t_str(f.unreadable.words[ENTRY_BI], "marketData.BI[0].price is not finite");
    t_double(f.update.quote.last_price, NAN);
    t_int(f.update.quote.bids.count, 1);
    t_double(f.update.quote.trade_volume, 0);
}

static void test_frames(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        enum stream_item_kind kind;
        const char *words; /* in `why`, for those that cannot be read and errors */
    } rows[] = {
        {"upper case", "{\"type\":\"MD\",\"instrumentId\":{\"symbol\":\"X\"},\"marketData\":{}}",
         STREAM_DATA, NULL},
        {"null data", MD("null"), STREAM_DATA, NULL},
        {"another market",
         "{\"type\":\"Md\",\"instrumentId\":{\"marketId\":\"XMEV\",\"symbol\":\"X\"},"
         "\"marketData\":{}}",
         STREAM_DATA, NULL},
        {"order report", "{\"type\":\"or\",\"orderReport\":{}}", STREAM_OTHER, NULL},
        {"heartbeat", "{\"type\":\"hb\"}", STREAM_OTHER, NULL},
        {"no type", "{}", STREAM_OTHER, NULL},
        {"a type that is not a string", "{\"type\":5}", STREAM_OTHER, NULL},
        {"status OK alone", "{\"status\":\"OK\"}", STREAM_OTHER, NULL},
        {"an error with a type", "{\"type\":\"Md\",\"status\":\"ERROR\"}", STREAM_ERROR,
         "without a reason"},
        {"broken JSON", "{\"type\":\"Md\",", STREAM_MALFORMED, "not JSON"},
        {"a list", "[]", STREAM_MALFORMED, "not a JSON object"},
        {"empty", "", STREAM_MALFORMED, ""},
        {"no symbol", "{\"type\":\"Md\",\"instrumentId\":{},\"marketData\":{}}", STREAM_MALFORMED,
         "instrumentId.symbol"},
        {"no data", "{\"type\":\"Md\",\"instrumentId\":{\"symbol\":\"X\"}}", STREAM_MALFORMED,
         "marketData is missing"},
        {"a page", "<html>\n", STREAM_PAGE, NULL},
        {"a page inside an error", "{\"status\":\"ERROR\",\"message\":\"<html>\"}", STREAM_PAGE,
         NULL},
        {"not finite", MD("{\"LA\":{\"price\":1e999}}"), STREAM_DATA, NULL},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct stream_item f;
        t_row(rows[i].name);
        t_int(decode(rows[i].text, &f), rows[i].kind);
        if (rows[i].words)
            t_contains(f.why.text, rows[i].words);
        if (f.kind == STREAM_DATA)
            t_text(f.market_id, strstr(rows[i].text, "XMEV") ? "XMEV" : "ROFX");
    }
}

static void test_errors_name_their_symbol(void **state)
{
    (void)state;
    static const struct {
        const char *description, *named; /* NULL: none */
        enum event_kind event;
        bool whole;
    } rows[] = {
        {"Product FOO/BAR:ROFX don't exist", "FOO/BAR", EVENT_UNKNOWN_SYMBOL, false},
        {"Security MERV - XMEV - X - CI:ROFX doesn't exist", "MERV - XMEV - X - CI",
         EVENT_UNKNOWN_SYMBOL, false},
        {"product a:b:ROFX doesn\xe2\x80\x99t exist", "a:b", EVENT_UNKNOWN_SYMBOL, false},
        {"product a:b:ROFX doesn\xe2\x80\x98t exist", "a:b", EVENT_UNKNOWN_SYMBOL, false},
        {"Product FOO don't exist", NULL, EVENT_UNKNOWN_SYMBOL, false},
        {"Product :ROFX don't exist", NULL, EVENT_UNKNOWN_SYMBOL, false},
        {"Access Denied", NULL, EVENT_ACCESS, true},
        {"Unauthorized", NULL, EVENT_AUTH, true},
        {"Algo raro", NULL, EVENT_OTHER, false},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[512];
        struct stream_item f;
        t_row(rows[i].description);
        snprintf(text, sizeof(text),
                 "{\"status\":\"ERROR\",\"message\":\"{\\\"type\\\":\\\"smd\\\"}\","
                 "\"description\":\"%s\"}",
                 rows[i].description);
        t_int(decode(text, &f), STREAM_ERROR);
        t_int(f.event, rows[i].event);
        t_int(f.whole, rows[i].whole);
        t_text(f.symbol, rows[i].named);
        t_text(f.market_id, rows[i].named ? "ROFX" : NULL);
    }
}

static void test_the_longest_symbol_of_an_error(void **state)
{
    (void)state;
    for (int longer = 0; longer <= 1; longer++) {
        char symbol[SYMBOL_BYTES_MAX + 2], text[512];
        struct stream_item f;
        t_row(longer ? "too long" : "the longest");
        memset(symbol, 'S', sizeof(symbol));
        symbol[SYMBOL_BYTES_MAX + longer] = '\0';
        snprintf(text, sizeof(text),
                 "{\"status\":\"ERROR\",\"description\":\"Product %s:ROFX don't exist\"}", symbol);
        t_int(decode(text, &f), STREAM_ERROR);
        t_text(f.symbol, longer ? NULL : symbol);
    }
}

static void test_impossible_timestamps_are_unknown(void **state)
{
    (void)state;
    static const char *const stamps[] = {"null", "-5", "0", "17950969914820000", "\"x\"", "{}"};
    for (size_t i = 0; i < T_COUNT(stamps); i++) {
        char text[256];
        struct stream_item f;
        t_row(stamps[i]);
        snprintf(text, sizeof(text),
                 "{\"type\":\"Md\",\"timestamp\":%s,\"instrumentId\":{\"symbol\":\"X\"},"
                 "\"marketData\":{}}",
                 stamps[i]);
        t_int(decode(text, &f), STREAM_DATA);
        t_int(f.ts_event, 0);
    }
}

static void test_timestamps_from_1990_to_2099(void **state)
{
    (void)state;
    static const struct {
        const char *stamp;
        int64_t ms;
    } rows[] = {
        {"631151999999", 0},
        {"631152000000", INT64_C(631152000000)},
        {"4102444799999", INT64_C(4102444799999)},
        {"4102444800000", 0},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[256];
        struct stream_item f;
        t_row(rows[i].stamp);
        snprintf(text, sizeof(text),
                 "{\"type\":\"Md\",\"timestamp\":%s,\"instrumentId\":{\"symbol\":\"X\"},"
                 "\"marketData\":{}}",
                 rows[i].stamp);
        t_int(decode(text, &f), STREAM_DATA);
        t_int(f.ts_event, rows[i].ms * NS_PER_MS);
    }
}

/* The date of an index remains if the message itself has none. */
static void test_the_time_of_an_index(void **state)
{
    (void)state;
    static const struct {
        const char *stamp;
        int64_t ms;
    } rows[] = {
        {"null", INT64_C(1795096990000)},
        {"1795096991482", INT64_C(1795096991482)},
    };
    decoder.entries = ASKED | ENTRY_BIT(ENTRY_IV);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[256];
        struct stream_item f;
        t_row(rows[i].stamp);
        snprintf(text, sizeof(text),
                 "{\"type\":\"Md\",\"timestamp\":%s,\"instrumentId\":{\"symbol\":\"X\"},"
                 "\"marketData\":{\"IV\":{\"price\":5,\"date\":1795096990000}}}",
                 rows[i].stamp);
        t_int(decode(text, &f), STREAM_DATA);
        t_int(f.update.quote.ts_event, rows[i].ms * NS_PER_MS);
    }
    decoder.entries = ASKED;
}

static int setup(void **state)
{
    (void)state;
    decoder.parser = json_parser_create();
    return decoder.parser ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    json_parser_destroy(decoder.parser);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_smd),
        cmocka_unit_test(test_absent_entries_are_left_out),
        cmocka_unit_test(test_escaped_texts),
        cmocka_unit_test(test_unreadable_values_are_none),
        cmocka_unit_test(test_frames),
        cmocka_unit_test(test_errors_name_their_symbol),
        cmocka_unit_test(test_the_longest_symbol_of_an_error),
        cmocka_unit_test(test_impossible_timestamps_are_unknown),
        cmocka_unit_test(test_timestamps_from_1990_to_2099),
        cmocka_unit_test(test_the_time_of_an_index),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
