#include "primary/instrument_decode.h"

#include "support/t.h"

#include "base/num.h"

#include <math.h>

/* Protocol appendix A5. */
#define GD35                                                                                       \
    "{\"symbol\":null,\"segment\":{\"marketSegmentId\":\"MERV\",\"marketId\":\"ROFX\"},"           \
    "\"lowLimitPrice\":0.0,\"highLimitPrice\":9999999.0,\"minPriceIncrement\":10.0,"               \
    "\"minTradeVol\":1.0,\"maxTradeVol\":90000000.0,\"tickSize\":1.0,\"contractMultiplier\":1.0,"  \
    "\"roundLot\":1.0,\"priceConvertionFactor\":0.01,\"maturityDate\":\"20350709\","               \
    "\"currency\":\"ARS\",\"orderTypes\":[\"LIMIT\",\"MARKET TO LIMIT\"],\"timesInForce\":null,"   \
    "\"securityType\":null,\"settlType\":\"2\",\"instrumentPricePrecision\":2,"                    \
    "\"instrumentSizePrecision\":0,\"securityId\":null,\"securityIdSource\":null,"                 \
    "\"securityDescription\":\"MERV - XMEV - GD35 - 24hs\",\"tickPriceRanges\":{\"1\":"            \
    "{\"lowerLimit\":500,\"upperLimit\":null,\"tick\":10},\"0\":{\"lowerLimit\":0,"                \
    "\"upperLimit\":500,\"tick\":0.05}},\"strike\":null,\"underlying\":null,"                      \
    "\"cficode\":\"DBXXXX\",\"instrumentId\":{\"marketId\":\"ROFX\","                              \
    "\"symbol\":\"MERV - XMEV - GD35 - 24hs\"}}"

struct decoded {
    struct instrument_texts texts;
    struct instrument instrument;
};

static bool decode(struct json_parser *parser, const char *text, struct decoded *out)
{
    struct err why = {0};
    const struct json *item = json_parse(parser, text, strlen(text), &why);
    if (!item)
        fail_msg("%s: %s", t_row_name, why.text);
    return instrument_decode(item, &out->texts, &out->instrument);
}

static void every_field(void **state)
{
    struct decoded d;
    const struct instrument *i = &d.instrument;
    t_true(decode(*state, GD35, &d));
    t_str(i->symbol, "MERV - XMEV - GD35 - 24hs");
    t_str(i->market_id, "ROFX");
    t_str(i->segment, "MERV");
    t_str(i->cfi_code, "DBXXXX");
    t_str(i->currency, "ARS");
    t_str(i->maturity, "20350709");
    t_str(i->description, "MERV - XMEV - GD35 - 24hs");
    t_str(i->settl_type, "2");
    t_str(i->underlying, NULL);
    t_str(i->order_types, "LIMIT,MARKET_TO_LIMIT");
    t_str(i->times_in_force, NULL);
    t_double(i->low_limit, 0);
    t_double(i->high_limit, 9999999);
    t_double(i->price_tick, 10);
    t_double(i->size_step, 1);
    t_double(i->min_size, 1);
    t_double(i->max_size, 90000000);
    t_double(i->round_lot, 1);
    t_double(i->multiplier, 1);
    t_double(i->price_factor, 0.01);
    t_double(i->strike, NAN);
    t_int(i->price_digits, 2);
    t_int(i->size_digits, 0);
    t_int(i->ranges_count, 2);
    t_double(i->ranges[0].from, 0);
    t_double(i->ranges[0].to, 500);
    t_double(i->ranges[0].tick, 0.05);
    t_double(i->ranges[1].from, 500);
    t_double(i->ranges[1].to, NAN);
    t_double(i->ranges[1].tick, 10);
}

/* One member of an otherwise empty item, and the value it results in. */
static void unusual_values(void **state)
{
    static const struct {
        const char *name, *member, *what, *value;
    } rows[] = {
        /* clang-format off */
        {"maturity as a number",      "\"maturityDate\":20261130",          "maturity", "20261130"},
        {"maturity as a decimal",     "\"maturityDate\":20261130.0",        "maturity", "20261130"},
        {"maturity null",             "\"maturityDate\":null",              "maturity", "none"},
        {"maturity empty",            "\"maturityDate\":\"\"",              "maturity", "none"},
        {"maturity with dashes",      "\"maturityDate\":\"2026-11-30\"",    "maturity", "none"},
        {"no such day",               "\"maturityDate\":\"20261131\"",      "maturity", "none"},
        {"maturity 0",                "\"maturityDate\":0",                 "maturity", "none"},
        {"a huge maturity",           "\"maturityDate\":1e300",             "maturity", "none"},
        {"segment as a text",         "\"segment\":\"DDF\"",                "segment", "DDF"},
        {"segment null",              "\"segment\":null",                   "segment", "none"},
        {"a control character",       "\"currency\":\"A\\nS\"",             "currency", "none"},
        {"a number as a text",        "\"currency\":5",                     "currency", "none"},
        {"accents",                   "\"securityDescription\":\"D\xc3\xb3lar\"", "description", "D\xc3\xb3lar"},
        {"a tick in a string",        "\"minPriceIncrement\":\"0.5\"",      "tick", "0.5"},
        {"a tick of 0",               "\"minPriceIncrement\":0.0",          "tick", "none"},
        {"a tick below 0",            "\"minPriceIncrement\":-1",           "tick", "none"},
        {"a tick that is none",       "\"minPriceIncrement\":{}",           "tick", "none"},
        {"the quantity step is not the tick", "\"tickSize\":5",             "tick", "none"},
        {"a limit below 0",           "\"lowLimitPrice\":-12.5",            "low", "-12.5"},
        {"a multiplier below 0",      "\"contractMultiplier\":-1",          "multiplier", "none"},
        {"the correct spelling is not on the wire", "\"priceConversionFactor\":3", "factor", "none"},
        {"precision of half a digit", "\"instrumentPricePrecision\":1.5",   "digits", "-1"},
        {"a huge precision",          "\"instrumentPricePrecision\":400",   "digits", "-1"},
        {"precision 0",               "\"instrumentPricePrecision\":0",     "digits", "0"},
        {"order types with commas",   "\"orderTypes\":[\"A,B\",\"C\",null,7]", "orders", "C"},
        {"no order types",            "\"orderTypes\":[]",                  "orders", "none"},
        {"order types not a list",    "\"orderTypes\":\"LIMIT\"",           "orders", "none"},
        {"a tick range without tick", "\"tickPriceRanges\":{\"0\":{\"lowerLimit\":0}}", "ranges", "0"},
        {"a tick range without limit", "\"tickPriceRanges\":{\"0\":{\"tick\":1}}", "ranges", "1"},
        {"tick ranges as a list",     "\"tickPriceRanges\":[{\"tick\":1},{\"lowerLimit\":5,\"tick\":2}]", "ranges", "2"},
        {"tick ranges null",          "\"tickPriceRanges\":null",           "ranges", "0"},
        {"tick ranges of numbers",    "\"tickPriceRanges\":{\"0\":5}",      "ranges", "0"},
        /* clang-format on */
    };
    for (size_t r = 0; r < T_COUNT(rows); r++) {
        char text[512], number[NUM_TEXT];
        struct decoded d;
        const struct instrument *i = &d.instrument;
        t_row(rows[r].name);
        snprintf(text, sizeof(text), "{\"symbol\":\"A\",%s}", rows[r].member);
        t_true(decode(*state, text, &d));
        const struct {
            const char *what, *text;
            double number;
        } values[] = {
            {"maturity", i->maturity, NAN},    {"segment", i->segment, NAN},
            {"currency", i->currency, NAN},    {"description", i->description, NAN},
            {"orders", i->order_types, NAN},   {"tick", NULL, i->price_tick},
            {"low", NULL, i->low_limit},       {"multiplier", NULL, i->multiplier},
            {"factor", NULL, i->price_factor}, {"digits", NULL, i->price_digits},
            {"ranges", NULL, i->ranges_count},
        };
        for (size_t v = 0; v < T_COUNT(values); v++) {
            if (strcmp(values[v].what, rows[r].what) != 0)
                continue;
            const char *shown = values[v].text            ? values[v].text
                                : isnan(values[v].number) ? "none"
                                                          : num_text(number, values[v].number);
            t_str(shown, rows[r].value);
        }
    }
}

static void identities(void **state)
{
    static const struct {
        const char *name, *text, *symbol;
    } rows[] = {
        {"flat", "{\"marketId\":\"ROFX\",\"symbol\":\"A\"}", "A"},
        {"without a market", "{\"symbol\":\"A\"}", "A"},
        {"nested", "{\"symbol\":null,\"instrumentId\":{\"symbol\":\"A\"}}", "A"},
        {"null", "{\"symbol\":null}", NULL},
        {"null in the nested one", "{\"symbol\":\"A\",\"instrumentId\":{\"symbol\":null}}", NULL},
        {"not an object", "7", NULL},
        {"a market that is none", "{\"marketId\":7,\"symbol\":\"A\"}", NULL},
    };
    for (size_t r = 0; r < T_COUNT(rows); r++) {
        struct decoded d;
        t_row(rows[r].name);
        t_int(decode(*state, rows[r].text, &d), rows[r].symbol != NULL);
        if (rows[r].symbol)
            t_str(d.instrument.symbol, rows[r].symbol);
    }
}

static void more_ranges_than_fit(void **state)
{
    char text[4096];
    struct decoded d;
    int len = snprintf(text, sizeof(text), "{\"symbol\":\"A\",\"tickPriceRanges\":{");
    for (int i = 0; i < 40; i++)
        len += snprintf(text + len, sizeof(text) - (size_t)len,
                        "%s\"%d\":{\"lowerLimit\":%d,\"tick\":1}", i ? "," : "", i, 100 - i);
    snprintf(text + len, sizeof(text) - (size_t)len, "}}");
    t_true(decode(*state, text, &d));
    t_int(d.instrument.ranges_count, INSTRUMENT_RANGES_MAX);
    for (int i = 1; i < INSTRUMENT_RANGES_MAX; i++)
        t_true(d.texts.ranges[i - 1].from < d.texts.ranges[i].from);
}

static void one_instrument(void **state)
{
    static const struct {
        const char *name;
        int status;
        const char *body;
        enum reply_class class;
        const char *words;
    } rows[] = {
        /* clang-format off */
        {"today's form", 200, "{\"status\":\"OK\",\"instrument\":" GD35 "}", REPLY_OK, ""},
        {"older: an object", 200, "{\"status\":\"OK\",\"instruments\":" GD35 "}", REPLY_OK, ""},
        {"older: a list", 200, "{\"status\":\"OK\",\"instruments\":[" GD35 "]}", REPLY_OK, ""},
        {"missing", 200, "{\"status\":\"OK\"}", REPLY_MALFORMED, "instrument is missing"},
        {"null", 200, "{\"status\":\"OK\",\"instrument\":null}", REPLY_MALFORMED, "instrument is missing"},
        {"an empty list", 200, "{\"status\":\"OK\",\"instruments\":[]}", REPLY_MALFORMED, "instrument is missing"},
        {"without a symbol", 200, "{\"status\":\"OK\",\"instrument\":{}}", REPLY_MALFORMED, "without a valid symbol"},
        {"not there", 200, "{\"status\":\"ERROR\",\"description\":\"Security A:ROFX doesn't exist\"}",
         REPLY_UNKNOWN_SYMBOL, "doesn't exist"},
        {"not JSON", 200, "{\"status\":", REPLY_MALFORMED, "not JSON"},
        {"unauthorized", 401, "{\"status\":\"ERROR\",\"message\":\"Unauthorized\"}", REPLY_AUTH, ""},
        /* clang-format on */
    };
    for (size_t r = 0; r < T_COUNT(rows); r++) {
        const struct reply reply = {rows[r].status, "application/json", "", rows[r].body,
                                    strlen(rows[r].body)};
        struct decoded d = {.instrument = instrument_unknown};
        struct err why = {0};
        t_row(rows[r].name);
        t_str(reply_class_name(
                  instrument_decode_detail(*state, &reply, &d.texts, &d.instrument, &why)),
              reply_class_name(rows[r].class));
        t_contains(why.text, rows[r].words);
        t_int(d.instrument.symbol != NULL, rows[r].class == REPLY_OK);
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
        cmocka_unit_test(every_field),    cmocka_unit_test(unusual_values),
        cmocka_unit_test(identities),     cmocka_unit_test(more_ranges_than_fit),
        cmocka_unit_test(one_instrument),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
