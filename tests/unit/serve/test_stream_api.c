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

/* --- products that are taken up for a client ----------------------------------------------------
 */

/* What the source was asked: "want A, want B, keep, take A, take B". */
static char asked[400];

static void note(const char *what, const char *symbol)
{
    size_t used = strlen(asked);
    snprintf(asked + used, sizeof(asked) - used, "%s%s%s", used ? ", " : "", what, symbol);
}

static bool demand_want_it(void *self, const char *market_id, const char *symbol)
{
    (void)self;
    note("want ", symbol);
    return strcmp(market_id, "ROFX") == 0 && symbol[0] == 'X';
}

static void demand_settle_it(void *self, bool keep)
{
    (void)self;
    note(keep ? "keep" : "undo", "");
}

static int32_t demand_take_it(void *self, const char *market_id, const char *symbol)
{
    (void)self;
    (void)market_id;
    note("take ", symbol);
    return strcmp(symbol, "X0") == 0 ? -1 : 100 + symbol[1] - '0'; /* X0: no memory */
}

static bool demand_is_ready(void *self, int32_t i)
{
    (void)self;
    return i < 100;
}

static void test_products_on_demand(void **state)
{
    (void)state;
    static const struct {
        const char *name, *products, *asked;
        int32_t instruments[4];
        int count; /* 0: refused */
    } rows[] = {
        {"all are offered", PRODUCT("DLR/DIC26"), "keep", {0}, 1},
        {"two of three",
         PRODUCT("X1") "," PRODUCT("DLR/DIC26") "," PRODUCT("X2"),
         "want X1, want X2, keep, take X1, take X2",
         {101, 0, 102},
         3},
        {"the same twice",
         PRODUCT("X1") "," PRODUCT("X1"),
         "want X1, want X1, keep, take X1, take X1",
         {101, 101},
         2},
        {"one is unknown", PRODUCT("X1") "," PRODUCT("Y"), "want X1, want Y, undo", {0}, 0},
        {"no market", PRODUCT("X1") ",{\"symbol\":\"X2\"}", "want X1, undo", {0}, 0},
        {"no memory",
         PRODUCT("X1") "," PRODUCT("X0"),
         "want X1, want X0, keep, take X1, take X0",
         {0},
         0},
    };
    static const struct source_demand demand = {.want = demand_want_it,
                                                .settle = demand_settle_it,
                                                .take_up = demand_take_it,
                                                .ready = demand_is_ready};
    struct market_source taking = source;
    int32_t list[STREAM_PRODUCTS_MAX];
    struct json_parser *parser = json_parser_create();
    taking.demand = &demand;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        const struct stream_reader reader = {parser, &taking};
        struct stream_request request = {.instruments = list};
        struct buf answer;
        char text[800];
        buf_init(&answer, 65536);
        t_row(rows[i].name);
        *asked = '\0';
        snprintf(text, sizeof(text), SMD("\"entries\":[\"BI\"],\"products\":[%s]"),
                 rows[i].products);
        t_int(stream_request_read(&reader, text, strlen(text), &request, &answer),
              rows[i].count ? STREAM_SUBSCRIBE : STREAM_REFUSE);
        t_str(asked, rows[i].asked);
        for (int n = 0; n < rows[i].count; n++)
            t_int(list[n], rows[i].instruments[n]);
        buf_finish(&answer);
    }
    t_row("");
    json_parser_destroy(parser);
    t_true(source_ready(&taking, 1) && !source_ready(&taking, 100) && source_ready(&source, 100));
    *asked = '\0';
    t_int(source_obtain(&taking, "ROFX", "DLR/DIC26"), 0);
    t_int(source_obtain(&taking, "ROFX", "X3"), 103);
    t_int(source_obtain(&taking, "ROFX", "Y"), -1);
    t_str(asked, "want X3, keep, take X3, want Y, undo");
    t_int(source_obtain(&source, "ROFX", "X3"), -1);
}

static void test_a_subscription_is_written_as_it_can_be_read(void **state)
{
    (void)state;
    int32_t two[] = {1, 2}, list[STREAM_PRODUCTS_MAX];
    const struct stream_request request = {
        ENTRY_BIT(ENTRY_BI) | ENTRY_BIT(ENTRY_LA) | ENCODE_TC | STREAM_EXTRAS, 3, 2, two, 2};
    struct stream_request read = {.instruments = list};
    struct json_parser *parser = json_parser_create();
    const struct stream_reader reader = {parser, &live};
    struct buf text, answer;
    buf_init(&text, 4096);
    buf_init(&answer, 4096);
    stream_put_request(&text, &live, &request);
    t_str(buf_text(&text),
          "{\"type\":\"smd\",\"level\":2,\"depth\":3,\"entries\":[\"BI\",\"LA\",\"TC\"],"
          "\"products\":[" PRODUCT("MERV - XMEV - AL30 - 24hs") "," PRODUCT(
              "I.RFX20") "],\"cinta\":true}");
    t_int(stream_request_read(&reader, buf_text(&text), text.len_bytes, &read, &answer),
          STREAM_SUBSCRIBE);
    t_int(read.entries, request.entries);
    t_int(read.level, 2);
    t_int(read.depth, 3);
    t_int(read.count, 2);
    buf_finish(&text);
    buf_finish(&answer);
    json_parser_destroy(parser);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_subscriptions),
        cmocka_unit_test(test_what_only_live_sources_take),
        cmocka_unit_test(test_extras_in_a_frame),
        cmocka_unit_test(test_long_errors),
        cmocka_unit_test(test_a_frame),
        cmocka_unit_test(test_products_on_demand),
        cmocka_unit_test(test_a_subscription_is_written_as_it_can_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
