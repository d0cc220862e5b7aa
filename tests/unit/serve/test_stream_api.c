#include "serve/stream_api.h"

#include "support/t.h"

#include <stdlib.h>

static const char *const symbols[] = {"DLR/DIC26", "MERV - XMEV - AL30 - 24hs", "I.RFX20"};
static struct quote quotes[3];
static struct source_instrument instruments[3];

static int32_t find(void *self, const char *market_id, const char *symbol)
{
    (void)self;
    for (int32_t i = 0; i < 3; i++) {
        if (strcmp(symbols[i], symbol) == 0 && strcmp(market_id, "ROFX") == 0)
            return i;
    }
    return -1;
}

static const struct source_instrument *instrument(void *self, int32_t i)
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
        {"another type", "{\"type\":\"no\"}", STREAM_IGNORE, NULL, 0, 0, 0},
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
        cmocka_unit_test(test_a_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
