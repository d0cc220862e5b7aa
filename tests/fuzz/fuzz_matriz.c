/*
 * Arbitrary messages from a browser terminal: the stream's text messages and their lines, and the
 * answers of its REST requests. A quote must satisfy quote.h: finite or NAN, sorted, within bounds.
 */
#include "base/clock.h"
#include "base/utf8.h"
#include "matriz/batch.h"
#include "matriz/frame.h"
#include "matriz/line.h"
#include "matriz/profile.h"
#include "support/fuzz.h"

#include <string.h>

#define TODAY 20776 /* 2026-11-19 */

static void check_side(const struct side *side, bool falling)
{
    CHECK(side->count >= 0 && side->count <= QUOTE_DEPTH_MAX);
    for (int i = 0; i < side->count; i++) {
        const struct level *l = &side->level[i];
        CHECK(isfinite(l->price) && (isnan(l->size) || (isfinite(l->size) && l->size >= 0)));
        CHECK(i == 0 || (falling ? l[-1].price >= l->price : l[-1].price <= l->price));
    }
}

static void check_numbers(const struct quote *q)
{
    const double prices[] = {q->last_price, q->open_price,  q->high_price,
                             q->low_price,  q->close_price, q->settlement_price};
    const double volumes[] = {q->open_interest, q->trade_volume, q->nominal_volume,
                              q->effective_volume};
    for (size_t i = 0; i < sizeof(prices) / sizeof(prices[0]); i++)
        CHECK(!isinf(prices[i]) && !(prices[i] == 0 && signbit(prices[i])));
    for (size_t i = 0; i < sizeof(volumes) / sizeof(volumes[0]); i++)
        CHECK(!isinf(volumes[i]) && !(volumes[i] < 0));
    CHECK(isnan(q->last_size) && isnan(q->index_value) && isnan(q->auction_price));
}

static void check_days(const struct quote *q)
{
    CHECK(q->close_day == DAY_NONE || (q->close_day >= 7305 && q->close_day < TODAY));
    CHECK(q->settlement_day == DAY_NONE ||
          (q->settlement_day >= 7305 && q->settlement_day <= TODAY));
    CHECK((q->close_day == DAY_NONE) == isnan(q->close_price));
    CHECK((q->settlement_day == DAY_NONE) == isnan(q->settlement_price));
    CHECK(q->ts_last == 0 || (!isnan(q->last_price) && q->ts_last >= 631152000 * NS_PER_S &&
                              q->ts_last < 4102444800 * NS_PER_S));
    CHECK(q->ts_event == 0);
}

static void check_unreadable(const struct stream_item *item)
{
    CHECK((item->unreadable.entries & ~item->update.entries) == 0);
    for (int e = 0; e < ENTRY_COUNT; e++) {
        const char *words = item->unreadable.words[e];
        if (item->unreadable.entries & ENTRY_BIT(e))
            CHECK(words[0] && memchr(words, '\0', UNREADABLE_WORDS));
    }
}

static void check_item(const struct stream_item *item)
{
    if (item->kind == STREAM_MALFORMED)
        CHECK(item->why.code < 0 && item->why.text[0]);
    if (item->kind == STREAM_REPLY)
        CHECK(item->len_bytes == 4 && memcmp(item->text, "pong", 4) == 0);
    if (item->kind != STREAM_DATA)
        return;
    const struct quote none = quote_none();
    CHECK(item->symbol.text && item->market_id.text && utf8_valid(item->text, item->len_bytes));
    CHECK(quote_diff(&item->update.quote, &none, ENTRY_ALL & ~item->update.entries) == 0);
    check_side(&item->update.quote.bids, true);
    check_side(&item->update.quote.offers, false);
    check_numbers(&item->update.quote);
    check_days(&item->update.quote);
    check_unreadable(item);
}

/* Each item is counted once, and the decoder always advances. */
static void try_message(const struct matriz_ids *ids, const char *text, size_t len)
{
    struct matriz_frame_decoder *d = calloc(1, sizeof(*d));
    struct stream_message message = {text, len, 0};
    struct stream_item item;
    int64_t items = 0, pages = 0;
    if (!d)
        abort();
    d->ids = ids;
    memset(&item, 0x5a, sizeof(item));
    for (size_t at = 0; matriz_frame_next(d, &message, TODAY, &item); at = message.at) {
        CHECK(message.at > at && message.at <= len + 1);
        check_item(&item);
        pages += item.kind == STREAM_PAGE;
        items++;
    }
    CHECK(!matriz_frame_next(d, &message, TODAY, &item));
    const struct matriz_counts *c = &d->counts;
    CHECK(c->quotes + c->books + c->events + c->orders + c->heartbeats + c->unknown +
              c->unknown_ids + c->malformed + pages ==
          items);
    CHECK(items > 0 && c->incomplete <= c->quotes);
    free(d);
}

static void try_rest(struct json_parser *parser, const char *text, size_t len)
{
    struct matriz_ids *ids = matriz_ids_create();
    struct matriz_profile profile;
    struct err err = {0};
    if (!ids)
        abort();
    if (matriz_profile_read(parser, text, len, &profile, &err) == 0)
        CHECK((profile.csrf_token[0] || profile.session_id[0]) &&
              !profile.session_id[0] == !profile.connection_id[0]);
    else
        CHECK(err.text[0]);
    err = (struct err){0};
    CHECK(matriz_ids_learn(ids, parser, text, len, &err) >= 0 || err.text[0]);
    matriz_ids_destroy(ids);
}

/* The text as a symbol: its id leads back to it. */
static void try_symbol(const char *text, size_t len)
{
    struct matriz_ids *ids = matriz_ids_create();
    char *symbol = strndup(text, len);
    if (!ids || !symbol)
        abort();
    if (matriz_ids_add(ids, "ROFX", symbol, "", NULL) == 0) {
        const char *id = matriz_ids_of(ids, "ROFX", symbol);
        CHECK(id && strlen(id) <= MATRIZ_ID_BYTES_MAX);
        CHECK(strcmp(matriz_ids_find(ids, id, strlen(id))->symbol, symbol) == 0);
    }
    free(symbol);
    matriz_ids_destroy(ids);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct matriz_ids *ids = matriz_ids_create();
    struct json_parser *parser = json_parser_create();
    if (!ids || !parser || matriz_ids_add(ids, "ROFX", "DLR/NOV26", "DDF", NULL) ||
        matriz_ids_add(ids, "ROFX", "MERV - XMEV - GD35 - 24hs", "MERV", NULL))
        abort();
    try_message(ids, text, size);
    try_rest(parser, text, size);
    try_symbol(text, size);
    json_parser_destroy(parser);
    matriz_ids_destroy(ids);
    return 0;
}
