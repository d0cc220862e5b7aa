/* What instrument_decode reads of it is the same again; its form is that of the broker. */
#include "primary/instrument_encode.h"

#include "primary/instrument_decode.h"
#include "support/t.h"

#include <math.h>

static const struct tick_range ticks[] = {{0, 500, 0.05}, {500, NAN, 10}};

static void decoded_again(const struct instrument *was, const char *description)
{
    struct json_parser *parser = json_parser_create();
    struct instrument_texts texts;
    struct instrument i;
    struct buf out;
    buf_init(&out, 65536);
    instrument_encode(&out, was);
    t_true(instrument_decode(json_parse(parser, buf_text(&out), out.len_bytes, NULL), &texts, &i));
    t_str(i.symbol, was->symbol);
    t_str(i.segment, was->segment);
    t_str(i.maturity, was->maturity);
    t_str(i.description, description);
    t_str(i.order_types, was->order_types);
    t_double(i.price_tick, was->price_tick);
    t_double(i.low_limit, was->low_limit);
    t_int(i.price_digits, was->price_digits);
    t_int(i.ranges_count, was->ranges_count);
    for (int r = 0; r < i.ranges_count; r++) {
        t_double(i.ranges[r].from, was->ranges[r].from);
        t_double(i.ranges[r].to, was->ranges[r].to);
        t_double(i.ranges[r].tick, was->ranges[r].tick);
    }
    buf_finish(&out);
    json_parser_destroy(parser);
}

static void it_is_the_same_again(void **state)
{
    (void)state;
    struct instrument i = instrument_unknown;
    i.market_id = "ROFX";
    i.symbol = "a\"\\ \xc3\xb1";
    decoded_again(&i, i.symbol);
    i.description = "Bono";
    i.segment = "MERV";
    i.maturity = "20350709";
    i.order_types = "LIMIT,MARKET_TO_LIMIT";
    i.price_tick = 1234.5678901234567;
    i.low_limit = -12.5;
    i.price_digits = 2;
    i.ranges = ticks;
    i.ranges_count = 2;
    decoded_again(&i, "Bono");
}

static void an_id(void **state)
{
    (void)state;
    struct instrument i = instrument_unknown;
    struct buf out;
    i.market_id = "ROFX";
    i.symbol = "DLR/DIC26";
    buf_init(&out, 128);
    instrument_encode_id(&out, &i);
    t_str(buf_text(&out), "\"instrumentId\":{\"marketId\":\"ROFX\",\"symbol\":\"DLR/DIC26\"}");
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_same_again),
        cmocka_unit_test(an_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
