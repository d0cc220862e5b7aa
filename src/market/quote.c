#include "market/quote.h"

#include "base/clock.h"

#include <string.h>

const char *source_name(enum source source)
{
    switch (source) {
    case SOURCE_REST:
        return "rest";
    case SOURCE_STREAM:
        return "stream";
    case SOURCE_MATRIZ:
        return "matriz";
    }
    return NULL;
}

struct quote quote_none(void)
{
    return (struct quote){
        .last_price = NAN,
        .last_size = NAN,
        .open_price = NAN,
        .high_price = NAN,
        .low_price = NAN,
        .close_price = NAN,
        .close_day = DAY_NONE,
        .settlement_day = DAY_NONE,
        .settlement_price = NAN,
        .open_interest = NAN,
        .trade_volume = NAN,
        .nominal_volume = NAN,
        .effective_volume = NAN,
        .index_value = NAN,
        .auction_price = NAN,
    };
}

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static bool same_side(const struct side *a, const struct side *b)
{
    if (a->count != b->count)
        return false;
    for (int i = 0; i < a->count; i++) {
        if (a->level[i].price != b->level[i].price || !same(a->level[i].size, b->level[i].size))
            return false;
    }
    return true;
}

/* Protocol section 12.4: one of the streams has neither the size nor the milliseconds. */
static bool same_trade(const struct quote *a, const struct quote *b)
{
    if (!same(a->last_price, b->last_price))
        return false;
    if (isnan(a->last_size) == isnan(b->last_size))
        return same(a->last_size, b->last_size) && a->ts_last == b->ts_last;
    return !a->ts_last || !b->ts_last || a->ts_last / NS_PER_S == b->ts_last / NS_PER_S;
}

static bool same_entry(const struct quote *a, const struct quote *b, enum entry entry)
{
    switch (entry) {
    case ENTRY_BI:
        return same_side(&a->bids, &b->bids);
    case ENTRY_OF:
        return same_side(&a->offers, &b->offers);
    case ENTRY_LA:
        return same_trade(a, b);
    case ENTRY_OP:
        return same(a->open_price, b->open_price);
    case ENTRY_CL:
        return same(a->close_price, b->close_price) && a->close_day == b->close_day;
    case ENTRY_SE:
        return same(a->settlement_price, b->settlement_price) &&
               a->settlement_day == b->settlement_day;
    case ENTRY_HI:
        return same(a->high_price, b->high_price);
    case ENTRY_LO:
        return same(a->low_price, b->low_price);
    case ENTRY_TV:
        return same(a->trade_volume, b->trade_volume);
    case ENTRY_OI:
        return same(a->open_interest, b->open_interest);
    case ENTRY_EV:
        return same(a->effective_volume, b->effective_volume);
    case ENTRY_NV:
        return same(a->nominal_volume, b->nominal_volume);
    case ENTRY_IV:
        return same(a->index_value, b->index_value);
    case ENTRY_ACP:
        return same(a->auction_price, b->auction_price);
    }
    return true;
}

uint32_t quote_diff(const struct quote *a, const struct quote *b, uint32_t entries)
{
    uint32_t changed = 0;
    for (int e = 0; e < ENTRY_COUNT; e++) {
        if ((entries & ENTRY_BIT(e)) && !same_entry(a, b, (enum entry)e))
            changed |= ENTRY_BIT(e);
    }
    return changed;
}

static void copy_entry(struct quote *to, const struct quote *from, enum entry entry)
{
    switch (entry) {
    case ENTRY_BI:
        to->bids = from->bids;
        return;
    case ENTRY_OF:
        to->offers = from->offers;
        return;
    case ENTRY_LA:
        to->last_price = from->last_price;
        to->last_size = from->last_size;
        to->ts_last = from->ts_last;
        return;
    case ENTRY_OP:
        to->open_price = from->open_price;
        return;
    case ENTRY_CL:
        to->close_price = from->close_price;
        to->close_day = from->close_day;
        return;
    case ENTRY_SE:
        to->settlement_price = from->settlement_price;
        to->settlement_day = from->settlement_day;
        return;
    case ENTRY_HI:
        to->high_price = from->high_price;
        return;
    case ENTRY_LO:
        to->low_price = from->low_price;
        return;
    case ENTRY_TV:
        to->trade_volume = from->trade_volume;
        return;
    case ENTRY_OI:
        to->open_interest = from->open_interest;
        return;
    case ENTRY_EV:
        to->effective_volume = from->effective_volume;
        return;
    case ENTRY_NV:
        to->nominal_volume = from->nominal_volume;
        return;
    case ENTRY_IV:
        to->index_value = from->index_value;
        return;
    case ENTRY_ACP:
        to->auction_price = from->auction_price;
        return;
    }
}

void quote_copy(struct quote *to, const struct quote *from, uint32_t entries)
{
    for (int e = 0; e < ENTRY_COUNT; e++) {
        if (entries & ENTRY_BIT(e))
            copy_entry(to, from, (enum entry)e);
    }
    to->ts_event = from->ts_event;
}

static void cut(struct side *side, int depth)
{
    if (side->count <= depth)
        return;
    memset(&side->level[depth], 0, (size_t)(side->count - depth) * sizeof(side->level[0]));
    side->count = depth;
}

struct quote quote_shallow(const struct quote *quote, int depth)
{
    struct quote shallow = *quote;
    cut(&shallow.bids, depth);
    cut(&shallow.offers, depth);
    return shallow;
}

/* --- partial updates -------------------------------------------------------------------------- */

#define LEVELS 5 /* as many as all sources have */

/* The present levels behind the best one, which a source that has only the best does not know.
 * `sign`: 1 if a higher price is better, -1 if a lower one is. */
static void put_behind(struct side *best, const struct side *present, int sign)
{
    if (!best->count)
        return;
    for (int i = 0; i < present->count && best->count < LEVELS; i++) {
        if (sign * (best->level[0].price - present->level[i].price) > 0)
            best->level[best->count++] = present->level[i];
    }
}

/* The fallback entries of which there is no value yet. */
static uint32_t without_value(const struct quote *q)
{
    return (isnan(q->close_price) ? ENTRY_BIT(ENTRY_CL) : 0) |
           (isnan(q->settlement_price) ? ENTRY_BIT(ENTRY_SE) : 0);
}

void quote_complete(struct quote_update *update, const struct quote *present)
{
    if (update->best_only & ENTRY_BIT(ENTRY_BI))
        put_behind(&update->quote.bids, &present->bids, 1);
    if (update->best_only & ENTRY_BIT(ENTRY_OF))
        put_behind(&update->quote.offers, &present->offers, -1);
    update->entries &= ~(update->fallback & ~without_value(present));
}

bool quote_crossed(const struct quote *quote)
{
    return quote->bids.count && quote->offers.count &&
           quote->bids.level[0].price > quote->offers.level[0].price;
}
