#include "serve/reference_json.h"

#include "primary/instrument_encode.h"

#include "support/t.h"

#include "base/json.h"
#include "base/num.h"
#include "primary/reference.h"

#include <stdlib.h>

/* --- market source ---------------------------------------------------------------------------- */

struct list {
    const struct instrument *items;
    int32_t count;
};

static int32_t list_count(void *self)
{
    return ((struct list *)self)->count;
}

static const struct instrument *list_instrument(void *self, int32_t index)
{
    return &((struct list *)self)->items[index];
}

static struct market_source source_of(struct list *list)
{
    return (struct market_source){.self = list, .count = list_count, .instrument = list_instrument};
}

static const struct tick_range ticks[] = {{0, 500, 0.05}, {500, NAN, 10}};

static const struct instrument future = {
    .market_id = "ROFX",
    .symbol = "DLR/NOV26",
    .segment = "DDF",
    .cfi_code = "FXXXSX",
    .currency = "ARS",
    .maturity = "20261130",
    .underlying = "DLR",
    .order_types = "LIMIT,MARKET_TO_LIMIT",
    .times_in_force = "DAY",
    .low_limit = 1200.5,
    .high_limit = 1900,
    .price_tick = 0.5,
    .size_step = 1,
    .min_size = 1,
    .max_size = 5000,
    .round_lot = 1,
    .multiplier = 1000,
    .price_factor = 1,
    .strike = NAN,
    .price_digits = 3,
    .size_digits = 0,
};

static const struct instrument items[] = {
    {.market_id = "ROFX", .symbol = "DLR/NOV26", .segment = "DDF", .cfi_code = "FXXXSX"},
    {.market_id = "ROFX",
     .symbol = "MERV - XMEV - AL30 - 24hs",
     .segment = "MERV",
     .cfi_code = "DBXXXX"},
    {.market_id = "ROFX", .symbol = "DLR/DIC26", .segment = "DDF", .cfi_code = "FXXXSX"},
    {.market_id = "ROFX",
     .symbol = "a \"b\"\\c\n\x1f D\xc3\xb3lar",
     .segment = "\"X\"",
     .cfi_code = "ESXXXX"},
};

/* --- parsing ---------------------------------------------------------------------------------- */

static const struct json *parsed(struct json_parser *parser, const struct buf *out)
{
    struct err why = {0};
    t_true(!buf_failed((struct buf *)out));
    const struct json *root = json_parse(parser, buf_text(out), out->len_bytes, &why);
    if (!root)
        fail_msg("%s: %s: %s", t_row_name, why.text, buf_text(out));
    return root;
}

/* The member at a path as "segment.marketId", as text: a string unchanged, "null", "absent", "[2]",
 * "{3}". */
static const char *shown(const struct json *value, const char *place)
{
    static char text[256];
    char key[64];
    double number;
    int count = 0;
    while (*place) {
        size_t len = strcspn(place, ".");
        snprintf(key, sizeof(key), "%.*s", (int)len, place);
        value = json_get(value, key);
        place += len + (place[len] == '.');
    }
    for (const struct json *v = json_first(value); v; v = json_next(v))
        count++;
    switch (json_type(value)) {
    case JSON_ABSENT:
        return "absent";
    case JSON_NULL:
        return "null";
    case JSON_BOOL:
        return "bool";
    case JSON_STRING:
        return json_string(value);
    case JSON_NUMBER:
        t_true(json_number(value, &number));
        return num_text(text, number);
    case JSON_ARRAY:
        snprintf(text, sizeof(text), "[%d]", count);
        return text;
    case JSON_OBJECT:
        snprintf(text, sizeof(text), "{%d}", count);
        return text;
    }
    return "";
}

static void details_have_all_fields(void **state)
{
    static const struct row {
        const char *place, *value;
    } rows[] = {
        /* clang-format off */
        {"symbol",                      "null"},
        {"instrumentId.symbol",         "DLR/NOV26"},
        {"instrumentId.marketId",       "ROFX"},
        {"segment.marketSegmentId",     "DDF"},
        {"segment.marketId",            "ROFX"},
        {"cficode",                     "FXXXSX"},
        {"securityDescription",         "DLR/NOV26"},
        {"lowLimitPrice",               "1200.5"},
        {"highLimitPrice",              "1900"},
        {"minPriceIncrement",           "0.5"},
        {"tickSize",                    "1"},
        {"minTradeVol",                 "1"},
        {"maxTradeVol",                 "5000"},
        {"roundLot",                    "1"},
        {"contractMultiplier",          "1000"},
        {"priceConvertionFactor",       "1"},
        {"maturityDate",                "20261130"},
        {"currency",                    "ARS"},
        {"orderTypes",                  "[2]"},
        {"timesInForce",                "[1]"},
        {"instrumentPricePrecision",    "3"},
        {"instrumentSizePrecision",     "0"},
        {"underlying",                  "DLR"},
        {"strike",                      "null"},
        {"settlType",                   "null"},
        {"securityType",                "null"},
        {"securityId",                  "null"},
        {"securityIdSource",            "null"},
        {"tickPriceRanges",             "absent"},
        /* clang-format on */
    };
    struct buf out;
    buf_init(&out, 1 << 20);
    instrument_encode(&out, &future);
    const struct json *root = parsed(*state, &out);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].place);
        t_str(shown(root, rows[i].place), rows[i].value);
    }
    buf_finish(&out);
}

static void tick_price_ranges(void **state)
{
    static const struct row {
        const char *place, *value;
    } rows[] = {
        /* clang-format off */
        {"tickPriceRanges",              "{2}"},
        {"tickPriceRanges.0.lowerLimit", "0"},
        {"tickPriceRanges.0.upperLimit", "500"},
        {"tickPriceRanges.0.tick",       "0.05"},
        {"tickPriceRanges.1.lowerLimit", "500"},
        {"tickPriceRanges.1.upperLimit", "null"},
        {"tickPriceRanges.1.tick",       "10"},
        {"strike",                       "380"},
        {"settlType",                    "2"},
        /* clang-format on */
    };
    struct instrument share = future;
    struct buf out;
    share.ranges = ticks;
    share.ranges_count = 2;
    share.strike = 380;
    share.settl_type = "2";
    buf_init(&out, 1 << 20);
    instrument_encode(&out, &share);
    const struct json *root = parsed(*state, &out);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].place);
        t_str(shown(root, rows[i].place), rows[i].value);
    }
    buf_finish(&out);
}

static void unknown_fields_are_null(void **state)
{
    static const char *const places[] = {"segment.marketSegmentId",
                                         "segment.marketId",
                                         "lowLimitPrice",
                                         "highLimitPrice",
                                         "minPriceIncrement",
                                         "tickSize",
                                         "minTradeVol",
                                         "maxTradeVol",
                                         "roundLot",
                                         "contractMultiplier",
                                         "maturityDate",
                                         "currency",
                                         "underlying",
                                         "priceConvertionFactor",
                                         "strike",
                                         "settlType",
                                         "cficode",
                                         "orderTypes",
                                         "timesInForce",
                                         "securityDescription",
                                         "instrumentPricePrecision",
                                         "instrumentId.symbol",
                                         "instrumentId.marketId"};
    struct buf out;
    buf_init(&out, 1 << 20);
    instrument_encode(&out, &instrument_unknown);
    const struct json *root = parsed(*state, &out);
    for (size_t i = 0; i < T_COUNT(places); i++) {
        t_row(places[i]);
        t_str(shown(root, places[i]), "null");
    }
    buf_finish(&out);
}

static void a_description_of_its_own(void **state)
{
    struct instrument bond = future;
    struct buf out;
    bond.description = "D\xc3\xb3lar \xe2\x80\x93 bono";
    buf_init(&out, 1 << 20);
    instrument_encode(&out, &bond);
    t_str(shown(parsed(*state, &out), "securityDescription"), bond.description);
    t_contains(buf_text(&out),
               "\"orderTypes\":[\"LIMIT\",\"MARKET_TO_LIMIT\"],\"timesInForce\":[\"DAY\"]");
    buf_finish(&out);
}

/* --- lists ------------------------------------------------------------------------------------ */

struct told {
    int count;
    char symbols[8][64], codes[8][16];
};

static void on_item(void *arg, const struct reference_item *item)
{
    struct told *told = arg;
    t_str(item->market_id, "ROFX");
    snprintf(told->symbols[told->count], sizeof(told->symbols[0]), "%s", item->symbol);
    snprintf(told->codes[told->count++], sizeof(told->codes[0]), "%s", item->cfi_code);
}

/* The list as the client's parser reads it. */
static struct told read_list(struct json_parser *parser, const struct buf *out, int skipped)
{
    struct told told = {0};
    struct err why = {0};
    int passed_over = -1;
    struct reply reply = {200, "application/json", "", buf_text(out), out->len_bytes};
    enum reply_class class = reference_list(
        parser, &reply, &(struct reference_sink){on_item, &told}, &passed_over, &why);
    if (class != REPLY_OK)
        fail_msg("%s: %s", t_row_name, why.text);
    t_int(passed_over, skipped);
    return told;
}

static void the_client_can_parse_the_lists(void **state)
{
    struct list list = {items, 3};
    struct market_source source = source_of(&list);
    static const struct row {
        const char *name;
        void (*write)(struct buf *out, const struct market_source *source);
    } rows[] = {{"all", reference_json_all}, {"details", reference_json_details}};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct buf out;
        t_row(rows[i].name);
        buf_init(&out, 1 << 20);
        rows[i].write(&out, &source);
        struct told told = read_list(*state, &out, 0);
        t_int(told.count, 3);
        for (int n = 0; n < 3; n++) {
            t_str(told.symbols[n], items[n].symbol);
            t_str(told.codes[n], items[n].cfi_code);
        }
        buf_finish(&out);
    }
}

static void flat_lists_by_code_or_segment(void **state)
{
    static const struct row {
        const char *name, *code, *segment, *first;
        int count;
    } rows[] = {
        /* clang-format off */
        {"a code",          "FXXXSX", NULL,   "DLR/NOV26",                 2},
        {"another code",    "DBXXXX", NULL,   "MERV - XMEV - AL30 - 24hs", 1},
        {"unknown code",    "OPEFXS", NULL,   NULL,                        0},
        {"half a code",     "FXX",    NULL,   NULL,                        0},
        {"code, lower case", "fxxxsx", NULL,   NULL,                        0},
        {"a segment",       NULL,     "MERV", "MERV - XMEV - AL30 - 24hs", 1},
        {"no such segment", NULL,     "MAE",  NULL,                        0},
        {"both",            "FXXXSX", "DDF",  "DLR/NOV26",                 2},
        {"both, no match",  "FXXXSX", "MERV", NULL,                        0},
        {"any",             NULL,     NULL,   "DLR/NOV26",                 3},
        /* clang-format on */
    };
    struct list list = {items, 3};
    struct market_source source = source_of(&list);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct buf out;
        t_row(rows[i].name);
        buf_init(&out, 1 << 20);
        t_int(reference_json_flat(&out, &source, rows[i].code, rows[i].segment), rows[i].count);
        struct told told = read_list(*state, &out, 0);
        t_int(told.count, rows[i].count);
        if (rows[i].first)
            t_str(told.symbols[0], rows[i].first);
        for (int n = 0; n < told.count; n++)
            t_str(told.codes[n], ""); /* flat items have no code */
        buf_finish(&out);
    }
}

static void each_segment_is_listed_once(void **state)
{
    (void)state;
    struct list list = {items, 3};
    struct market_source source = source_of(&list);
    struct buf out;
    buf_init(&out, 1 << 20);
    reference_json_segments(&out, &source);
    t_str(buf_text(&out),
          "{\"status\":\"OK\",\"segments\":[{\"marketSegmentId\":\"DDF\",\"marketId\":\"ROFX\"},"
          "{\"marketSegmentId\":\"MERV\",\"marketId\":\"ROFX\"}]}");
    buf_finish(&out);
}

static void details_in_steps(void **state)
{
    (void)state;
    struct list list = {items, 3};
    struct market_source source = source_of(&list);
    struct buf whole, out;
    buf_init(&whole, 1 << 20);
    buf_init(&out, 1 << 20);
    reference_json_details(&whole, &source);
    for (int32_t max = 1; max <= 4; max++) {
        struct reference_progress progress = {0};
        int steps = 1;
        buf_clear(&out);
        while (reference_json_details_step(&out, &source, &progress, max))
            steps++;
        t_int(steps, (3 + max - 1) / max);
        t_str(buf_text(&out), buf_text(&whole));
    }
    buf_finish(&out);
    buf_finish(&whole);
}

static const struct market_segment *two_segments(void *self, size_t at)
{
    static const struct market_segment all[] = {{"ROFX", "TEST", 0, true},
                                                {"MERV", "A\"B", 0, true}};
    (void)self;
    return at < 2 ? &all[at] : NULL;
}

static void segments_of_the_broker(void **state)
{
    (void)state;
    struct list list = {items, 3};
    struct market_source source = source_of(&list);
    struct buf out;
    buf_init(&out, 1 << 20);
    source.segments = two_segments;
    reference_json_segments(&out, &source);
    t_str(buf_text(&out),
          "{\"status\":\"OK\",\"segments\":[{\"marketSegmentId\":\"TEST\",\"marketId\":\"ROFX\"},"
          "{\"marketSegmentId\":\"A\\\"B\",\"marketId\":\"MERV\"}]}");
    buf_finish(&out);
}

static void empty_lists(void **state)
{
    struct list list = {items, 0};
    struct market_source source = source_of(&list);
    struct buf out;
    buf_init(&out, 1 << 20);

    t_row("all");
    reference_json_all(&out, &source);
    t_str(buf_text(&out), "{\"status\":\"OK\",\"instruments\":[]}");
    t_row("details");
    buf_clear(&out);
    reference_json_details(&out, &source);
    t_str(buf_text(&out), "{\"status\":\"OK\",\"instruments\":[]}");
    t_row("flat");
    buf_clear(&out);
    t_int(reference_json_flat(&out, &source, NULL, NULL), 0);
    t_int(read_list(*state, &out, 0).count, 0);
    t_row("segments");
    buf_clear(&out);
    reference_json_segments(&out, &source);
    t_str(buf_text(&out), "{\"status\":\"OK\",\"segments\":[]}");
    buf_finish(&out);
}

static void symbols_are_escaped(void **state)
{
    struct list list = {items + 3, 1};
    struct market_source source = source_of(&list);
    struct buf out;
    buf_init(&out, 1 << 20);

    t_row("all");
    reference_json_all(&out, &source);
    const struct json *item = json_first(json_get(parsed(*state, &out), "instruments"));
    t_str(shown(item, "instrumentId.symbol"), items[3].symbol);
    t_row("details");
    buf_clear(&out);
    reference_json_details(&out, &source);
    item = json_first(json_get(parsed(*state, &out), "instruments"));
    t_str(shown(item, "instrumentId.symbol"), items[3].symbol);
    t_str(shown(item, "securityDescription"), items[3].symbol);
    t_str(shown(item, "segment.marketSegmentId"), "\"X\"");
    t_row("flat");
    buf_clear(&out);
    t_int(reference_json_flat(&out, &source, NULL, "\"X\""), 1);
    item = json_first(json_get(parsed(*state, &out), "instruments"));
    t_str(shown(item, "symbol"), items[3].symbol);
    t_row("segments");
    buf_clear(&out);
    reference_json_segments(&out, &source);
    item = json_first(json_get(parsed(*state, &out), "segments"));
    t_str(shown(item, "marketSegmentId"), "\"X\"");
    buf_finish(&out);
}

static void ten_thousand_details(void **state)
{
    enum { COUNT = 10000 };
    struct instrument *many = calloc(COUNT, sizeof(*many));
    t_true(many != NULL);
    for (int i = 0; i < COUNT; i++)
        many[i] = items[i % 3];
    struct list list = {many, COUNT};
    struct market_source source = source_of(&list);
    struct buf out;
    int count = 0;
    buf_init(&out, 64u << 20);
    reference_json_details(&out, &source);
    const struct json *item = json_first(json_get(parsed(*state, &out), "instruments"));
    for (; item; item = json_next(item))
        count++;
    t_int(count, COUNT);
    buf_finish(&out);
    free(many);
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
        cmocka_unit_test(details_have_all_fields),
        cmocka_unit_test(tick_price_ranges),
        cmocka_unit_test(unknown_fields_are_null),
        cmocka_unit_test(a_description_of_its_own),
        cmocka_unit_test(the_client_can_parse_the_lists),
        cmocka_unit_test(flat_lists_by_code_or_segment),
        cmocka_unit_test(each_segment_is_listed_once),
        cmocka_unit_test(details_in_steps),
        cmocka_unit_test(segments_of_the_broker),
        cmocka_unit_test(empty_lists),
        cmocka_unit_test(symbols_are_escaped),
        cmocka_unit_test(ten_thousand_details),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
