#include "api/quote_list.h"

#include "export/cell_text.h"
#include "market/symbol_order.h"

#include <stdlib.h>

struct named {
    struct symbol_parts symbol; /* parsed once: a sort compares each symbol many times */
    int32_t instrument;
};

struct quote_list {
    struct quote_list_parts parts;
    bool stale;
    int64_t number; /* of the order */
    struct named *order;
    int32_t count;
    int32_t *places; /* by instrument */
    int32_t instruments;
};

/* --- the order -------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    const struct named *left = a, *right = b;
    int order = symbol_parts_order(&left->symbol, &right->symbol);
    return order ? order : (left->instrument > right->instrument) - 1;
}

/* Keeps the old order when there is no memory. */
static void make_order(struct quote_list *l)
{
    int32_t all = market_count(l->parts.market);
    struct named *order = calloc((size_t)all + 1, sizeof(*order));
    int32_t *places = malloc(((size_t)all + 1) * sizeof(*places));
    if (!order || !places) {
        free(order);
        free(places);
        return;
    }
    free(l->order);
    free(l->places);
    l->order = order;
    l->places = places;
    l->instruments = all;
    l->count = 0;
    for (int32_t i = 0; i < all; i++) {
        places[i] = -1;
        if (source_offers(l->parts.source, i))
            order[l->count++] = (struct named){symbol_parts(market_symbol(l->parts.market, i)), i};
    }
    qsort(order, (size_t)l->count, sizeof(*order), compare);
    for (int32_t place = 0; place < l->count; place++)
        places[order[place].instrument] = place;
}

void quote_list_stale(struct quote_list *l)
{
    l->stale = true;
}

int64_t quote_list_renew(struct quote_list *l)
{
    if (l->stale || l->instruments != market_count(l->parts.market)) {
        make_order(l);
        l->stale = false;
        l->number++;
    }
    return l->number;
}

int32_t quote_list_count(const struct quote_list *l)
{
    return l->count;
}

int32_t quote_list_at(const struct quote_list *l, int32_t place)
{
    return l->order[place].instrument;
}

int32_t quote_list_place(const struct quote_list *l, int32_t instrument)
{
    return instrument < l->instruments ? l->places[instrument] : -1;
}

/* --- quotes ----------------------------------------------------------------------------------- */

bool quote_list_known(const struct quote_list *l, int32_t instrument)
{
    return market_quote(l->parts.market, instrument)->seq > 0;
}

int64_t quote_list_age_ms(const struct quote_list *l, int32_t instrument)
{
    struct source_origin origin;
    l->parts.source->origin(l->parts.source->self, instrument, &origin);
    return origin.age_ms;
}

static int decimals_of(const struct quote_list *l, int32_t instrument)
{
    const struct market_source *source = l->parts.source;
    return instrument_decimals(source->instrument(source->self, instrument));
}

void quote_list_cells(const struct quote_list *l, int32_t instrument,
                      struct cell cells[QUOTE_ROW_COLUMNS])
{
    const struct market_quote *present = market_quote(l->parts.market, instrument);
    int64_t age_ns = quote_list_age_ms(l, instrument) * NS_PER_MS;
    struct quote_row_facts facts = {
        .market_id = market_id(l->parts.market, instrument),
        .symbol = market_symbol(l->parts.market, instrument),
        .present = present,
        .ts_seen = loop_now(l->parts.loop).wall_ns - age_ns,
        .recorded = source_offers(l->parts.source, instrument),
        .decimals = decimals_of(l, instrument),
    };
    if (facts.ts_seen < present->ts_recv)
        facts.ts_seen = present->ts_recv;
    quote_row_cells(&facts, cells);
}

static void put_decimals(struct buf *out, int decimals)
{
    if (decimals < 0)
        buf_puts(out, "null");
    else
        buf_printf(out, "%d", decimals);
}

void quote_list_put_json(const struct quote_list *l, int32_t instrument, struct buf *out)
{
    struct cell cells[QUOTE_ROW_COLUMNS];
    struct source_origin origin;
    l->parts.source->origin(l->parts.source->self, instrument, &origin);
    quote_list_cells(l, instrument, cells);
    buf_printf(out, "{\"order\":%d,\"ageMs\":%lld,\"calendar\":%d,\"decimals\":",
               (int)quote_list_place(l, instrument), (long long)origin.age_ms, origin.calendar);
    put_decimals(out, decimals_of(l, instrument));
    for (int i = 0; i < QUOTE_ROW_COLUMNS; i++) {
        buf_puts(out, ",\"");
        buf_puts(out, quote_row_column(i));
        buf_puts(out, "\":");
        cell_text_put_json(out, &cells[i]);
    }
    buf_puts(out, "}");
}

/* --- create and destroy ----------------------------------------------------------------------- */

struct quote_list *quote_list_create(const struct quote_list_parts *parts)
{
    struct quote_list *l = calloc(1, sizeof(*l));
    if (!l)
        return NULL;
    l->parts = *parts;
    l->stale = true;
    return l;
}

void quote_list_destroy(struct quote_list *l)
{
    if (!l)
        return;
    free(l->order);
    free(l->places);
    free(l);
}
