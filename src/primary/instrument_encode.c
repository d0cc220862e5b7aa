#include "primary/instrument_encode.h"

#include "base/json_write.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void put_text(struct buf *out, const char *key, const char *value)
{
    buf_printf(out, ",\"%s\":", key);
    json_put_string(out, value);
}

static void put_number(struct buf *out, const char *key, double value)
{
    buf_printf(out, ",\"%s\":", key);
    json_put_number(out, value);
}

static void put_digits(struct buf *out, const char *key, int digits)
{
    put_number(out, key, digits < 0 ? (double)NAN : digits);
}

void instrument_encode_id(struct buf *out, const struct instrument *i)
{
    buf_puts(out, "\"instrumentId\":{\"marketId\":");
    json_put_string(out, i->market_id);
    put_text(out, "symbol", i->symbol);
    buf_puts(out, "}");
}

/* Names separated by commas, as a list. */
static void put_names(struct buf *out, const char *key, const char *names)
{
    char name[INSTRUMENT_TEXT_BYTES + 1];
    buf_printf(out, ",\"%s\":%s", key, names ? "[" : "null");
    for (const char *at = names; at && *at;) {
        size_t len = strcspn(at, ",");
        snprintf(name, sizeof(name), "%.*s", (int)len, at);
        json_put_string(out, name);
        at += len + (at[len] == ',');
        buf_puts(out, *at ? "," : "");
    }
    buf_puts(out, names ? "]" : "");
}

static void put_ranges(struct buf *out, const struct instrument *i)
{
    if (i->ranges_count == 0)
        return; /* may be absent */
    buf_puts(out, ",\"tickPriceRanges\":{");
    for (int r = 0; r < i->ranges_count; r++) {
        buf_printf(out, "%s\"%d\":{\"lowerLimit\":", r ? "," : "", r);
        json_put_number(out, i->ranges[r].from);
        put_number(out, "upperLimit", i->ranges[r].to);
        put_number(out, "tick", i->ranges[r].tick);
        buf_puts(out, "}");
    }
    buf_puts(out, "}");
}

void instrument_encode(struct buf *out, const struct instrument *i)
{
    buf_puts(out, "{\"symbol\":null,\"segment\":{\"marketSegmentId\":");
    json_put_string(out, i->segment);
    put_text(out, "marketId", i->market_id);
    buf_puts(out, "}");
    put_number(out, "lowLimitPrice", i->low_limit);
    put_number(out, "highLimitPrice", i->high_limit);
    put_number(out, "minPriceIncrement", i->price_tick);
    put_number(out, "minTradeVol", i->min_size);
    put_number(out, "maxTradeVol", i->max_size);
    put_number(out, "tickSize", i->size_step);
    put_number(out, "contractMultiplier", i->multiplier);
    put_number(out, "roundLot", i->round_lot);
    put_number(out, "priceConvertionFactor", i->price_factor); /* the broker's spelling */
    put_text(out, "maturityDate", i->maturity);
    put_text(out, "currency", i->currency);
    put_names(out, "orderTypes", i->order_types);
    put_names(out, "timesInForce", i->times_in_force);
    buf_puts(out, ",\"securityType\":null");
    put_text(out, "settlType", i->settl_type);
    put_digits(out, "instrumentPricePrecision", i->price_digits);
    put_digits(out, "instrumentSizePrecision", i->size_digits);
    buf_puts(out, ",\"securityId\":null,\"securityIdSource\":null");
    put_text(out, "securityDescription", i->description ? i->description : i->symbol);
    put_ranges(out, i);
    put_number(out, "strike", i->strike);
    put_text(out, "underlying", i->underlying);
    put_text(out, "cficode", i->cfi_code);
    buf_puts(out, ",");
    instrument_encode_id(out, i);
    buf_puts(out, "}");
}
