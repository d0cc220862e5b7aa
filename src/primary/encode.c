#include "primary/encode.h"

#include "base/clock.h"
#include "base/json_write.h"
#include "base/num.h"

#include <string.h>

/* Of one entry: its key, and two numbers with their keys for each level. */
#define ENTRY_BYTES (32 + QUOTE_DEPTH_MAX * (2 * NUM_TEXT + 32))

/* --- text of an entry: each function returns where it goes on --------------------------------- */

/* Inline, so that a literal is a few stores. */
static inline char *put(char *at, const char *text)
{
    size_t len = strlen(text);
    memcpy(at, text, len);
    return at + len;
}

static char *put_number(char *at, double value)
{
    return isfinite(value) ? num_put(at, value) : put(at, "null");
}

static char *put_date(char *at, int64_t ms)
{
    return ms ? num_put_whole(at, ms) : put(at, "null");
}

static int64_t day_ms(int32_t day)
{
    return day == DAY_NONE ? 0 : day * MS_PER_DAY;
}

static char *put_price_and_size(char *at, double price, double size)
{
    at = put_number(put(at, "{\"price\":"), price);
    return put_number(put(at, ",\"size\":"), size);
}

static char *put_side(char *at, const struct side *side, int depth)
{
    at = put(at, "[");
    for (int i = 0; i < side->count && i < depth; i++) {
        at = put(at, i ? "," : "");
        at = put_price_and_size(at, side->level[i].price, side->level[i].size);
        at = put(at, "}");
    }
    return put(at, "]");
}

/* An unknown date is left out if plain, else null. */
static char *put_cell(char *at, double price, double size, int64_t date_ms, bool plain)
{
    at = put_price_and_size(at, price, size);
    if (date_ms || !plain)
        at = put_date(put(at, ",\"date\":"), date_ms);
    return put(at, "}");
}

static double scalar(const struct quote *q, enum entry entry)
{
    switch (entry) {
    case ENTRY_BI:
        return q->bids.count ? 0 : NAN;
    case ENTRY_OF:
        return q->offers.count ? 0 : NAN;
    case ENTRY_LA:
        return q->last_price;
    case ENTRY_OP:
        return q->open_price;
    case ENTRY_CL:
        return q->close_price;
    case ENTRY_SE:
        return q->settlement_price;
    case ENTRY_HI:
        return q->high_price;
    case ENTRY_LO:
        return q->low_price;
    case ENTRY_TV:
        return q->trade_volume;
    case ENTRY_OI:
        return q->open_interest;
    case ENTRY_EV:
        return q->effective_volume;
    case ENTRY_NV:
        return q->nominal_volume;
    case ENTRY_IV:
        return q->index_value;
    case ENTRY_ACP:
        return q->auction_price;
    }
    return NAN;
}

static char *put_index(char *at, const struct quote *q)
{
    at = put_number(put(at, "{\"price\":"), q->index_value);
    at = put_date(put(at, ",\"date\":"), q->ts_event / NS_PER_MS);
    return put(at, "}");
}

static char *put_value(char *at, const struct quote *q, enum entry entry, int depth, bool plain)
{
    switch (entry) {
    case ENTRY_BI:
        return put_side(at, &q->bids, depth);
    case ENTRY_OF:
        return put_side(at, &q->offers, depth);
    case ENTRY_LA:
        return put_cell(at, q->last_price, q->last_size, q->ts_last / NS_PER_MS, plain);
    case ENTRY_CL:
        return put_cell(at, q->close_price, NAN, day_ms(q->close_day), plain);
    case ENTRY_SE:
        return put_cell(at, q->settlement_price, NAN, day_ms(q->settlement_day), plain);
    case ENTRY_OI:
        return put_cell(at, NAN, q->open_interest, day_ms(q->close_day), plain);
    case ENTRY_IV:
        return plain ? put_number(at, q->index_value) : put_index(at, q);
    case ENTRY_ACP:
        return plain ? put_number(at, q->auction_price)
                     : put_cell(at, q->auction_price, NAN, 0, false);
    case ENTRY_OP:
    case ENTRY_HI:
    case ENTRY_LO:
    case ENTRY_TV:
    case ENTRY_EV:
    case ENTRY_NV:
        return put_number(at, scalar(q, entry));
    }
    return at;
}

static char *put_empty(char *at, enum entry entry, enum encode_empty empty)
{
    bool side = entry == ENTRY_BI || entry == ENTRY_OF;
    return put(at, side && (empty == EMPTY_LIST || empty == EMPTY_PLAIN) ? "[]" : "null");
}

static char *put_key(char *at, bool first, const char *name)
{
    at = put(put(at, first ? "\"" : ",\""), name);
    return put(at, "\":");
}

/* --- messages --------------------------------------------------------------------------------- */

void encode_market_data(struct buf *out, const struct quote *quote, uint32_t entries, int depth,
                        enum encode_empty empty)
{
    char text[ENTRY_BYTES];
    bool first = true;
    buf_puts(out, "{");
    for (int e = 0; e < ENTRY_COUNT; e++) {
        enum entry entry = (enum entry)e;
        bool none = isnan(scalar(quote, entry));
        if (!(entries & ENTRY_BIT(e)) || (none && empty == EMPTY_ABSENT))
            continue;
        char *at = put_key(text, first, entry_name(entry));
        at = none ? put_empty(at, entry, empty)
                  : put_value(at, quote, entry, depth, empty == EMPTY_PLAIN);
        buf_append(out, text, (size_t)(at - text));
        first = false;
    }
    if (entries & ENCODE_TC && empty != EMPTY_ABSENT)
        buf_puts(out, first ? "\"TC\":null" : ",\"TC\":null");
    buf_puts(out, "}");
}

void encode_frame(struct buf *out, const struct encode_frame *frame)
{
    char stamp[NUM_TEXT];
    buf_puts(out, "{\"type\":\"Md\",\"timestamp\":");
    buf_puts(out, num_whole_text(stamp, frame->ts_ms));
    buf_puts(out, ",\"instrumentId\":{\"marketId\":");
    json_put_string(out, frame->market_id);
    buf_puts(out, ",\"symbol\":");
    json_put_string(out, frame->symbol);
    buf_puts(out, "},\"marketData\":");
    encode_market_data(out, frame->quote, frame->entries, frame->depth, frame->empty);
}
