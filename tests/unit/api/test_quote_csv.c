#include "api/quote_csv.h"

#include "base/json.h"
#include "support/t.h"

#define SEEN INT64_C(1795446000123000000) /* 2026-11-23T15:00:00.123Z */

/* --- a source of a market --------------------------------------------------------------------- */

struct bench {
    struct loop *loop;
    struct market *market;
    struct market_source source;
    struct quote_list *list;
};

static bool offered(void *self, int32_t index)
{
    return strcmp(market_symbol(self, index), "DLR/OLD") != 0;
}

static void origin(void *self, int32_t index, struct source_origin *out)
{
    (void)self;
    (void)index;
    *out = (struct source_origin){.source = "rest", .age_ms = 1500};
}

/* Of DLR/ENE27 the broker's reference data are known. */
static const struct instrument *instrument(void *self, int32_t index)
{
    static struct instrument known;
    known = instrument_unknown;
    if (strcmp(market_symbol(self, index), "DLR/ENE27") == 0)
        known.price_digits = 3;
    return &known;
}

static void add(struct bench *b, const char *symbol, double bid)
{
    struct quote_update update = {.entries = ENTRY_BIT(ENTRY_BI) | ENTRY_BIT(ENTRY_LA),
                                  .quote = quote_none()};
    const struct market_stamp stamp = {SOURCE_STREAM, SEEN, 1, 1};
    int32_t index = market_add(b->market, "ROFX", symbol);
    if (isnan(bid))
        return;
    update.quote.bids = (struct side){2, {{bid, 10}, {bid - 0.5, NAN}}};
    update.quote.last_price = bid;
    update.quote.ts_last = SEEN;
    market_apply(b->market, index, &update, &stamp);
}

static struct bench begin(void)
{
    struct bench b = {.loop = loop_create(), .market = market_create(0)};
    add(&b, "=SUM(A1)", 7);
    add(&b, "DLR/ENE27", 1600.25);
    add(&b, "DLR/DIC26", 1580);
    add(&b, "DLR/FEB27", NAN);
    add(&b, "DLR/OLD", 1);
    return b;
}

/* The source refers to the market, the list to the source: made where they stay. */
static void complete(struct bench *b)
{
    b->source = (struct market_source){
        .self = b->market, .offered = offered, .instrument = instrument, .origin = origin};
    const struct quote_list_parts parts = {b->loop, b->market, &b->source};
    b->list = quote_list_create(&parts);
}

static void end(struct bench *b)
{
    quote_list_destroy(b->list);
    market_destroy(b->market);
    loop_destroy(b->loop);
}

/* The header, and the rows of all instruments that have a quote. */
static const char *table(struct bench *b, const char *locale)
{
    static struct buf out;
    const struct csv_form *form = quote_csv_form(locale);
    buf_finish(&out);
    buf_init(&out, 100000);
    quote_csv_put_header(&out, form);
    quote_list_renew(b->list);
    for (int32_t place = 0; place < quote_list_count(b->list); place++) {
        if (quote_list_known(b->list, quote_list_at(b->list, place)))
            quote_csv_put_row(&out, form, b->list, quote_list_at(b->list, place));
    }
    return buf_text(&out);
}

/* --- tests ------------------------------------------------------------------------------------ */

static void check_line(const char *text, int number, const char *start)
{
    const char *line = text;
    for (int i = 0; i < number; i++)
        line = strstr(line, "\r\n") + 2;
    if (strncmp(line, start, strlen(start)) != 0)
        fail_msg("%s: line %d is %.120s, expected %s", t_row_name, number, line, start);
}

static void present_quotes_in_the_order_of_symbols(void **state)
{
    struct bench b = begin();
    (void)state;
    complete(&b);
    const char *text = table(&b, "");
    check_line(text, 0, "market,symbol,source,seen_time,recv_time,event_time,ts_seen,ts_recv");
    check_line(text, 1, "ROFX,=SUM(A1),stream,");
    check_line(text, 2, "ROFX,DLR/DIC26,stream,");
    check_line(text, 3, "ROFX,DLR/ENE27,stream,");
    check_line(text, 4, "");
    t_true(strstr(text, ",1600.250,10.0,,,1600.250,,")); /* its decimals are known */
    t_true(strstr(text, ",1580.0,10.0,,,1580.0,,"));
    t_true(strstr(text, "\"[[1600.25,10],[1599.75,null]]\""));

    text = table(&b, "es-ar");
    check_line(text, 0, "\xEF\xBB\xBFmarket;symbol;source;seen_time;recv_time;event_time;seq;");
    check_line(text, 1, "ROFX;'=SUM(A1);stream;");
    t_true(strstr(text, ";1600,250;10;;;1600,250;;23/11/2026 12:00:00;"));
    t_true(!quote_csv_form("de-DE"));
    end(&b);
}

static void the_order_is_made_again_when_it_may_be_another_one(void **state)
{
    struct bench b = begin();
    (void)state;
    complete(&b);
    int64_t number = quote_list_renew(b.list);
    t_int(quote_list_count(b.list), 4); /* without DLR/OLD; DLR/FEB27 has a place but no quote */
    t_int(quote_list_renew(b.list), number);
    add(&b, "DLR/NOV26", 1);
    t_int(quote_list_renew(b.list), number + 1);
    t_str(market_symbol(b.market, quote_list_at(b.list, 1)), "DLR/NOV26");
    t_int(quote_list_place(b.list, 5), 1);
    t_int(quote_list_place(b.list, 4), -1);
    t_int(quote_list_place(b.list, 99), -1);
    quote_list_stale(b.list);
    t_int(quote_list_renew(b.list), number + 2);
    end(&b);
}

static void a_quote_as_json_has_no_value_twice(void **state)
{
    struct bench b = begin();
    struct json_parser *parser = json_parser_create();
    struct buf out;
    double number;
    (void)state;
    complete(&b);
    quote_list_renew(b.list);
    buf_init(&out, 10000);
    quote_list_put_json(b.list, 1, &out);
    const struct json *quote = json_parse(parser, buf_text(&out), out.len_bytes, NULL);
    t_true(quote);
    int members = 0;
    for (const struct json *m = json_first(quote); m; m = json_next(m)) {
        members++;
        for (const struct json *other = json_next(m); other; other = json_next(other))
            t_true(strcmp(json_key(m), json_key(other)) != 0);
    }
    t_int(members, QUOTE_ROW_COLUMNS + 4);
    t_true(json_number(json_get(quote, "order"), &number) && number == 2);
    t_true(json_number(json_get(quote, "ageMs"), &number) && number == 1500);
    t_true(json_number(json_get(quote, "last_price"), &number) && number == 1600.25);
    t_int(json_type(json_get(quote, "bids")), JSON_ARRAY);
    t_int(json_type(json_get(quote, "offers")), JSON_NULL);
    t_true(json_number(json_get(quote, "decimals"), &number) && number == 3);
    buf_clear(&out);
    quote_list_put_json(b.list, 2, &out);
    quote = json_parse(parser, buf_text(&out), out.len_bytes, NULL);
    t_int(json_type(json_get(quote, "decimals")), JSON_NULL);
    buf_finish(&out);
    json_parser_destroy(parser);
    end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(present_quotes_in_the_order_of_symbols),
        cmocka_unit_test(the_order_is_made_again_when_it_may_be_another_one),
        cmocka_unit_test(a_quote_as_json_has_no_value_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
