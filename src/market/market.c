#include "market/market.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CAP_LEAST 64 /* a power of two */

struct instrument {
    struct text market_id, symbol; /* owned C strings */
    struct market_quote present;
};

struct market {
    struct instrument *instruments;
    int32_t count, cap;
    /* Open addressing over (market_id, symbol); -1 = free. Twice as many as cap, a power of two. */
    int32_t *buckets;
    int64_t seq;
};

struct market *market_create(int64_t last_seq)
{
    struct market *market = calloc(1, sizeof(*market));
    if (market)
        market->seq = last_seq;
    return market;
}

static void free_names(const struct instrument *instrument)
{
    free((char *)instrument->market_id.text);
    free((char *)instrument->symbol.text);
}

void market_destroy(struct market *market)
{
    if (!market)
        return;
    for (int32_t i = 0; i < market->count; i++) {
        free_names(&market->instruments[i]);
    }
    free(market->instruments);
    free(market->buckets);
    free(market);
}

int64_t market_last_seq(const struct market *market)
{
    return market->seq;
}

void market_continue(struct market *market, int64_t last_seq)
{
    if (last_seq > market->seq)
        market->seq = last_seq;
}

/* The multiplication carries to higher bits only, the shift to lower ones. */
static uint64_t mix(uint64_t h, uint64_t eight)
{
    h = (h ^ eight) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ h >> 32;
}

static uint64_t hash_more(uint64_t h, struct text text)
{
    size_t i = 0;
    uint64_t eight, rest = 0;
    for (; text.len_bytes - i >= sizeof(eight); i += sizeof(eight)) {
        memcpy(&eight, text.text + i, sizeof(eight));
        h = mix(h, eight);
    }
    for (; i < text.len_bytes; i++)
        rest = rest << 8 | (unsigned char)text.text[i];
    return mix(h, rest);
}

static uint64_t hash(struct text market_id, struct text symbol)
{
    return hash_more(hash_more(0, symbol), market_id);
}

/* The bucket that holds the instrument, or the free one where it belongs. */
static int32_t *bucket(const struct market *market, struct text market_id, struct text symbol)
{
    uint64_t mask = (uint64_t)market->cap * 2 - 1;
    for (uint64_t b = hash(market_id, symbol) & mask;; b = (b + 1) & mask) {
        int32_t index = market->buckets[b];
        if (index < 0 || (text_same(symbol, market->instruments[index].symbol) &&
                          text_same(market_id, market->instruments[index].market_id)))
            return &market->buckets[b];
    }
}

static int grow(struct market *market)
{
    int32_t cap = market->cap ? market->cap * 2 : CAP_LEAST;
    struct instrument *instruments =
        realloc(market->instruments, (size_t)cap * sizeof(*instruments));
    if (!instruments)
        return -ENOMEM;
    market->instruments = instruments;
    int32_t *buckets = malloc((size_t)cap * 2 * sizeof(*buckets));
    if (!buckets)
        return -ENOMEM;
    free(market->buckets);
    market->buckets = buckets;
    market->cap = cap;
    memset(buckets, -1, (size_t)cap * 2 * sizeof(*buckets));
    for (int32_t i = 0; i < market->count; i++)
        *bucket(market, instruments[i].market_id, instruments[i].symbol) = i;
    return 0;
}

int32_t market_count(const struct market *market)
{
    return market->count;
}

int32_t market_add(struct market *market, const char *market_id, const char *symbol)
{
    int32_t known = market_find(market, market_id, symbol);
    if (known >= 0)
        return known;
    if (market->count == market->cap && grow(market))
        return -ENOMEM;
    struct instrument *instrument = &market->instruments[market->count];
    *instrument = (struct instrument){
        .market_id = text_of(strdup(market_id)),
        .symbol = text_of(strdup(symbol)),
        .present.quote = quote_none(),
    };
    if (!instrument->market_id.text || !instrument->symbol.text) {
        free_names(instrument);
        return -ENOMEM;
    }
    *bucket(market, instrument->market_id, instrument->symbol) = market->count;
    return market->count++;
}

int32_t market_find(const struct market *market, const char *market_id, const char *symbol)
{
    return market_find_text(market, text_of(market_id), text_of(symbol));
}

int32_t market_find_text(const struct market *market, struct text market_id, struct text symbol)
{
    return market->cap ? *bucket(market, market_id, symbol) : -1;
}

const char *market_id(const struct market *market, int32_t index)
{
    return market->instruments[index].market_id.text;
}

const char *market_symbol(const struct market *market, int32_t index)
{
    return market->instruments[index].symbol.text;
}

const struct market_quote *market_quote(const struct market *market, int32_t index)
{
    return &market->instruments[index].present;
}

struct market_result market_apply(struct market *market, int32_t index,
                                  const struct quote_update *update,
                                  const struct market_stamp *stamp)
{
    struct market_quote *present = &market->instruments[index].present;
    struct quote_update completed;
    if (stamp->source == SOURCE_REST && stamp->asked_ms <= present->streamed_ms)
        return (struct market_result){.outdated = true};
    if (update->best_only | update->fallback) {
        completed = *update;
        quote_complete(&completed, &present->quote);
        update = &completed;
    }
    uint32_t changed = present->seq ? quote_diff(&present->quote, &update->quote, update->entries)
                                    : update->entries;
    present->ts_seen = stamp->ts_recv;
    if (stamp->source != SOURCE_REST)
        present->streamed_ms = stamp->recv_ms;
    if (changed) {
        quote_copy(&present->quote, &update->quote, changed);
        present->seq = ++market->seq;
        present->ts_recv = stamp->ts_recv;
        present->source = stamp->source;
    }
    return (struct market_result){.changed = changed};
}

void market_confirm(struct market *market, int32_t index, int64_t ts_seen)
{
    market->instruments[index].present.ts_seen = ts_seen;
}

enum market_given market_give(struct market *market, int32_t index,
                              const struct market_quote *quote)
{
    const struct market_quote *present = &market->instruments[index].present;
    if (quote->seq == present->seq && quote->ts_recv == present->ts_recv)
        return MARKET_REPEATED;
    if (quote->seq <= present->seq)
        return MARKET_PAST;
    market_restore(market, index, quote);
    return MARKET_PRESENT;
}

void market_restore(struct market *market, int32_t index, const struct market_quote *quote)
{
    market->instruments[index].present = *quote;
    market_continue(market, quote->seq);
}
