/*
 * Arbitrary bodies from a broker, decoded as market data, as an instrument list, as an answer to a
 * login and as text to be displayed. The result must satisfy quote.h: finite or NAN, sorted, within
 * bounds, and unchanged after an error.
 */
#include "base/clock.h"
#include "base/json_write.h"
#include "base/utf8.h"
#include "primary/decode.h"
#include "primary/login.h"
#include "primary/reference.h"
#include "support/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check_side(const struct side *side, bool falling)
{
    CHECK(side->count >= 0 && side->count <= QUOTE_DEPTH_MAX);
    for (int i = 0; i < side->count; i++) {
        const struct level *l = &side->level[i];
        CHECK(isfinite(l->price));
        CHECK(isnan(l->size) || (isfinite(l->size) && l->size >= 0));
        for (int j = 0; j < i; j++) {
            const struct level *better = &side->level[j];
            CHECK(falling ? better->price >= l->price : better->price <= l->price);
            CHECK(better->price != l->price ||
                  !(better->size == l->size || (isnan(better->size) && isnan(l->size))));
        }
    }
    for (int i = side->count; i < QUOTE_DEPTH_MAX; i++)
        CHECK(side->level[i].price == 0 && side->level[i].size == 0);
}

static void check_numbers(const struct quote *q)
{
    const double prices[] = {q->last_price,  q->open_price,  q->high_price,    q->low_price,
                             q->close_price, q->index_value, q->auction_price, q->settlement_price};
    const double volumes[] = {q->last_size, q->open_interest, q->trade_volume, q->nominal_volume,
                              q->effective_volume};
    for (size_t i = 0; i < sizeof(prices) / sizeof(prices[0]); i++)
        CHECK(!isinf(prices[i]) && !(prices[i] == 0 && signbit(prices[i])));
    for (size_t i = 0; i < sizeof(volumes) / sizeof(volumes[0]); i++)
        CHECK(!isinf(volumes[i]) && !(volumes[i] < 0) && !(volumes[i] == 0 && signbit(volumes[i])));
}

static bool sane_time(int64_t ns)
{
    return ns == 0 || (ns >= INT64_C(631152000) * NS_PER_S && ns < INT64_C(4102444800) * NS_PER_S);
}

static bool sane_day(int32_t day)
{
    return day == DAY_NONE || (day >= 7305 && day < 47482); /* 1990-01-01 and 2100-01-01 */
}

static void check_quote(const struct quote *q)
{
    check_side(&q->bids, true);
    check_side(&q->offers, false);
    check_numbers(q);
    CHECK(sane_time(q->ts_last) && sane_time(q->ts_event));
    CHECK(sane_day(q->close_day) && sane_day(q->settlement_day));
    CHECK(q->ts_last == 0 || !isnan(q->last_price));
    CHECK(q->close_day == DAY_NONE || !isnan(q->close_price));
    CHECK(q->settlement_day == DAY_NONE || !isnan(q->settlement_price));
}

static void check_words(const struct err *why)
{
    CHECK(why->code < 0 && why->text[0] && memchr(why->text, '\0', sizeof(why->text)));
}

static void check_unreadable(const struct unreadable *unreadable, uint32_t asked)
{
    CHECK((unreadable->entries & ~asked) == 0);
    for (int e = 0; e < ENTRY_COUNT; e++) {
        const char *words = unreadable->words[e];
        if (unreadable->entries & ENTRY_BIT(e))
            CHECK(words[0] && memchr(words, '\0', UNREADABLE_WORDS));
    }
}

/* Decoding twice must give the same result, without entries that were not requested. */
static void try_market_data(struct json_parser *parser, const struct reply *reply, uint32_t asked)
{
    struct quote_update update, before;
    struct unreadable unreadable;
    struct err why = {0};
    memset(&update, 0x55, sizeof(update));
    before = update;
    if (decode_market_data(parser, reply, asked,
                           &(struct decode_out){&update, &unreadable, &why}) != REPLY_OK) {
        CHECK(unreadable.entries == 0);
        CHECK(memcmp(&update, &before, sizeof(update)) == 0);
        check_words(&why);
        return;
    }
    const struct quote none = quote_none();
    CHECK(update.entries == (asked & ENTRY_ALL));
    check_quote(&update.quote);
    check_unreadable(&unreadable, asked);
    CHECK(quote_diff(&update.quote, &none, ENTRY_ALL & ~asked) == 0);
    before = update;
    CHECK(decode_market_data(parser, reply, asked,
                             &(struct decode_out){&update, &unreadable, &why}) == REPLY_OK);
    CHECK(quote_diff(&update.quote, &before.quote, ENTRY_ALL) == 0);
}

static void on_item(void *arg, const struct reference_item *item)
{
    int *count = arg;
    ++*count;
    CHECK(reference_symbol_valid(item->symbol) && reference_symbol_valid(item->market_id));
    CHECK(!*item->cfi_code || reference_symbol_valid(item->cfi_code));
}

static void try_list(struct json_parser *parser, const struct reply *reply)
{
    int count = 0, skipped = -1;
    struct err why = {0};
    enum reply_class class =
        reference_list(parser, reply, &(struct reference_sink){on_item, &count}, &skipped, &why);
    CHECK(skipped >= 0);
    if (class != REPLY_OK) {
        CHECK(count == 0 && skipped == 0);
        check_words(&why);
    }
}

static void try_head(const struct reply *reply, const char *token)
{
    struct err why = {0};
    if (reply_by_head(reply, &why) != REPLY_OK)
        check_words(&why);
    why = (struct err){0};
    if (login_decode(reply, token, &why) != LOGIN_OK)
        check_words(&why);
    else
        CHECK(login_token_valid(token));
}

/* Cleaned text is UTF-8 without control characters; a JSON string of it parses to the same text. */
static void try_text(struct json_parser *parser, const char *text, size_t len, size_t room)
{
    char clean[300];
    struct buf buf;
    utf8_clean(clean, room, text, len);
    size_t clean_len = strlen(clean);
    CHECK(clean_len < room);
    for (size_t i = 0, step; i < clean_len; i += step) {
        step = utf8_sequence(clean + i, clean_len - i);
        CHECK(step > 0 && (unsigned char)clean[i] >= 0x20 && clean[i] != 0x7f);
        CHECK(step != 2 || memcmp(clean + i, "\xc2\xa0", 2) >= 0); /* no C1 control characters */
    }
    buf_init(&buf, 4096);
    json_put_string(&buf, clean);
    const char *back = json_string(json_parse(parser, buf.data, buf.len_bytes, NULL));
    CHECK(back && strcmp(back, clean) == 0);
    buf_finish(&buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = {200, 201, 302, 400, 401, 404, 503, 0};
    struct json_parser *parser = json_parser_create();
    char *text = malloc(size + 1); /* header values are strings */
    if (!parser || !text)
        abort();
    memcpy(text, data, size);
    text[size] = '\0';

    struct reply reply = {200, "application/json", "", (const char *)data, size};
    try_market_data(parser, &reply, ENTRY_ALL);
    try_market_data(parser, &reply,
                    ENTRY_BIT(ENTRY_BI) | ENTRY_BIT(ENTRY_LA) | ENTRY_BIT(ENTRY_SE));
    try_list(parser, &reply);
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        reply = (struct reply){statuses[i], text, text, (const char *)data, size};
        try_head(&reply, text);
    }
    try_text(parser, text, size, 1 + size % 299);

    free(text);
    json_parser_destroy(parser);
    return 0;
}
