#include "store/read/extract_cells.h"

#include "market/trade.h"
#include "store/sql.h"
#include "store/unpack.h"

#include <sqlite3.h>

/* 0000-01-01 to 9999-12-31, which have four digits for the year. Later, SQLite's date() is NULL
 * too; before, it has a year with a sign, which the programs that read exports do not know. */
#define DAY_MIN (-719528)
#define DAY_MAX 2932896

/* The row being read. */
struct reading {
    struct extract_cells *out;
    sqlite3_stmt *stmt;
    const struct extract_instrument *instrument;
    int64_t ts, unit;
};

static const struct cell none = {.kind = CELL_NONE};

static struct cell whole(enum cell_kind kind, int64_t value)
{
    return (struct cell){kind, .whole = value};
}

static struct cell number(double value)
{
    return (struct cell){CELL_NUMBER, .number = value};
}

static struct cell price(const struct reading *r, double value)
{
    return (struct cell){CELL_NUMBER, .number = value, .decimals = r->instrument->decimals};
}

static struct cell text(const char *value)
{
    return value ? (struct cell){CELL_TEXT, .text = value} : none;
}

static struct cell levels(const struct reading *r, const struct extract_column *c, bool is_bid)
{
    struct side *side = is_bid ? &r->out->bids : &r->out->offers;
    const char *rest = (const char *)sqlite3_column_text(r->stmt, c->more);
    if (rest && *rest == '[')
        return (struct cell){CELL_JSON, .text = rest};
    struct level best = {unpack_price(r->stmt, c->from, r->unit), sql_real(r->stmt, c->from + 1)};
    unpack_side(side, best, rest ? rest : "", is_bid, r->unit);
    return (struct cell){CELL_LEVELS, .side = side};
}

static struct cell day(int64_t value)
{
    return value >= DAY_MIN && value <= DAY_MAX ? whole(CELL_DAY, value) : none;
}

static struct cell changed(const struct reading *r, int64_t bits)
{
    return text(entry_list_text(r->out->changed, (uint32_t)bits & ENTRY_ALL));
}

static struct cell from_whole(const struct reading *r, enum extract_rule rule, int64_t value)
{
    switch (rule) {
    case RULE_TIME:
        return whole(CELL_TIME, value);
    case RULE_MINUTE:
        return whole(CELL_MINUTE, value);
    case RULE_AGO:
        return whole(CELL_WHOLE, unpack_ts(r->ts, value));
    case RULE_AGO_TIME:
        return whole(CELL_TIME, unpack_ts(r->ts, value));
    case RULE_DAY:
        return day(value);
    case RULE_SOURCE:
        return text(source_name((enum source)value));
    case RULE_ORIGIN:
        return text(trade_origin_name(value));
    case RULE_CHANGED:
        return changed(r, value);
    default: /* RULE_WHOLE; the other rules are not of integers */
        return whole(CELL_WHOLE, value);
    }
}

static struct cell read_cell(const struct reading *r, const struct extract_column *c)
{
    if (sqlite3_column_type(r->stmt, c->from) == SQLITE_NULL)
        return none;
    switch (c->rule) {
    case RULE_MARKET:
        return text(r->instrument->market);
    case RULE_SYMBOL:
        return text(r->instrument->symbol);
    case RULE_TEXT:
        return text((const char *)sqlite3_column_text(r->stmt, c->from));
    case RULE_NUMBER:
        return number(sqlite3_column_double(r->stmt, c->from));
    case RULE_PRICE:
        return price(r, sqlite3_column_double(r->stmt, c->from));
    case RULE_UNITS:
        return number(unpack_price(r->stmt, c->from, r->unit));
    case RULE_UNITS_PRICE:
        return price(r, unpack_price(r->stmt, c->from, r->unit));
    case RULE_BIDS:
        return levels(r, c, true);
    case RULE_OFFERS:
        return levels(r, c, false);
    default:
        return from_whole(r, c->rule, sqlite3_column_int64(r->stmt, c->from));
    }
}

void extract_cells_read(struct extract_cells *out, const struct extract_source *source,
                        sqlite3_stmt *stmt, const struct extract_instrument *instrument)
{
    const struct reading r = {out, stmt, instrument, sqlite3_column_int64(stmt, 1),
                              source->unit < 0 ? 1 : sqlite3_column_int64(stmt, source->unit)};
    for (int i = 0; i < source->columns_count; i++)
        out->cells[i] = read_cell(&r, &source->columns[i]);
}

enum cell_kind extract_rule_kind(enum extract_rule rule)
{
    switch (rule) {
    case RULE_NUMBER:
    case RULE_PRICE:
    case RULE_UNITS:
    case RULE_UNITS_PRICE:
        return CELL_NUMBER;
    case RULE_WHOLE:
    case RULE_AGO:
        return CELL_WHOLE;
    case RULE_TIME:
    case RULE_AGO_TIME:
        return CELL_TIME;
    case RULE_MINUTE:
        return CELL_MINUTE;
    case RULE_DAY:
        return CELL_DAY;
    case RULE_BIDS:
    case RULE_OFFERS:
        return CELL_LEVELS;
    case RULE_MARKET:
    case RULE_SYMBOL:
    case RULE_TEXT:
    case RULE_SOURCE:
    case RULE_ORIGIN:
    case RULE_CHANGED:
        break;
    }
    return CELL_TEXT;
}
