#include "serve/stream_api.h"

#include "support/t.h"

#include <stdlib.h>

static const char *const symbols[] = {"DLR/DIC26", "MERV - XMEV - AL30 - 24hs", "I.RFX20"};
static struct quote quotes[3];
static struct instrument instruments[3];

static int32_t find(void *self, const char *market_id, const char *symbol)
{
    (void)self;
    for (int32_t i = 0; i < 3; i++) {
        if (strcmp(symbols[i], symbol) == 0 && strcmp(market_id, "ROFX") == 0)
            return i;
    }
    return -1;
}

static const struct instrument *instrument(void *self, int32_t i)
{
    (void)self;
    instruments[i].market_id = "ROFX";
    instruments[i].symbol = symbols[i];
    return &instruments[i];
}

static const struct quote *quote(void *self, int32_t i)
{
    (void)self;
    return &quotes[i];
}

static enum encode_empty empty(void *self, int32_t i)
{
    (void)self;
    (void)i;
    return EMPTY_NULL;
}

static const struct market_source source = {
    .find = find, .instrument = instrument, .quote = quote, .empty = empty};

#define PRODUCT(symbol) "{\"symbol\":\"" symbol "\",\"marketId\":\"ROFX\"}"
#define SMD(rest)       "{\"type\":\"smd\"," rest "}"

static void test_subscriptions(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        enum stream_outcome outcome;
        const char *words; /* description of a refusal */
        int count, depth, level;
    } rows[] = {
        {"two",
         SMD("\"level\":2,\"depth\":3,\"entries\":[\"BI\",\"LA\"],\"products\":[" PRODUCT(
             "I.RFX20") "," PRODUCT("DLR/DIC26") "]"),
         STREAM_SUBSCRIBE, NULL, 2, 3, 2},
        {"level as text, depth too large",
         SMD("\"level\":\"1\",\"depth\":10,\"entries\":[\"BI\"],\"products\":[" PRODUCT(
             "DLR/DIC26") "]"),
         STREAM_SUBSCRIBE, NULL, 1, 5, 1},
        {"defaults, no products", SMD("\"entries\":[\"BI\"],\"products\":[]"), STREAM_SUBSCRIBE,
         NULL, 0, 1, 1},
        {"one unknown product voids all",
         SMD("\"entries\":[\"BI\"],\"products\":[" PRODUCT("DLR/DIC26") "," PRODUCT("NO/SUCH") "]"),
         STREAM_REFUSE, "Product NO/SUCH:ROFX don't exist", 0, 0, 0},
        {"another market",
         SMD("\"entries\":[\"BI\"],\"products\":[{\"symbol\":\"DLR/DIC26\",\"marketId\":\"X\"}]"),
         STREAM_REFUSE, "Product DLR/DIC26:X don't exist", 0, 0, 0},
        {"a product that is a number", SMD("\"entries\":[\"BI\"],\"products\":[7]"), STREAM_REFUSE,
         "don't exist", 0, 0, 0},
        {"one unknown entry voids all",
         SMD("\"entries\":[\"BI\",\"XX\"],\"products\":[" PRODUCT("DLR/DIC26") "]"), STREAM_REFUSE,
         "Invalid entry XX", 0, 0, 0},
        {"no entries", SMD("\"products\":[" PRODUCT("DLR/DIC26") "]"), STREAM_REFUSE, "entries", 0,
         0, 0},
        {"not JSON", "{", STREAM_REFUSE, "Invalid message", 0, 0, 0},
        {"a list", "[]", STREAM_REFUSE, "Invalid message", 0, 0, 0},
        {"order reports", "{\"type\":\"os\",\"account\":{\"id\":\"x\"}}", STREAM_IGNORE, NULL, 0, 0,
         0},
        {"a new order", "{\"type\":\"no\"}", STREAM_REFUSE, "Orders are not accepted", 0, 0, 0},
        {"a cancelled order", "{\"type\":\"co\"}", STREAM_REFUSE, "Orders are not accepted", 0, 0,
         0},
        {"no type", "{}", STREAM_IGNORE, NULL, 0, 0, 0},
    };
    int32_t list[STREAM_PRODUCTS_MAX];
    struct json_parser *parser = json_parser_create();
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct stream_request request = {.instruments = list};
        struct buf answer;
        buf_init(&answer, 65536);
        t_row(rows[i].name);
        t_int(stream_request_read(&(struct stream_reader){parser, &source}, rows[i].text,
                                  strlen(rows[i].text), &request, &answer),
              rows[i].outcome);
        if (rows[i].outcome == STREAM_SUBSCRIBE) {
            t_int(request.count, rows[i].count);
            t_int(request.depth, rows[i].depth);
            t_int(request.level, rows[i].level);
        }
        if (rows[i].words) {
            const struct json *root = json_parse(parser, buf_text(&answer), answer.len_bytes, NULL);
            t_contains(json_string(json_get(root, "description")), rows[i].words);
            t_str(json_string(json_get(root, "status")), "ERROR");
            t_str(json_string(json_get(root, "message")), rows[i].text); /* the request, echoed */
        }
        buf_finish(&answer);
    }
    json_parser_destroy(parser);
}

/* A source of live data: it takes TC, and knows where its quotes are from. */
static void origin(void *self, int32_t i, struct source_origin *out)
{
    (void)self;
    *out = (struct source_origin){.source = i ? NULL : "rest", .age_ms = 840, .seq = 77};
}

static const struct market_source live = {.find = find,
                                          .instrument = instrument,
                                          .quote = quote,
                                          .empty = empty,
                                          .takes_tc = true,
                                          .origin = origin};

static void test_what_only_live_sources_take(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        uint32_t entries; /* of the live source; 0: refused */
        uint32_t others;  /* of another source */
    } rows[] = {
        {"TC", SMD("\"entries\":[\"BI\",\"TC\"],\"products\":[]"), ENTRY_BIT(ENTRY_BI) | ENCODE_TC,
         0},
        {"extras", SMD("\"entries\":[\"BI\"],\"products\":[],\"cinta\":true"),
         ENTRY_BIT(ENTRY_BI) | STREAM_EXTRAS, ENTRY_BIT(ENTRY_BI)},
        {"no extras", SMD("\"entries\":[\"BI\"],\"products\":[],\"cinta\":false"),
         ENTRY_BIT(ENTRY_BI), ENTRY_BIT(ENTRY_BI)},
    };
    int32_t list[STREAM_PRODUCTS_MAX];
    struct json_parser *parser = json_parser_create();
    for (size_t i = 0; i < 2 * T_COUNT(rows); i++) {
        const struct stream_reader reader = {parser, i % 2 ? &source : &live};
        uint32_t expected = i % 2 ? rows[i / 2].others : rows[i / 2].entries;
        struct stream_request request = {.instruments = list};
        struct buf answer;
        buf_init(&answer, 65536);
        t_row(rows[i / 2].name);
        t_int(stream_request_read(&reader, rows[i / 2].text, strlen(rows[i / 2].text), &request,
                                  &answer),
              expected ? STREAM_SUBSCRIBE : STREAM_REFUSE);
        if (expected)
            t_int(request.entries, expected);
        buf_finish(&answer);
    }
    json_parser_destroy(parser);
}

static void test_extras_in_a_frame(void **state)
{
    (void)state;
    static const char *const ends[] = {
        "\"marketData\":{\"LA\":null},\"cinta\":{\"source\":\"rest\",\"ageMs\":840,\"seq\":77}}",
        "\"marketData\":{\"LA\":null},\"cinta\":{\"source\":null,\"ageMs\":null,\"seq\":null}}",
    };
    quotes[0] = quotes[1] = quote_none();
    for (int32_t i = 0; i < 2; i++) {
        struct buf out;
        buf_init(&out, 4096);
        stream_put_market_data(
            &out, &live, &(struct stream_frame){i, ENTRY_BIT(ENTRY_LA) | STREAM_EXTRAS, 1, 5});
        t_contains(buf_text(&out), ends[i]);
        buf_finish(&out);
    }
}

/* Of any request an error remains JSON, smaller than what the strictest client takes. */
static void test_long_errors(void **state)
{
    (void)state;
    static const char *const pieces[] = {"a",    "\"",   "\\",          "\xc3\xb1",
                                         "\xff", "\x01", "\xe2\x80\xae"};
    struct json_parser *parser = json_parser_create();
    for (size_t i = 0; i < T_COUNT(pieces); i++) {
        struct buf request, out;
        buf_init(&request, 1 << 20);
        buf_init(&out, 1 << 20);
        for (int n = 0; n < 50000; n++)
            buf_puts(&request, pieces[i]);
        t_row(pieces[i]);
        stream_put_error(&out, buf_text(&request), "Product X:ROFX don't exist");
        t_true(out.len_bytes < STREAM_ERROR_BYTES && out.len_bytes > 4000);
        const struct json *root = json_parse(parser, buf_text(&out), out.len_bytes, NULL);
        t_str(json_string(json_get(root, "description")), "Product X:ROFX don't exist");
        buf_finish(&request);
        buf_finish(&out);
    }
    json_parser_destroy(parser);
}

static void test_a_frame(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 4096);
    quotes[0] = quote_none();
    quotes[0].bids.count = 1;
    quotes[0].bids.level[0] = (struct level){1601.5, 12};
    stream_put_market_data(
        &out, &source,
        &(struct stream_frame){0, ENTRY_BIT(ENTRY_BI) | ENTRY_BIT(ENTRY_OF), 5, 1795096991482});
    t_str(buf_text(&out),
          "{\"type\":\"Md\",\"timestamp\":1795096991482,\"instrumentId\":{\"marketId\":\"ROFX\","
          "\"symbol\":\"DLR/DIC26\"},\"marketData\":{\"BI\":[{\"price\":1601.5,\"size\":12}],"
          "\"OF\":null}}");
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_subscriptions),
        cmocka_unit_test(test_what_only_live_sources_take),
        cmocka_unit_test(test_extras_in_a_frame),
        cmocka_unit_test(test_long_errors),
        cmocka_unit_test(test_a_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
