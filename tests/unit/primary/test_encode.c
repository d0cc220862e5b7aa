#include "primary/encode.h"

#include "support/t.h"

#include "base/clock.h"
#include "base/rng.h"
#include "primary/decode.h"

#define CLOSE_DAY 20775
#define LAST_NS   INT64_C(1795096978117000000)

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

/* --- quotes ----------------------------------------------------------------------------------- */

static struct quote future(void)
{
    struct quote q = quote_none();
    q.bids = (struct side){2, {{1601.5, 12}, {1601, 200}}};
    q.offers = (struct side){2, {{1602.5, 35}, {1603, 410}}};
    q.last_price = 1602;
    q.last_size = 5;
    q.ts_last = LAST_NS;
    q.open_price = 1598;
    q.high_price = 1604.5;
    q.low_price = 1596.5;
    q.close_price = 1597.5;
    q.settlement_price = 1597;
    q.close_day = q.settlement_day = CLOSE_DAY;
    q.open_interest = 812345;
    q.trade_volume = 45120;
    return q;
}

static struct quote bond(void)
{
    struct quote q = quote_none();
    q.bids = (struct side){1, {{88120, 1500}}};
    q.offers = (struct side){1, {{88190, 20}}};
    q.last_price = 88150;
    q.last_size = 300;
    q.ts_last = INT64_C(1795096990000000000);
    q.close_price = 87900;
    q.settlement_price = 88150; /* without a day, as BYMA does */
    q.auction_price = 88000;
    q.effective_volume = 913245780.55;
    q.nominal_volume = 5200000000001;
    return q;
}

static struct quote with_bids(struct side bids)
{
    struct quote q = quote_none();
    q.bids = bids;
    return q;
}

static struct quote with_offers(struct side offers)
{
    struct quote q = quote_none();
    q.offers = offers;
    return q;
}

static struct quote trade_only(double price, double size, int64_t ts)
{
    struct quote q = quote_none();
    q.last_price = price;
    q.last_size = size;
    q.ts_last = ts;
    return q;
}

static struct quote index_at(double value, int64_t ts)
{
    struct quote q = quote_none();
    q.index_value = value;
    q.ts_event = ts;
    return q;
}

static struct quote volumes(double value)
{
    struct quote q = quote_none();
    q.trade_volume = q.nominal_volume = q.effective_volume = q.open_interest = value;
    return q;
}

/* --- round trip ------------------------------------------------------------------------------- */

static struct quote read_back(struct json_parser *parser, const struct buf *text, uint32_t asked)
{
    struct quote_update update = {0};
    struct unreadable unreadable;
    struct err why = {0};
    struct buf body;
    buf_init(&body, 70000);
    buf_printf(&body, "{\"status\":\"OK\",\"marketData\":%s}", buf_text(text));
    const struct reply reply = {200, "application/json", "", buf_text(&body), body.len_bytes};
    if (decode_market_data(parser, &reply, asked,
                           &(struct decode_out){&update, &unreadable, &why}) != REPLY_OK)
        fail_msg("%s: %s: %s", t_row_name, why.text, buf_text(text));
    buf_finish(&body);
    t_int(update.entries, asked);
    t_int(unreadable.entries, 0);
    return update.quote;
}

static struct quote round_trip(struct json_parser *parser, const struct quote *q, uint32_t asked,
                               int depth, enum encode_empty empty)
{
    struct buf text;
    buf_init(&text, 65536);
    encode_market_data(&text, q, asked, depth, empty);
    t_true(!buf_failed(&text));
    struct quote back = read_back(parser, &text, asked);
    buf_finish(&text);
    return back;
}

static void same_with_every_empty(struct json_parser *parser, const struct quote *q)
{
    for (int empty = EMPTY_NULL; empty <= EMPTY_ABSENT; empty++) {
        struct quote back =
            round_trip(parser, q, ENTRY_ALL, QUOTE_DEPTH_MAX, (enum encode_empty)empty);
        char names[ENTRY_LIST_TEXT];
        t_str(entry_list_text(names, quote_diff(&back, q, ENTRY_ALL)), "");
    }
}

static void decode_reads_the_same(void **state)
{
    const struct row {
        const char *name;
        struct quote quote;
    } rows[] = {
        /* clang-format off */
        {"no values",          quote_none()},
        {"a future",                future()},
        {"a bond",                  bond()},
        {"bids only",               with_bids((struct side){1, {{24.1, 7}}})},
        {"offers only",             with_offers((struct side){1, {{24.1, 7}}})},
        {"a size of zero",          with_bids((struct side){1, {{24.1, 0}}})},
        {"an unknown size", with_offers((struct side){2, {{24.1, NAN}, {24.2, 8}}})},
        {"cents in sizes",          with_bids((struct side){2, {{27.4, 15400320.75}, {27.35, 0.01}}})},
        {"one price twice",         with_bids((struct side){2, {{27.4, 5}, {27.4, 6}}})},
        {"ten levels",              with_offers((struct side){10, {{1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1},
                                                                   {6, 1}, {7, 1}, {8, 1}, {9, 1}, {10, 1}}})},
        {"a price of zero",         with_bids((struct side){1, {{0, 1}}})},
        {"a price below zero",      with_offers((struct side){2, {{-37.63, 1}, {-1e-9, 2}}})},
        {"a trade without a size",  trade_only(1602, NAN, LAST_NS)},
        {"a trade without a time",  trade_only(1602, 5, 0)},
        {"a trade of size zero",    trade_only(1602, 0, LAST_NS)},
        {"a trade at zero",         trade_only(0, 1, LAST_NS)},
        {"an index",                index_at(3120455.12, LAST_NS)},
        {"an index without a time", index_at(80250.4, 0)},
        {"real zeros",              volumes(0)},
        {"beyond 32 bits",          volumes(5200000000000)},
        {"2^53",                    volumes(9007199254740992.0)},
        {"needs 17 digits",         volumes(0.1 + 0.2)},
        {"the smallest",            volumes(5e-324)},
        {"the largest",             volumes(1.7976931348623157e308)},
        /* clang-format on */
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        same_with_every_empty(*state, &rows[i].quote);
    }
}

/* --- seeded quotes ---------------------------------------------------------------------------- */

static double some_number(struct rng *rng)
{
    double x = rng_unit(rng);
    switch (rng_below(rng, 6)) {
    case 0:
        return (double)rng_below(rng, 100000);
    case 1:
        return (double)(int64_t)(x * 1e9) / 100;
    case 2:
        return x * 1e15;
    case 3:
        return x * 1e-7;
    case 4:
        return (double)rng_below(rng, INT64_C(1) << 53);
    default:
        return x * 1e300;
    }
}

static double perhaps(struct rng *rng)
{
    return rng_below(rng, 3) ? some_number(rng) + 1e-9 : NAN; /* SE and ACP: zero is "none" */
}

static struct side some_side(struct rng *rng, int direction)
{
    struct side side = {.count = (int)rng_below(rng, QUOTE_DEPTH_MAX + 1)};
    double price = some_number(rng);
    for (int i = 0; i < side.count; i++) {
        side.level[i].price = price;
        side.level[i].size = rng_below(rng, 8) ? some_number(rng) : NAN;
        double next = price + direction * (1e-3 + rng_unit(rng) * fabs(price));
        price = next == price ? direction * 1e305 * (i + 1) : next; /* never the same level twice */
    }
    return side;
}

static int32_t some_day(struct rng *rng, double price)
{
    return isnan(price) || rng_below(rng, 4) == 0 ? DAY_NONE
                                                  : 7305 + (int32_t)rng_below(rng, 40000);
}

static int64_t some_time(struct rng *rng, double price)
{
    return isnan(price) || rng_below(rng, 4) == 0
               ? 0
               : (INT64_C(631152000000) + rng_below(rng, INT64_C(3400000000000))) * NS_PER_MS;
}

static struct quote some_quote(struct rng *rng)
{
    struct quote q = {
        .bids = some_side(rng, -1),
        .offers = some_side(rng, 1),
        .last_price = perhaps(rng),
        .last_size = NAN,
        .open_price = perhaps(rng),
        .high_price = perhaps(rng),
        .low_price = perhaps(rng),
        .close_price = perhaps(rng),
        .settlement_price = perhaps(rng),
        .open_interest = perhaps(rng),
        .trade_volume = perhaps(rng),
        .nominal_volume = perhaps(rng),
        .effective_volume = perhaps(rng),
        .index_value = perhaps(rng),
        .auction_price = perhaps(rng),
    };
    if (!isnan(q.last_price))
        q.last_size = perhaps(rng);
    q.ts_last = some_time(rng, q.last_price);
    q.ts_event = some_time(rng, q.index_value);
    q.close_day = some_day(rng, q.close_price);
    q.settlement_day = some_day(rng, q.settlement_price);
    return q;
}

static void decode_reads_random_quotes_the_same(void **state)
{
    struct rng rng = {2026};
    for (int n = 0; n < 2000; n++) {
        static char name[32];
        snprintf(name, sizeof(name), "quote %d", n);
        t_row(name);
        struct quote q = some_quote(&rng);
        same_with_every_empty(*state, &q);
    }
}

static void random_entries_and_depth(void **state)
{
    struct rng rng = {7};
    for (int n = 0; n < 2000; n++) {
        static char name[32];
        snprintf(name, sizeof(name), "choice %d", n);
        t_row(name);
        struct quote q = some_quote(&rng), expected = quote_none();
        uint32_t asked = (uint32_t)rng_next(&rng) & ENTRY_ALL;
        int depth = 1 + (int)rng_below(&rng, 5);
        struct quote back = round_trip(*state, &q, asked, depth, (enum encode_empty)(n % 3));
        quote_copy(&expected, &q, asked);
        t_true(back.bids.count == (expected.bids.count < depth ? expected.bids.count : depth));
        t_true(back.offers.count ==
               (expected.offers.count < depth ? expected.offers.count : depth));
        t_int(
            quote_diff(&back, &expected, ENTRY_ALL & ~(ENTRY_BIT(ENTRY_BI) | ENTRY_BIT(ENTRY_OF))),
            0);
    }
}

/* --- the format ------------------------------------------------------------------------------- */

static uint32_t entries_of(const char *text)
{
    uint32_t entries = 0;
    while (*text) {
        size_t len = strcspn(text, ",");
        entries |= ENTRY_BIT(entry_from_name(text, len));
        text += len + (text[len] == ',');
    }
    return entries;
}

static struct quote days_unknown(void)
{
    struct quote q = future();
    q.close_day = q.settlement_day = DAY_NONE;
    return q;
}

static void has_the_format_of_the_broker(void **state)
{
    (void)state;
    struct quote both = future();
    both.index_value = 80250.4;
    both.auction_price = 1598;
    struct quote undated = both;
    undated.ts_last = 0;
    undated.close_day = undated.settlement_day = DAY_NONE;
    const struct row {
        const char *name;
        struct quote quote;
        const char *asked;
        int depth;
        enum encode_empty empty;
        const char *text;
    } rows[] = {
        /* clang-format off */
        {"no entries", both, "", 5, EMPTY_NULL, "{}"},
        {"a book to depth 1", both, "BI,OF", 1, EMPTY_NULL,
         "{\"BI\":[{\"price\":1601.5,\"size\":12}],\"OF\":[{\"price\":1602.5,\"size\":35}]}"},
        {"a book to depth 2", both, "BI", 2, EMPTY_NULL,
         "{\"BI\":[{\"price\":1601.5,\"size\":12},{\"price\":1601,\"size\":200}]}"},
        {"a depth beyond the last level", both, "OF", 5, EMPTY_NULL,
         "{\"OF\":[{\"price\":1602.5,\"size\":35},{\"price\":1603,\"size\":410}]}"},
        {"the last trade", both, "LA", 1, EMPTY_NULL,
         "{\"LA\":{\"price\":1602,\"size\":5,\"date\":1795096978117}}"},
        {"close and settlement: their day at midnight UTC", both, "CL,SE", 1, EMPTY_NULL,
         "{\"CL\":{\"price\":1597.5,\"size\":null,\"date\":1794960000000},"
         "\"SE\":{\"price\":1597,\"size\":null,\"date\":1794960000000}}"},
        {"days that are not known", days_unknown(), "CL,SE", 1, EMPTY_NULL,
         "{\"CL\":{\"price\":1597.5,\"size\":null,\"date\":null},"
         "\"SE\":{\"price\":1597,\"size\":null,\"date\":null}}"},
        {"open interest is in size", both, "OI", 1, EMPTY_NULL,
         "{\"OI\":{\"price\":null,\"size\":812345,\"date\":1794960000000}}"},
        {"bare numbers", both, "OP,HI,LO,TV", 1, EMPTY_NULL,
         "{\"OP\":1598,\"HI\":1604.5,\"LO\":1596.5,\"TV\":45120}"},
        {"an index without a time", both, "IV", 1, EMPTY_NULL,
         "{\"IV\":{\"price\":80250.4,\"date\":null}}"},
        {"an auction", both, "ACP", 1, EMPTY_NULL,
         "{\"ACP\":{\"price\":1598,\"size\":null,\"date\":null}}"},
        {"none as null", quote_none(), "BI,OF,LA,TV", 1, EMPTY_NULL,
         "{\"BI\":null,\"OF\":null,\"LA\":null,\"TV\":null}"},
        {"none as []: books only", quote_none(), "BI,OF,LA,TV", 1, EMPTY_LIST,
         "{\"BI\":[],\"OF\":[],\"LA\":null,\"TV\":null}"},
        {"none left out", quote_none(), "BI,OF,LA,TV", 1, EMPTY_ABSENT, "{}"},
        {"one side left out", with_offers((struct side){1, {{24.1, 7}}}), "BI,OF,LA", 1, EMPTY_ABSENT,
         "{\"OF\":[{\"price\":24.1,\"size\":7}]}"},
        {"plain: books as [], others null", quote_none(), "BI,OF,LA,IV,ACP,OI", 1, EMPTY_PLAIN,
         "{\"BI\":[],\"OF\":[],\"LA\":null,\"OI\":null,\"IV\":null,\"ACP\":null}"},
        {"plain: bare numbers", both, "LA,IV,ACP", 1, EMPTY_PLAIN,
         "{\"LA\":{\"price\":1602,\"size\":5,\"date\":1795096978117},\"IV\":80250.4,\"ACP\":1598}"},
        {"an unknown date", undated, "LA,SE", 1, EMPTY_LIST,
         "{\"LA\":{\"price\":1602,\"size\":5,\"date\":null},"
         "\"SE\":{\"price\":1597,\"size\":null,\"date\":null}}"},
        {"plain: an unknown date is left out", undated, "LA,CL,SE,OI", 1, EMPTY_PLAIN,
         "{\"LA\":{\"price\":1602,\"size\":5},\"CL\":{\"price\":1597.5,\"size\":null},"
         "\"SE\":{\"price\":1597,\"size\":null},\"OI\":{\"price\":null,\"size\":812345}}"},
        {"a value with EMPTY_ABSENT", volumes(0), "TV", 1, EMPTY_ABSENT, "{\"TV\":0}"},
        /* clang-format on */
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct buf text;
        t_row(rows[i].name);
        buf_init(&text, 4096);
        encode_market_data(&text, &rows[i].quote, entries_of(rows[i].asked), rows[i].depth,
                           rows[i].empty);
        t_str(buf_text(&text), rows[i].text);
        buf_finish(&text);
    }
}

static void the_trade_count_is_never_known(void **state)
{
    (void)state;
    static const struct {
        enum encode_empty empty;
        uint32_t others;
        const char *text;
    } rows[] = {
        {EMPTY_NULL, 0, "{\"TC\":null}"},
        {EMPTY_LIST, ENTRY_BIT(ENTRY_BI), "{\"BI\":[],\"TC\":null}"},
        {EMPTY_PLAIN, ENTRY_BIT(ENTRY_TV), "{\"TV\":null,\"TC\":null}"},
        {EMPTY_ABSENT, 0, "{}"},
    };
    struct quote none = quote_none();
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct buf text;
        buf_init(&text, 4096);
        t_row(rows[i].text);
        encode_market_data(&text, &none, ENCODE_TC | rows[i].others, 1, rows[i].empty);
        t_str(buf_text(&text), rows[i].text);
        buf_finish(&text);
    }
}

static void appends(void **state)
{
    (void)state;
    struct buf text;
    struct quote none = quote_none();
    buf_init(&text, 4096);
    buf_puts(&text, "before ");
    encode_market_data(&text, &none, ENTRY_BIT(ENTRY_LA), 1, EMPTY_NULL);
    t_str(buf_text(&text), "before {\"LA\":null}");
    buf_finish(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decode_reads_the_same),
        cmocka_unit_test(decode_reads_random_quotes_the_same),
        cmocka_unit_test(random_entries_and_depth),
        cmocka_unit_test(has_the_format_of_the_broker),
        cmocka_unit_test(the_trade_count_is_never_known),
        cmocka_unit_test(appends),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
