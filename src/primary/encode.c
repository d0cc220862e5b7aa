#include "primary/encode.h"

#include "base/clock.h"
#include "base/json_write.h"
#include "base/num.h"

static void put_date(struct buf *out, int64_t ms)
{
    char text[NUM_TEXT];
    buf_puts(out, ms ? num_whole_text(text, ms) : "null");
}

static void put_key(struct buf *out, const char *comma, const char *name)
{
    buf_puts(out, comma);
    buf_puts(out, "\"");
    buf_puts(out, name);
    buf_puts(out, "\":");
}

static int64_t day_ms(int32_t day)
{
    return day == DAY_NONE ? 0 : day * MS_PER_DAY;
}

static void put_side(struct buf *out, const struct side *side, int depth)
{
    buf_puts(out, "[");
    for (int i = 0; i < side->count && i < depth; i++) {
        buf_puts(out, i ? ",{\"price\":" : "{\"price\":");
        json_put_number(out, side->level[i].price);
        buf_puts(out, ",\"size\":");
        json_put_number(out, side->level[i].size);
        buf_puts(out, "}");
    }
    buf_puts(out, "]");
}

/* An unknown date is left out if plain, else null. */
static void put_cell(struct buf *out, double price, double size, int64_t date_ms, bool plain)
{
    buf_puts(out, "{\"price\":");
    json_put_number(out, price);
    buf_puts(out, ",\"size\":");
    json_put_number(out, size);
    if (date_ms || !plain) {
        buf_puts(out, ",\"date\":");
        put_date(out, date_ms);
    }
    buf_puts(out, "}");
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

static void put_index(struct buf *out, const struct quote *q)
{
    buf_puts(out, "{\"price\":");
    json_put_number(out, q->index_value);
    buf_puts(out, ",\"date\":");
    put_date(out, q->ts_event / NS_PER_MS);
    buf_puts(out, "}");
}

static void put_value(struct buf *out, const struct quote *q, enum entry entry, int depth,
                      bool plain)
{
    switch (entry) {
    case ENTRY_BI:
        put_side(out, &q->bids, depth);
        return;
    case ENTRY_OF:
        put_side(out, &q->offers, depth);
        return;
    case ENTRY_LA:
        put_cell(out, q->last_price, q->last_size, q->ts_last / NS_PER_MS, plain);
        return;
    case ENTRY_CL:
        put_cell(out, q->close_price, NAN, day_ms(q->close_day), plain);
        return;
    case ENTRY_SE:
        put_cell(out, q->settlement_price, NAN, day_ms(q->settlement_day), plain);
        return;
    case ENTRY_OI:
        put_cell(out, NAN, q->open_interest, day_ms(q->close_day), plain);
        return;
    case ENTRY_IV:
        if (plain)
            json_put_number(out, q->index_value);
        else
            put_index(out, q);
        return;
    case ENTRY_ACP:
        if (plain)
            json_put_number(out, q->auction_price);
        else
            put_cell(out, q->auction_price, NAN, 0, false);
        return;
    case ENTRY_OP:
    case ENTRY_HI:
    case ENTRY_LO:
    case ENTRY_TV:
    case ENTRY_EV:
    case ENTRY_NV:
        json_put_number(out, scalar(q, entry));
        return;
    }
}

static void put_empty(struct buf *out, enum entry entry, enum encode_empty empty)
{
    bool side = entry == ENTRY_BI || entry == ENTRY_OF;
    buf_puts(out, side && (empty == EMPTY_LIST || empty == EMPTY_PLAIN) ? "[]" : "null");
}

void encode_market_data(struct buf *out, const struct quote *quote, uint32_t entries, int depth,
                        enum encode_empty empty)
{
    const char *comma = "";
    buf_puts(out, "{");
    for (int e = 0; e < ENTRY_COUNT; e++) {
        enum entry entry = (enum entry)e;
        bool none = isnan(scalar(quote, entry));
        if (!(entries & ENTRY_BIT(e)) || (none && empty == EMPTY_ABSENT))
            continue;
        put_key(out, comma, entry_name(entry));
        comma = ",";
        if (none)
            put_empty(out, entry, empty);
        else
            put_value(out, quote, entry, depth, empty == EMPTY_PLAIN);
    }
    if (entries & ENCODE_TC && empty != EMPTY_ABSENT) {
        put_key(out, comma, "TC");
        buf_puts(out, "null");
    }
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
