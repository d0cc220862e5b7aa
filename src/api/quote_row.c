#include "api/quote_row.h"

#include <math.h>

static const char *const columns[QUOTE_ROW_COLUMNS] = {
    "market",         "symbol",           "source",           "seen_time",     "recv_time",
    "event_time",     "ts_seen",          "ts_recv",          "ts_event",      "seq",
    "bid_price",      "bid_size",         "offer_price",      "offer_size",    "last_price",
    "last_size",      "last_time",        "ts_last",          "open_price",    "high_price",
    "low_price",      "close_price",      "settlement_price", "open_interest", "trade_volume",
    "nominal_volume", "effective_volume", "index_value",      "auction_price", "bids",
    "offers",         "close_date",       "settlement_date",  "recorded",
};

const char *quote_row_column(int column)
{
    return columns[column];
}

static struct cell text(const char *value)
{
    return value ? (struct cell){CELL_TEXT, {.text = value}} : (struct cell){0};
}

static struct cell number(double value)
{
    return isnan(value) ? (struct cell){0} : (struct cell){CELL_NUMBER, {.number = value}};
}

static struct cell price(const struct quote_row_facts *facts, double value)
{
    struct cell cell = number(value);
    if (cell.kind == CELL_NUMBER && facts->decimals > 0)
        cell.decimals = facts->decimals;
    return cell;
}

static struct cell whole(enum cell_kind kind, int64_t value, int64_t none)
{
    return value == none ? (struct cell){0} : (struct cell){kind, {.whole = value}};
}

static struct cell levels(const struct side *side)
{
    return side->count ? (struct cell){CELL_LEVELS, {.side = side}} : (struct cell){0};
}

static struct cell best_price(const struct quote_row_facts *facts, const struct side *side)
{
    return price(facts, side->count ? side->level[0].price : NAN);
}

static struct cell best_size(const struct side *side)
{
    return number(side->count ? side->level[0].size : NAN);
}

void quote_row_cells(const struct quote_row_facts *facts, struct cell cells[QUOTE_ROW_COLUMNS])
{
    const struct market_quote *m = facts->present;
    const struct quote *q = &m->quote;
    const struct cell row[QUOTE_ROW_COLUMNS] = {
        text(facts->market_id),
        text(facts->symbol),
        text(source_name(m->source)),
        whole(CELL_TIME, facts->ts_seen, 0),
        whole(CELL_TIME, m->ts_recv, 0),
        whole(CELL_TIME, q->ts_event, 0),
        whole(CELL_WHOLE, facts->ts_seen, 0),
        whole(CELL_WHOLE, m->ts_recv, 0),
        whole(CELL_WHOLE, q->ts_event, 0),
        whole(CELL_WHOLE, m->seq, 0),
        best_price(facts, &q->bids),
        best_size(&q->bids),
        best_price(facts, &q->offers),
        best_size(&q->offers),
        price(facts, q->last_price),
        number(q->last_size),
        whole(CELL_TIME, q->ts_last, 0),
        whole(CELL_WHOLE, q->ts_last, 0),
        price(facts, q->open_price),
        price(facts, q->high_price),
        price(facts, q->low_price),
        price(facts, q->close_price),
        price(facts, q->settlement_price),
        number(q->open_interest),
        number(q->trade_volume),
        number(q->nominal_volume),
        number(q->effective_volume),
        price(facts, q->index_value),
        price(facts, q->auction_price),
        levels(&q->bids),
        levels(&q->offers),
        whole(CELL_DAY, q->close_day, DAY_NONE),
        whole(CELL_DAY, q->settlement_day, DAY_NONE),
        whole(CELL_WHOLE, facts->recorded, -1),
    };
    for (int i = 0; i < QUOTE_ROW_COLUMNS; i++)
        cells[i] = row[i];
}
