/* The messages: subject, id, headers and body of a change, a trade and an event. */
#include "sink/message.h"

#include "support/t.h"

#define T0 INT64_C(1795446000123456789)

static const struct sink_author author = {"a1b2", "md", 0}, again = {"a1b2", "md", 3};
static const struct sink_position position = {17, T0, false, 4, 2, 400};

static const char *header(const struct nats_outgoing *message, const char *name)
{
    for (size_t i = 0; i < message->headers_count; i++) {
        if (strcmp(message->headers[i].name, name) == 0)
            return message->headers[i].value;
    }
    return NULL;
}

static struct outbox_change change_of(const char *symbol)
{
    struct outbox_change change = {
        .name = {"ROFX", symbol, "DDF"},
        .instrument_id = 3,
        .row = {.source = SOURCE_STREAM,
                .seq = 17,
                .ts_recv = T0,
                .changed = ENTRY_BIT(ENTRY_BI) | ENTRY_BIT(ENTRY_LA),
                .quote = quote_none()},
    };
    struct quote *q = &change.row.quote;
    q->bids.count = 2;
    q->bids.level[0] = (struct level){1050.5, 10};
    q->bids.level[1] = (struct level){1050, NAN};
    q->last_price = 1051;
    q->last_size = 3;
    q->ts_last = T0 / 1000000 * 1000000;
    return change;
}

static void a_quote(void **state)
{
    (void)state;
    struct sink_message message;
    struct nats_outgoing out;
    struct outbox_change change = change_of("DLR/DIC26");
    sink_message_init(&message);
    sink_message_quote(&message, &author, &position, &change);
    t_int(sink_message_ready(&message, &out), 0);
    t_str(out.subject, "md.ROFX.DDF.DLR/DIC26");
    t_str(out.id, "a1b2:17");
    t_str(header(&out, "Cinta-Recorder"), "a1b2");
    t_str(header(&out, "Cinta-Position"), "17.0.4.2.1795446000123456789.400");
    t_str(header(&out, "Cinta-Seq"), "17");
    t_str(header(&out, "Cinta-Source"), "stream");
    t_str(header(&out, "Cinta-Changed"), "BI,LA");
    t_str(header(&out, "Cinta-Ts-Recv"), "1795446000123456789");
    t_str(header(&out, "Cinta-Ts-Event"), NULL);
    t_str(out.data,
          "{\"type\":\"Md\",\"timestamp\":1795446000123,\"instrumentId\":{\"marketId\":\"ROFX\","
          "\"symbol\":\"DLR/DIC26\"},\"marketData\":{\"BI\":[{\"price\":1050.5,\"size\":10},"
          "{\"price\":1050,\"size\":null}],\"OF\":null,\"LA\":{\"price\":1051,\"size\":3,"
          "\"date\":1795446000123},\"OP\":null,\"CL\":null,\"SE\":null,\"HI\":null,\"LO\":null,"
          "\"TV\":null,\"OI\":null,\"EV\":null,\"NV\":null,\"IV\":null,\"ACP\":null}}");
    change.row.quote.ts_event = INT64_C(1795446000100000000);
    sink_message_quote(&message, &author, &position, &change);
    t_int(sink_message_ready(&message, &out), 0);
    t_str(header(&out, "Cinta-Ts-Event"), "1795446000100000000");
    t_contains(out.data, "\"timestamp\":1795446000100,");
    sink_message_finish(&message);
}

static void trades(void **state)
{
    (void)state;
    struct sink_message message;
    struct nats_outgoing out;
    const struct outbox_change change = change_of("a\"b");
    const struct trade trade = {T0 / 1000000 * 1000000, 1051, 3, TRADE_FROM_STREAM};
    const struct outbox_trade listed = {
        {"ROFX", "X", NULL}, 9, 8, {INT64_C(1795446000000000000), 5, NAN, TRADE_FROM_HISTORY}};
    sink_message_init(&message);
    sink_message_trade(&message, &author, &position, &change, &trade);
    t_int(sink_message_ready(&message, &out), 0);
    t_str(out.subject, "md.trade.ROFX.DDF.a%22b");
    t_str(out.id, "a1b2:t17");
    sink_message_trade(&message, &again, &position, &change, &trade);
    t_int(sink_message_ready(&message, &out), 0);
    t_str(out.id, "a1b2:t17~3");
    t_str(header(&out, "Cinta-Seq"), "17");
    t_str(out.data,
          "{\"type\":\"Trade\",\"instrumentId\":{\"marketId\":\"ROFX\",\"symbol\":\"a\\\"b\"},"
          "\"trade\":{\"price\":1051,\"size\":3,\"date\":1795446000123}}");
    sink_message_listed(&message, &author, &position, &listed);
    t_int(sink_message_ready(&message, &out), 0);
    t_str(out.subject, "md.trade.ROFX._.X");
    t_str(out.id, "a1b2:l9");
    t_str(header(&out, "Cinta-Source"), "history");
    t_str(header(&out, "Cinta-Seq"), NULL);
    t_str(header(&out, "Cinta-Corrects"), "8");
    t_contains(out.data, "\"size\":null");
    sink_message_finish(&message);
}

static void an_event(void **state)
{
    (void)state;
    struct sink_message message;
    struct nats_outgoing out;
    const struct outbox_event event = {5, INT64_C(1795446000123000000), "page", NULL, "a\nb"};
    sink_message_init(&message);
    sink_message_event(&message, &author, &position, &event);
    t_int(sink_message_ready(&message, &out), 0);
    t_str(out.subject, "md.event.page");
    t_str(out.id, "a1b2:e5");
    t_str(out.data, "{\"type\":\"Event\",\"time\":\"2026-11-23T15:00:00.123Z\",\"kind\":\"page\","
                    "\"symbol\":null,\"detail\":\"a\\nb\"}");
    sink_message_finish(&message);
}

static void an_instrument(void **state)
{
    (void)state;
    struct sink_message message;
    struct nats_outgoing out;
    struct instrument future = instrument_unknown;
    future.market_id = "ROFX";
    future.symbol = "DLR/DIC26";
    future.segment = "DDF";
    future.price_tick = 0.5;
    future.ts_listed = T0;
    future.listed = true;
    sink_message_init(&message);
    sink_message_instrument(&message, &author, &position, &future);
    t_int(sink_message_ready(&message, &out), 0);
    t_str(out.subject, "md.instrument.ROFX.DDF.DLR/DIC26");
    t_str(out.id, "a1b2:i400");
    t_str(header(&out, "Cinta-Listed"), "1");
    t_str(header(&out, "Cinta-Ts-Listed"), "1795446000123456789");
    t_contains(out.data, "{\"type\":\"Instrument\",\"instrument\":{\"symbol\":null,");
    t_contains(out.data, "\"minPriceIncrement\":0.5,");
    t_contains(out.data, "\"securityDescription\":\"\",");
    sink_message_finish(&message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quote),
        cmocka_unit_test(trades),
        cmocka_unit_test(an_event),
        cmocka_unit_test(an_instrument),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
