#include "api/live_source.h"

#include "base/word_list.h"
#include "market/demand.h"
#include "primary/reference.h"
#include "primary/request.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SEGMENT_BYMA "MERV" /* the segment of all symbols of BYMA, which begin with "MERV - " */

struct live_source {
    struct live_source_parts parts;
    struct market_source api;
    struct source_demand demand;
    struct instrument_list *reference; /* a share; NULL = nothing is known */
    struct instrument shown;           /* the last one asked for */
};

/* The segments of the Primary API (protocol section 6.1): a client that walks through its own list
 * of them gets an empty list and no error for one that has no recorded instrument. */
static const char *const segments[] = {
    "DDF",  "DDA",  "DUAL",    "MERV",  "MAE",    "MATBA",   "MVR", "MVC",
    "MVM",  "TEST", "U-DDF",   "U-DDA", "U-DUAL", "TIVA",    "AVS", "PTPExt",
    "RFXI", "UFEX", "U-DDF-S", "U-FIN", "U-COMM", "U-STOCK", NULL,
};

/* --- instruments ------------------------------------------------------------------------------ */

static int32_t count(void *self)
{
    return market_count(((struct live_source *)self)->parts.market);
}

static bool is_recorded(const struct live_source *live, int32_t index)
{
    const struct source_row *row = source_table_row(live->parts.sources, index);
    return row->state != SOURCE_UNLISTED && !row->on_trial;
}

static bool offered(void *self, int32_t index)
{
    return is_recorded(self, index);
}

/* One public client asks for BYMA's symbols at market MERV; the broker has them at ROFX. */
static const char *market_of(const char *market_id)
{
    return strcmp(market_id, "MERV") == 0 ? REQUEST_MARKET_ROFX : market_id;
}

/* Whether it is taken up already; the client that asks for it wants it. */
static bool join_demand(struct live_source *live, const char *symbol)
{
    struct demand *demand = live->parts.demand.demand;
    int32_t at = demand ? demand_find(demand, symbol) : -1;
    if (at >= 0)
        demand_wanted(demand, at, loop_now(live->parts.loop).mono_ms);
    return at >= 0;
}

static int32_t find(void *self, const char *market_id, const char *symbol)
{
    struct live_source *live = self;
    int32_t index = market_find(live->parts.market, market_of(market_id), symbol);
    if (index < 0)
        return -1;
    bool joined = join_demand(live, symbol);
    return joined || is_recorded(live, index) ? index : -1;
}

/* --- on demand -------------------------------------------------------------------------------- */

static bool want(void *self, const char *market_id, const char *symbol)
{
    const struct live_source *live = self;
    const struct api_demand *demand = &live->parts.demand;
    if (strcmp(market_of(market_id), REQUEST_MARKET_ROFX) != 0 || !reference_symbol_valid(symbol))
        return false;
    return demand_want(demand->demand, symbol, demand->listing(demand->arg, symbol),
                       loop_now(live->parts.loop).mono_ms) == DEMAND_YES;
}

static void settle(void *self, bool keep)
{
    demand_settle(((struct live_source *)self)->parts.demand.demand, keep);
}

static int32_t take_up(void *self, const char *market_id, const char *symbol)
{
    const struct api_demand *demand = &((struct live_source *)self)->parts.demand;
    (void)market_id;
    return demand->take_up(demand->arg, symbol);
}

static bool ready(void *self, int32_t index)
{
    return is_recorded(self, index);
}

/* --- what is known of them -------------------------------------------------------------------- */

/* The `at`th one of those that the broker lists. */
static const struct market_segment *segment_at(void *self, size_t at)
{
    const struct live_source *live = self;
    for (size_t i = 0; i < instrument_list_segments(live->reference); i++) {
        const struct market_segment *segment = instrument_list_segment(live->reference, i);
        if (segment->listed && at-- == 0)
            return segment;
    }
    return NULL;
}

static bool is_listed_segment(const struct live_source *live, const char *id)
{
    for (size_t i = 0; i < instrument_list_segments(live->reference); i++) {
        const struct market_segment *segment = instrument_list_segment(live->reference, i);
        if (segment->listed && strcmp(segment->id, id) == 0)
            return true;
    }
    return false;
}

static bool has_segment(void *self, const char *id)
{
    const struct live_source *live = self;
    for (size_t i = 0; i < instrument_list_count(live->reference); i++) {
        const char *listed = instrument_list_at(live->reference, i)->segment;
        if (listed && strcmp(listed, id) == 0)
            return true;
    }
    return is_listed_segment(live, id) || word_list_find(segments, id) >= 0;
}

static const struct instrument *instrument(void *self, int32_t index)
{
    struct live_source *live = self;
    const char *symbol = market_symbol(live->parts.market, index);
    const char *market = market_id(live->parts.market, index);
    const struct instrument *known = instrument_list_find(live->reference, market, symbol);
    live->shown = known ? *known : instrument_unknown;
    live->shown.market_id = market;
    live->shown.symbol = symbol;
    if (!live->shown.segment && strncmp(symbol, "MERV - ", 7) == 0)
        live->shown.segment = SEGMENT_BYMA;
    return &live->shown;
}

/* --- quotes ----------------------------------------------------------------------------------- */

static const struct quote *quote(void *self, int32_t index)
{
    return &market_quote(((struct live_source *)self)->parts.market, index)->quote;
}

static enum encode_empty empty(void *self, int32_t index)
{
    (void)self;
    (void)index;
    return EMPTY_PLAIN;
}

/* While a stream delivers it, a quote is confirmed by each sign of life of the stream. */
static int64_t age_ms(const struct live_source *live, int32_t index)
{
    struct now now = loop_now(live->parts.loop);
    int64_t proof_ms = source_table_proof_ms(live->parts.sources, index);
    int64_t seen_ns = market_quote(live->parts.market, index)->ts_seen;
    int64_t by_clock_ms = (now.wall_ns - seen_ns) / NS_PER_MS;
    int64_t age_ms = proof_ms > 0 ? now.mono_ms - proof_ms : by_clock_ms;
    return age_ms > 0 ? age_ms : 0;
}

static void origin(void *self, int32_t index, struct source_origin *out)
{
    const struct live_source *live = self;
    const struct market_quote *present = market_quote(live->parts.market, index);
    *out = (struct source_origin){
        .seq = present->seq, .calendar = source_table_row(live->parts.sources, index)->calendar};
    if (present->seq == 0)
        return;
    out->source = source_name(present->source);
    out->age_ms = age_ms(live, index);
}

/* --- create and destroy ----------------------------------------------------------------------- */

struct live_source *live_source_create(const struct live_source_parts *parts)
{
    struct live_source *live = calloc(1, sizeof(*live));
    if (!live)
        return NULL;
    live->parts = *parts;
    live->demand = (struct source_demand){live, want, settle, take_up, ready};
    live->api = (struct market_source){
        .self = live,
        .demand = parts->demand.demand ? &live->demand : NULL,
        .count = count,
        .find = find,
        .offered = offered,
        .instrument = instrument,
        .quote = quote,
        .empty = empty,
        .takes_tc = true,
        .has_segment = has_segment,
        .segments = segment_at,
        .origin = origin,
    };
    return live;
}

void live_source_destroy(struct live_source *live)
{
    if (!live)
        return;
    instrument_list_release(live->reference);
    free(live);
}

static int decimals_by(const struct instrument_list *list, const struct market *market, int32_t i)
{
    const struct instrument *known =
        instrument_list_find(list, market_id(market, i), market_symbol(market, i));
    return instrument_decimals(known ? known : &instrument_unknown);
}

static bool other_decimals(const struct live_source *live, const struct instrument_list *list)
{
    const struct market *market = live->parts.market;
    for (int32_t i = 0; i < market_count(market); i++) {
        if (is_recorded(live, i) &&
            decimals_by(live->reference, market, i) != decimals_by(list, market, i))
            return true;
    }
    return false;
}

bool live_source_reference(struct live_source *live, struct instrument_list *list)
{
    bool other = other_decimals(live, list);
    instrument_list_release(live->reference);
    live->reference = list ? instrument_list_share(list) : NULL;
    return other;
}

const struct market_source *live_source_api(const struct live_source *live)
{
    return &live->api;
}
