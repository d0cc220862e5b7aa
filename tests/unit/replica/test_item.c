/* What sink/message makes of a row, trade or event becomes the same again; anything else is an
 * error that says why. */
#include "replica/item.h"

#include "base/clock.h"
#include "base/rng.h"
#include "sink/message.h"
#include "support/t.h"

#include <errno.h>

#define T0 INT64_C(1795446000123456789)

static const struct sink_author author = {.recorder = "a1b2", .prefix = "md"};

/* --- a message as it arrives ------------------------------------------------------------------ */

static const char *header(const void *arg, const char *name)
{
    const struct nats_outgoing *message = arg;
    for (size_t i = 0; i < message->headers_count; i++) {
        if (strcmp(message->headers[i].name, name) == 0)
            return message->headers[i].value;
    }
    return NULL;
}

static int decode(struct json_parser *parser, const struct nats_outgoing *sent,
                  struct replica_item *out, struct err *err)
{
    const struct replica_message message = {sent->subject, sent->data, sent->len_bytes, header,
                                            sent};
    return replica_item_decode(parser, "md", &message, out, err);
}

static void arrives(const struct sink_message *made, struct replica_item *out)
{
    struct json_parser *parser = json_parser_create();
    struct nats_outgoing sent;
    struct err err = {0};
    t_int(sink_message_ready(made, &sent), 0);
    if (decode(parser, &sent, out, &err))
        fail_msg("%s: %s in %s", t_row_name, err.text, sent.data);
    json_parser_destroy(parser);
}

/* --- changes ---------------------------------------------------------------------------------- */

static double some_price(struct rng *rng)
{
    static const double odd[] = {0, -1.5, 1e-9, 123456789.123456, 0.1, 1e15, 1050.25, NAN};
    return odd[rng_below(rng, T_COUNT(odd))];
}

static struct side some_side(struct rng *rng)
{
    struct side side = {.count = (int)rng_below(rng, QUOTE_DEPTH_MAX + 1)};
    for (int i = 0; i < side.count; i++) {
        double price = some_price(rng), size = some_price(rng);
        side.level[i] = (struct level){isnan(price) ? 7 : price, size};
    }
    return side;
}

static int32_t some_day(struct rng *rng)
{
    return rng_below(rng, 2) ? DAY_NONE : (int32_t)rng_below(rng, 30000) + 1;
}

static int64_t some_time(struct rng *rng)
{
    return rng_below(rng, 2)
               ? 0
               : T0 / NS_PER_MS * NS_PER_MS - (int64_t)rng_below(rng, 1000) * NS_PER_S;
}

/* Any that a database may have: a day without a price, levels out of order, prices of zero. */
static struct quote some_quote(struct rng *rng)
{
    struct quote q = {
        .bids = some_side(rng),
        .offers = some_side(rng),
        .last_price = some_price(rng),
        .last_size = some_price(rng),
        .ts_last = some_time(rng),
        .open_price = some_price(rng),
        .high_price = some_price(rng),
        .low_price = some_price(rng),
        .close_price = some_price(rng),
        .close_day = some_day(rng),
        .settlement_price = some_price(rng),
        .settlement_day = some_day(rng),
        .open_interest = some_price(rng),
        .trade_volume = some_price(rng),
        .nominal_volume = some_price(rng),
        .effective_volume = some_price(rng),
        .index_value = some_price(rng),
        .auction_price = some_price(rng),
        .ts_event = some_time(rng),
    };
    if (isnan(q.last_price)) { /* a time or a size without a price is no trade */
        q.last_size = NAN;
        q.ts_last = 0;
    }
    if (isnan(q.settlement_price))
        q.settlement_day = DAY_NONE;
    return q;
}

static void check_side(const struct side *a, const struct side *b)
{
    t_int(a->count, b->count);
    for (int i = 0; i < b->count; i++) {
        t_double(a->level[i].price, b->level[i].price);
        t_double(a->level[i].size, b->level[i].size);
    }
}

static void check_quote(const struct quote *a, const struct quote *b)
{
    check_side(&a->bids, &b->bids);
    check_side(&a->offers, &b->offers);
    t_double(a->last_price, b->last_price);
    t_double(a->last_size, b->last_size);
    t_int(a->ts_last, b->ts_last);
    t_double(a->open_price, b->open_price);
    t_double(a->high_price, b->high_price);
    t_double(a->low_price, b->low_price);
    t_double(a->close_price, b->close_price);
    t_int(a->close_day, b->close_day);
    t_double(a->settlement_price, b->settlement_price);
    t_int(a->settlement_day, b->settlement_day);
    t_double(a->open_interest, b->open_interest);
    t_double(a->trade_volume, b->trade_volume);
    t_double(a->nominal_volume, b->nominal_volume);
    t_double(a->effective_volume, b->effective_volume);
    t_double(a->index_value, b->index_value);
    t_double(a->auction_price, b->auction_price);
    t_int(a->ts_event, b->ts_event);
}

static void any_change_is_the_same_again(void **state)
{
    (void)state;
    struct rng rng = {.state = 7};
    struct sink_message message;
    static struct replica_item item;
    sink_message_init(&message);
    for (int i = 1; i <= 5000; i++) {
        char name[32];
        struct outbox_change change = {.name = {"ROFX", i % 2 ? "DLR/DIC26" : "a\"\\b ñ", "DDF"}};
        change.row = (struct store_snapshot){.source = (enum source)(1 + i % 3),
                                             .seq = i,
                                             .ts_recv = T0 + i,
                                             .changed = (uint32_t)rng_below(&rng, ENTRY_ALL + 1),
                                             .quote = some_quote(&rng)};
        const struct sink_position position = {.seq = i, .ts_recv = T0 + i};
        snprintf(name, sizeof(name), "number %d", i);
        t_row(name);
        sink_message_quote(&message, &author, &position, &change);
        arrives(&message, &item);
        t_int(item.kind, REPLICA_CHANGE);
        t_str(item.recorder, "a1b2");
        t_str(item.market_id, "ROFX");
        t_str(item.symbol, change.name.symbol);
        t_int(item.number, i);
        t_int(item.quote.seq, i);
        t_int(item.quote.ts_recv, T0 + i);
        t_int(item.quote.source, change.row.source);
        t_int(item.changed, change.row.changed);
        check_quote(&item.quote.quote, &change.row.quote);
    }
    sink_message_finish(&message);
}

/* --- trades and events ------------------------------------------------------------------------ */

static void trades_are_the_same_again(void **state)
{
    (void)state;
    struct sink_message message;
    static struct replica_item item;
    const struct sink_position position = {17, T0, true, 4, 23, 0};
    const struct outbox_change change = {.name = {"ROFX", "GGAL", NULL}, .row = {.seq = 17}};
    struct outbox_trade listed = {.name = {"ROFX", "GGAL", "MERV"},
                                  .listed = 23,
                                  .trade = {T0 / 1000000 * 1000000, 0.1, NAN, TRADE_FROM_HISTORY}};
    const struct trade shown = {T0 / 1000000 * 1000000, 1051, 3, TRADE_FROM_MATRIZ};
    sink_message_init(&message);
    sink_message_trade(&message, &author, &position, &change, &shown);
    arrives(&message, &item);
    t_int(item.kind, REPLICA_SHOWN);
    t_int(item.number, 17);
    t_str(item.symbol, "GGAL");
    t_int(item.trade.ts_event, shown.ts_event);
    t_double(item.trade.price, 1051);
    t_double(item.trade.size, 3);
    t_int(item.trade.origin, TRADE_FROM_MATRIZ);
    sink_message_listed(&message, &author, &position, &listed);
    arrives(&message, &item);
    t_int(item.kind, REPLICA_LISTED);
    t_int(item.number, 23);
    t_int(item.corrects, 0);
    t_double(item.trade.size, NAN);
    t_int(item.trade.origin, TRADE_FROM_HISTORY);
    listed.corrects = 5;
    listed.trade.origin = TRADE_FROM_REST;
    sink_message_listed(&message, &author, &position, &listed);
    arrives(&message, &item);
    t_int(item.kind, REPLICA_LISTED);
    t_int(item.corrects, 5);
    t_int(item.trade.origin, TRADE_FROM_REST);
    sink_message_finish(&message);
}

static void events_are_the_same_again(void **state)
{
    (void)state;
    struct sink_message message;
    static struct replica_item item;
    const struct sink_position position = {17, T0, true, 4, 2, 0};
    struct outbox_event event = {4, T0, "stream_closed", "DLR/DIC26", "a \"detail\"\nñ"};
    sink_message_init(&message);
    sink_message_event(&message, &author, &position, &event);
    arrives(&message, &item);
    t_int(item.kind, REPLICA_EVENT);
    t_int(item.number, 4);
    t_int(item.ts, T0);
    t_str(item.event, "stream_closed");
    t_str(item.symbol, "DLR/DIC26");
    t_contains(item.detail, "a \"detail\"");
    event.symbol = NULL;
    sink_message_event(&message, &author, &position, &event);
    arrives(&message, &item);
    t_str(item.symbol, "");
    sink_message_finish(&message);
}

/* --- instruments ------------------------------------------------------------------------------ */

static const struct tick_range ticks[] = {{0, 500, 0.05}, {500, NAN, 10}};

static struct instrument option(void)
{
    struct instrument i = instrument_unknown;
    i.market_id = "ROFX";
    i.symbol = "GFGC\"5000";
    i.segment = "MERV";
    i.cfi_code = "OCASPS";
    i.currency = "ARS";
    i.maturity = "20261218";
    i.settl_type = "2";
    i.underlying = "GGAL";
    i.order_types = "LIMIT,MARKET_TO_LIMIT";
    i.times_in_force = "DAY";
    i.low_limit = -12.5;
    i.high_limit = 9999999;
    i.price_tick = 0.1;
    i.size_step = 1;
    i.round_lot = 100;
    i.max_size = 9e15;
    i.multiplier = 1000;
    i.price_factor = 0.01;
    i.strike = 1234.5678901234567;
    i.price_digits = 2;
    i.ranges = ticks;
    i.ranges_count = 2;
    i.ts_listed = T0;
    return i;
}

static void an_instrument_is_the_same_again(void **state)
{
    (void)state;
    const struct sink_position position = {17, T0, true, 4, 2, 400};
    const struct instrument was = option();
    struct sink_message message;
    struct nats_outgoing sent;
    struct err err = {0};
    static struct replica_item item;
    const struct instrument *i = &item.instrument;
    struct json_parser *parser = json_parser_create();
    sink_message_init(&message);
    sink_message_instrument(&message, &author, &position, &was);
    t_int(sink_message_ready(&message, &sent), 0);
    t_int(decode(parser, &sent, &item, &err), 0);
    t_int(item.kind, REPLICA_INSTRUMENT);
    t_int(item.number, 400);
    t_str(item.recorder, "a1b2");
    t_str(item.symbol, was.symbol);
    const char *const texts[][2] = {
        {i->market_id, was.market_id},
        {i->symbol, was.symbol},
        {i->segment, was.segment},
        {i->cfi_code, was.cfi_code},
        {i->currency, was.currency},
        {i->maturity, was.maturity},
        {i->description, NULL},
        {i->settl_type, was.settl_type},
        {i->underlying, was.underlying},
        {i->order_types, was.order_types},
        {i->times_in_force, was.times_in_force},
    };
    for (size_t k = 0; k < T_COUNT(texts); k++)
        t_str(texts[k][0], texts[k][1]);
    const double numbers[][2] = {
        {i->low_limit, was.low_limit},
        {i->high_limit, was.high_limit},
        {i->price_tick, was.price_tick},
        {i->size_step, was.size_step},
        {i->round_lot, was.round_lot},
        {i->min_size, NAN},
        {i->max_size, was.max_size},
        {i->multiplier, was.multiplier},
        {i->strike, was.strike},
        {i->price_factor, was.price_factor},
        {i->price_digits, 2},
        {i->size_digits, -1},
        {i->ranges_count, 2},
        {i->ranges[0].tick, 0.05},
        {i->ranges[1].from, 500},
        {i->ranges[1].to, NAN},
    };
    for (size_t k = 0; k < T_COUNT(numbers); k++)
        t_double(numbers[k][0], numbers[k][1]);
    t_int(i->ts_listed, T0);
    t_true(!i->listed);
    sink_message_finish(&message);
    json_parser_destroy(parser);
}

/* --- errors ----------------------------------------------------------------------------------- */

#define RECORDER "Cinta-Recorder", "a1b2"
#define QUOTE                                                                                      \
    RECORDER, "Cinta-Seq", "17", "Cinta-Source", "rest", "Cinta-Changed", "BI", "Cinta-Ts-Recv", "9"
#define BODY(data)                                                                                 \
    "{\"type\":\"Md\",\"instrumentId\":{\"marketId\":\"ROFX\",\"symbol\":\"X\"},"                  \
    "\"marketData\":" data "}"

#define TERMS                                                                                      \
    "{\"type\":\"Instrument\",\"instrument\":{\"instrumentId\":{\"marketId\":\"ROFX\","            \
    "\"symbol\":\"X\"}}}"

static void others_are_errors(void **state)
{
    (void)state;
    static const struct {
        const char *name, *data, *why;
        const char *headers[16];
    } rows[] = {
        {"not JSON", "{", "JSON", {RECORDER}},
        {"no recorder", "{}", "Cinta-Recorder is missing", {NULL}},
        {"a recorder with a long name",
         "{}",
         "Cinta-Recorder",
         {"Cinta-Recorder", "0123456789012345678901234567890123"}},
        {"no type", "{}", "type is none of", {RECORDER}},
        {"another type", "{\"type\":\"Else\"}", "type is none of", {RECORDER}},
        {"no instrument", "{\"type\":\"Md\"}", "instrumentId.marketId is missing", {QUOTE}},
        {"no data", BODY("null"), "marketData is not an object", {QUOTE}},
        {"a book that is no list", BODY("{\"BI\":7}"), "BI is not a list", {QUOTE}},
        {"a level without a price", BODY("{\"OF\":[{\"size\":1}]}"), "OF has a level", {QUOTE}},
        {"a price in quotes", BODY("{\"OP\":\"7\"}"), "OP is not a number", {QUOTE}},
        {"a time with a fraction",
         BODY("{\"LA\":{\"price\":1,\"date\":1.5}}"),
         "LA is not a time",
         {QUOTE}},
        {"no seq",
         BODY("{}"),
         "Cinta-Seq is missing",
         {RECORDER, "Cinta-Source", "rest", "Cinta-Changed", "BI"}},
        {"a seq of 0",
         BODY("{}"),
         "Cinta-Seq is not a number above 0",
         {RECORDER, "Cinta-Source", "rest", "Cinta-Changed", "BI", "Cinta-Seq", "0"}},
        {"an unknown entry",
         BODY("{}"),
         "Cinta-Changed has an entry",
         {RECORDER, "Cinta-Changed", "BI,XX"}},
        {"an unknown source",
         BODY("{}"),
         "Cinta-Source is not known",
         {RECORDER, "Cinta-Changed", "", "Cinta-Source", "mail"}},
        {"a close day that is none",
         BODY("{}"),
         "Cinta-Close-Day is not a day",
         {QUOTE, "Cinta-Close-Day", "x"}},
        {"an event without a detail",
         "{\"type\":\"Event\",\"kind\":\"x\"}",
         "detail is missing",
         {RECORDER}},
        {"a kind that is none",
         "{\"type\":\"Event\",\"kind\":\"X y\",\"detail\":\"\"}",
         "kind",
         {RECORDER}},
        {"an instrument without a symbol",
         "{\"type\":\"Instrument\",\"instrument\":{}}",
         "instrument is missing",
         {RECORDER}},
        {"an instrument that is perhaps listed",
         TERMS,
         "Cinta-Listed is missing",
         {RECORDER, "Cinta-Listed", "2"}},
        {"an instrument without a time",
         TERMS,
         "Cinta-Ts-Listed is missing",
         {RECORDER, "Cinta-Listed", "1", "Cinta-Position", "1.0.2.3.4.5"}},
        {"an instrument without a revision",
         TERMS,
         "Cinta-Position is that of no instrument",
         {RECORDER, "Cinta-Listed", "1", "Cinta-Position", "1.0.2.3.4", "Cinta-Ts-Listed", "9"}},
        {"an event without a position",
         "{\"type\":\"Event\",\"kind\":\"x\",\"detail\":\"\"}",
         "Cinta-Position is missing",
         {RECORDER}},
    };
    struct json_parser *parser = json_parser_create();
    static struct replica_item item;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct nats_header headers[8];
        struct nats_outgoing sent = {.subject = "md.x",
                                     .headers = headers,
                                     .data = rows[i].data,
                                     .len_bytes = strlen(rows[i].data)};
        struct err err = {0};
        for (size_t k = 0; k < 16 && rows[i].headers[k]; k += 2)
            headers[sent.headers_count++] =
                (struct nats_header){rows[i].headers[k], rows[i].headers[k + 1]};
        t_row(rows[i].name);
        t_int(decode(parser, &sent, &item, &err), -EBADMSG);
        t_contains(err.text, rows[i].why);
    }
    json_parser_destroy(parser);
}

static void other_subjects_are_not_read(void **state)
{
    (void)state;
    struct json_parser *parser = json_parser_create();
    static struct replica_item item;
    struct err err = {0};
    static const char *const subjects[] = {"orders.new", "mdx.y", "md", ""};
    for (size_t i = 0; i < T_COUNT(subjects); i++) {
        const struct nats_outgoing sent = {
            .subject = subjects[i], .data = "no json", .len_bytes = 7};
        t_row(subjects[i]);
        t_int(decode(parser, &sent, &item, &err), 0);
        t_int(item.kind, REPLICA_OTHER);
    }
    json_parser_destroy(parser);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_change_is_the_same_again),
        cmocka_unit_test(trades_are_the_same_again),
        cmocka_unit_test(events_are_the_same_again),
        cmocka_unit_test(others_are_errors),
        cmocka_unit_test(an_instrument_is_the_same_again),
        cmocka_unit_test(other_subjects_are_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
