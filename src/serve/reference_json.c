#include "serve/reference_json.h"

#include "base/json_write.h"

#include <stdio.h>
#include <string.h>

#define SEGMENTS_SHOWN 64 /* of the instruments */

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

static void put_id(struct buf *out, const struct instrument *i)
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

void reference_json_detail(struct buf *out, const struct instrument *i)
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
    put_id(out, i);
    buf_puts(out, "}");
}

bool reference_json_details_step(struct buf *out, const struct market_source *source,
                                 struct reference_progress *progress, int32_t max)
{
    int32_t count = source->count(source->self), left = count - progress->next;
    int32_t until = progress->next + (max < left ? max : left);
    if (progress->next == 0)
        buf_puts(out, "{\"status\":\"OK\",\"instruments\":[");
    for (; progress->next < until; progress->next++) {
        if (!source_offers(source, progress->next))
            continue;
        if (progress->written++)
            buf_puts(out, ",");
        reference_json_detail(out, source->instrument(source->self, progress->next));
    }
    if (progress->next < count)
        return true;
    buf_puts(out, "]}");
    return false;
}

void reference_json_details(struct buf *out, const struct market_source *source)
{
    struct reference_progress progress = {0};
    reference_json_details_step(out, source, &progress, INT32_MAX);
}

void reference_json_all(struct buf *out, const struct market_source *source)
{
    int32_t count = source->count(source->self), listed = 0;
    buf_puts(out, "{\"status\":\"OK\",\"instruments\":[");
    for (int32_t i = 0; i < count; i++) {
        const struct instrument *instrument = source->instrument(source->self, i);
        if (!source_offers(source, i))
            continue;
        buf_puts(out, listed++ ? ",{" : "{");
        put_id(out, instrument);
        put_text(out, "cficode", instrument->cfi_code);
        buf_puts(out, "}");
    }
    buf_puts(out, "]}");
}

/* `has` is NULL when the instrument has no such text. */
static bool same(const char *has, const char *wanted)
{
    return strcmp(has ? has : "", wanted) == 0;
}

static bool wanted(const struct instrument *i, const char *cfi_code, const char *segment)
{
    return (!cfi_code || same(i->cfi_code, cfi_code)) && (!segment || same(i->segment, segment));
}

int reference_json_flat(struct buf *out, const struct market_source *source, const char *cfi_code,
                        const char *segment)
{
    int32_t count = source->count(source->self);
    int found = 0;
    buf_puts(out, "{\"status\":\"OK\",\"instruments\":[");
    for (int32_t i = 0; i < count; i++) {
        const struct instrument *instrument = source->instrument(source->self, i);
        if (!source_offers(source, i) || !wanted(instrument, cfi_code, segment))
            continue;
        buf_puts(out, found++ ? ",{\"marketId\":" : "{\"marketId\":");
        json_put_string(out, instrument->market_id);
        put_text(out, "symbol", instrument->symbol);
        buf_puts(out, "}");
    }
    buf_puts(out, "]}");
    return found;
}

static bool seen(const char *const *segments, int count, const char *segment)
{
    for (int i = 0; i < count; i++) {
        if (same(segment, segments[i]))
            return true;
    }
    return false;
}

static void put_segment(struct buf *out, int nth, const char *market_id, const char *id)
{
    buf_puts(out, nth ? ",{\"marketSegmentId\":" : "{\"marketSegmentId\":");
    json_put_string(out, id);
    put_text(out, "marketId", market_id);
    buf_puts(out, "}");
}

static int put_listed(struct buf *out, const struct market_source *source)
{
    const struct market_segment *segment;
    int count = 0;
    for (size_t at = 0; source->segments && (segment = source->segments(source->self, at)); at++)
        put_segment(out, count++, segment->market_id, segment->id);
    return count;
}

static void put_of_instruments(struct buf *out, const struct market_source *source)
{
    const char *listed[SEGMENTS_SHOWN];
    int count = 0;
    for (int32_t i = 0; i < source->count(source->self); i++) {
        const struct instrument *instrument = source->instrument(source->self, i);
        if (!source_offers(source, i) || !instrument->segment || count == SEGMENTS_SHOWN ||
            seen(listed, count, instrument->segment))
            continue;
        listed[count] = instrument->segment;
        put_segment(out, count++, instrument->market_id, instrument->segment);
    }
}

void reference_json_segments(struct buf *out, const struct market_source *source)
{
    buf_puts(out, "{\"status\":\"OK\",\"segments\":[");
    if (put_listed(out, source) == 0)
        put_of_instruments(out, source);
    buf_puts(out, "]}");
}
