#include "serve/reference_json.h"

#include "base/json_write.h"
#include "primary/instrument_encode.h"

#include <string.h>

#define SEGMENTS_SHOWN 64 /* of the instruments */

static void put_text(struct buf *out, const char *key, const char *value)
{
    buf_printf(out, ",\"%s\":", key);
    json_put_string(out, value);
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
        instrument_encode(out, source->instrument(source->self, progress->next));
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
        instrument_encode_id(out, instrument);
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
