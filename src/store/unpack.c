#include "store/unpack.h"

#include "base/clock.h"
#include "base/num.h"
#include "store/row.h"
#include "store/sql.h"

#include <sqlite3.h>
#include <string.h>

double unpack_price(sqlite3_stmt *stmt, int column, int64_t unit)
{
    switch (sqlite3_column_type(stmt, column)) {
    case SQLITE_INTEGER:
        return (double)sqlite3_column_int64(stmt, column) / (double)unit;
    case SQLITE_FLOAT:
        return sqlite3_column_double(stmt, column);
    default:
        return NAN;
    }
}

int64_t unpack_ts(int64_t ts_recv, int64_t ago_ms)
{
    return (ts_recv / NS_PER_MS - ago_ms) * NS_PER_MS;
}

/* Numbers that are not integers are quoted. */
static bool take_quoted(const char **at, double *out)
{
    const char *text = *at + 1, *end = strchr(text, '"');
    if (!end || !num_parse(text, (size_t)(end - text), out))
        return false;
    *at = end + 1 + (end[1] == ',');
    return true;
}

/* One number of the list, "null" is NAN. Nearly all are short integers, which need no num_parse. */
static bool take_number(const char **at, double *out)
{
    const char *text = *at;
    int64_t whole = 0;
    size_t len = strcspn(text, ","), i = 0;
    if (*text == '"')
        return take_quoted(at, out);
    while (i < len && i < 15 && text[i] >= '0' && text[i] <= '9')
        whole = whole * 10 + (text[i++] - '0');
    if (i == len && len > 0)
        *out = (double)whole;
    else if (len == 4 && memcmp(text, "null", 4) == 0)
        *out = NAN;
    else if (!num_parse(text, len, out))
        return false;
    *at = text + len + (text[len] == ',');
    return true;
}

void unpack_side(struct side *out, struct level best, const char *rest, bool is_bid, int64_t unit)
{
    double distance;
    double whole = nearbyint(best.price * (double)unit); /* an integer when packed: exact */
    out->level[0] = best;
    out->count = 1;
    if (*rest == '"' && !take_quoted(&rest, &out->level[0].size))
        return;
    while (*rest && out->count < QUOTE_DEPTH_MAX) {
        struct level *level = &out->level[out->count];
        if (!take_number(&rest, &distance) || isnan(distance) || !take_number(&rest, &level->size))
            return;
        level->price = (is_bid ? whole - distance : whole + distance) / (double)unit;
        out->count++;
    }
}

/* --- a row ------------------------------------------------------------------------------------ */

/* Of PACKED_COLUMNS. */
enum {
    COLUMN_SEQ,
    COLUMN_INSTRUMENT,
    COLUMN_RECV,
    COLUMN_SOURCE,
    COLUMN_CHANGED,
    COLUMN_EVENT_AGO,
    COLUMN_LAST_AGO,
    COLUMN_UNIT,
    COLUMN_BID,
    COLUMN_OFFER = COLUMN_BID + 2,
    COLUMN_LAST = COLUMN_OFFER + 2,
    COLUMN_OPEN = COLUMN_LAST + 2,
    COLUMN_HIGH,
    COLUMN_LOW,
    COLUMN_CLOSE,
    COLUMN_CLOSE_DAY,
    COLUMN_SETTLEMENT,
    COLUMN_SETTLEMENT_DAY,
    COLUMN_OPEN_INTEREST,
    COLUMN_TRADE_VOLUME,
    COLUMN_NOMINAL_VOLUME,
    COLUMN_EFFECTIVE_VOLUME,
    COLUMN_INDEX,
    COLUMN_AUCTION,
    COLUMN_BIDS,
    COLUMN_OFFERS,
};

static int64_t read_ago(sqlite3_stmt *stmt, int column, int64_t ts_recv)
{
    return sqlite3_column_type(stmt, column) == SQLITE_NULL
               ? 0
               : unpack_ts(ts_recv, sqlite3_column_int64(stmt, column));
}

static int32_t read_day(sqlite3_stmt *stmt, int column)
{
    return sqlite3_column_type(stmt, column) == SQLITE_NULL ? DAY_NONE
                                                            : sqlite3_column_int(stmt, column);
}

struct side_columns {
    int best, rest;
    bool is_bid;
};

static void read_side(sqlite3_stmt *stmt, struct side_columns columns, int64_t unit,
                      struct json_parser *parser, struct side *out)
{
    const char *rest = (const char *)sqlite3_column_text(stmt, columns.rest);
    struct level best = {unpack_price(stmt, columns.best, unit), sql_real(stmt, columns.best + 1)};
    memset(out, 0, sizeof(*out));
    if (rest && *rest == '[')
        row_read_levels(parser, rest, out);
    else if (!isnan(best.price))
        unpack_side(out, best, rest ? rest : "", columns.is_bid, unit);
}

void unpack_row(sqlite3_stmt *stmt, struct json_parser *parser, struct store_snapshot *out)
{
    int64_t unit = sqlite3_column_int64(stmt, COLUMN_UNIT);
    struct quote *q = &out->quote;
    out->seq = sqlite3_column_int64(stmt, COLUMN_SEQ);
    out->ts_recv = sqlite3_column_int64(stmt, COLUMN_RECV);
    out->source = (enum source)sqlite3_column_int(stmt, COLUMN_SOURCE);
    out->changed = (uint32_t)sqlite3_column_int64(stmt, COLUMN_CHANGED);
    read_side(stmt, (struct side_columns){COLUMN_BID, COLUMN_BIDS, true}, unit, parser, &q->bids);
    read_side(stmt, (struct side_columns){COLUMN_OFFER, COLUMN_OFFERS, false}, unit, parser,
              &q->offers);
    q->last_price = unpack_price(stmt, COLUMN_LAST, unit);
    q->last_size = sql_real(stmt, COLUMN_LAST + 1);
    q->ts_last = read_ago(stmt, COLUMN_LAST_AGO, out->ts_recv);
    q->open_price = unpack_price(stmt, COLUMN_OPEN, unit);
    q->high_price = unpack_price(stmt, COLUMN_HIGH, unit);
    q->low_price = unpack_price(stmt, COLUMN_LOW, unit);
    q->close_price = unpack_price(stmt, COLUMN_CLOSE, unit);
    q->close_day = read_day(stmt, COLUMN_CLOSE_DAY);
    q->settlement_price = unpack_price(stmt, COLUMN_SETTLEMENT, unit);
    q->settlement_day = read_day(stmt, COLUMN_SETTLEMENT_DAY);
    q->open_interest = sql_real(stmt, COLUMN_OPEN_INTEREST);
    q->trade_volume = sql_real(stmt, COLUMN_TRADE_VOLUME);
    q->nominal_volume = sql_real(stmt, COLUMN_NOMINAL_VOLUME);
    q->effective_volume = unpack_price(stmt, COLUMN_EFFECTIVE_VOLUME, unit);
    q->index_value = unpack_price(stmt, COLUMN_INDEX, unit);
    q->auction_price = unpack_price(stmt, COLUMN_AUCTION, unit);
    q->ts_event = read_ago(stmt, COLUMN_EVENT_AGO, out->ts_recv);
}
