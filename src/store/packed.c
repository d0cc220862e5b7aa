#include "store/packed.h"

#include "base/clock.h"
#include "base/num.h"
#include "store/sql.h"

#include <math.h>
#include <sqlite3.h>
#include <string.h>

#define UNIT_MAX  INT64_C(100000000)
#define WHOLE_MAX 1e15 /* 15 digits: a decimal of that many digits fits a double exactly */

/* --- numbers ---------------------------------------------------------------------------------- */

bool packed_price(double price, int64_t unit, int64_t *out)
{
    double whole = nearbyint(price * (double)unit);
    if (!(fabs(whole) < WHOLE_MAX) || whole / (double)unit != price)
        return false;
    *out = (int64_t)whole;
    return true;
}

/* The smallest unit from `unit` on that represents `price`; `unit` itself if there is none. */
static int64_t widen(int64_t unit, double price)
{
    int64_t whole;
    if (isnan(price))
        return unit;
    for (int64_t u = unit; u <= UNIT_MAX; u *= 10) {
        if (packed_price(price, u, &whole))
            return u;
    }
    return unit;
}

static int64_t widen_by_side(int64_t unit, const struct side *side)
{
    for (int i = 0; i < side->count; i++)
        unit = widen(unit, side->level[i].price);
    return unit;
}

int64_t packed_unit(const struct quote *quote)
{
    const double prices[] = {quote->last_price,    quote->open_price,  quote->high_price,
                             quote->low_price,     quote->close_price, quote->settlement_price,
                             quote->auction_price, quote->index_value};
    int64_t unit = widen_by_side(widen_by_side(1, &quote->bids), &quote->offers);
    for (size_t i = 0; i < sizeof(prices) / sizeof(prices[0]); i++)
        unit = widen(unit, prices[i]);
    return unit;
}

/* --- levels ----------------------------------------------------------------------------------- */

static bool is_whole(double number)
{
    return fabs(number) < WHOLE_MAX && number == nearbyint(number);
}

static char *put_text(char *at, const char *text, size_t len_bytes)
{
    memcpy(at, text, len_bytes);
    return at + len_bytes;
}

/* SQLite's JSON functions would print a number that is not an integer again, in another form; a
 * quoted text is not changed. */
static char *put_size(char *at, double size)
{
    if (is_whole(size))
        return num_put_whole(at, (int64_t)size);
    if (isnan(size))
        return put_text(at, "null", 4);
    *at++ = '"';
    at = isfinite(size) ? num_put(at, size) : put_text(at, "null", 4);
    *at++ = '"';
    return at;
}

/* The views print integers of 1/unit without an exponent, but num_text uses one below 1e-4. */
static bool packed_level(double price, int64_t unit, int64_t *out)
{
    return packed_price(price, unit, out) && (price == 0 || fabs(price) >= 1e-4);
}

/* The end of the text; NULL when a price is not an integer in 1/unit. */
static char *put_distances(char *text, const struct side *side, bool is_bid, int64_t unit)
{
    char *at = text;
    int64_t best, price;
    if (!packed_level(side->level[0].price, unit, &best))
        return NULL;
    if (!is_whole(side->level[0].size) && !isnan(side->level[0].size))
        at = put_size(at, side->level[0].size);
    for (int i = 1; i < side->count; i++) {
        if (!packed_level(side->level[i].price, unit, &price))
            return NULL;
        if (at > text)
            *at++ = ',';
        at = num_put_whole(at, is_bid ? best - price : price - best);
        *at++ = ',';
        at = put_size(at, side->level[i].size);
    }
    return at;
}

void packed_levels(struct buf *out, const struct side *side, bool is_bid, int64_t unit)
{
    char text[QUOTE_DEPTH_MAX * ROW_LEVEL_BYTES];
    buf_clear(out);
    if (!side->count)
        return;
    const char *end = put_distances(text, side, is_bid, unit);
    if (end)
        buf_append(out, text, (size_t)(end - text));
    else
        row_levels(out, side);
}

/* --- binding ---------------------------------------------------------------------------------- */

static void bind_price(sqlite3_stmt *stmt, int at, double price, int64_t unit)
{
    int64_t whole;
    if (packed_price(price, unit, &whole))
        sqlite3_bind_int64(stmt, at, whole);
    else
        sqlite3_bind_double(stmt, at, price); /* NAN binds NULL */
}

static void bind_top(sqlite3_stmt *stmt, int at, const struct side *side, int64_t unit)
{
    bind_price(stmt, at, side->count ? side->level[0].price : NAN, unit);
    sqlite3_bind_double(stmt, at + 1, side->count ? side->level[0].size : NAN);
}

static void bind_ago(sqlite3_stmt *stmt, int at, int64_t ts_recv, int64_t ts)
{
    if (ts)
        sqlite3_bind_int64(stmt, at, ts_recv / NS_PER_MS - ts / NS_PER_MS);
    else
        sqlite3_bind_null(stmt, at);
}

static void bind_text(sqlite3_stmt *stmt, int at, struct buf *text)
{
    if (text->len_bytes)
        sqlite3_bind_text(stmt, at, buf_text(text), (int)text->len_bytes, SQLITE_STATIC);
    else
        sqlite3_bind_null(stmt, at);
}

void packed_bind(sqlite3_stmt *stmt, const struct store_snapshot *row, int64_t instrument_id,
                 struct row_text *text)
{
    const struct quote *quote = &row->quote;
    int64_t unit = packed_unit(quote);
    int at = 1;
    packed_levels(&text->bids, &quote->bids, true, unit);
    packed_levels(&text->offers, &quote->offers, false, unit);
    sqlite3_bind_int64(stmt, at++, row->seq);
    sqlite3_bind_int64(stmt, at++, instrument_id);
    sqlite3_bind_int64(stmt, at++, row->ts_recv);
    sqlite3_bind_int(stmt, at++, (int)row->source);
    sqlite3_bind_int64(stmt, at++, row->changed);
    bind_ago(stmt, at++, row->ts_recv, quote->ts_event);
    bind_ago(stmt, at++, row->ts_recv, quote->ts_last);
    sqlite3_bind_int64(stmt, at++, unit);
    bind_top(stmt, at, &quote->bids, unit);
    bind_top(stmt, at + 2, &quote->offers, unit);
    at += 4;
    bind_price(stmt, at++, quote->last_price, unit);
    sqlite3_bind_double(stmt, at++, quote->last_size);
    bind_price(stmt, at++, quote->open_price, unit);
    bind_price(stmt, at++, quote->high_price, unit);
    bind_price(stmt, at++, quote->low_price, unit);
    bind_price(stmt, at++, quote->close_price, unit);
    sql_bind_whole(stmt, at++, quote->close_day, DAY_NONE);
    bind_price(stmt, at++, quote->settlement_price, unit);
    sql_bind_whole(stmt, at++, quote->settlement_day, DAY_NONE);
    sqlite3_bind_double(stmt, at++, quote->open_interest);
    sqlite3_bind_double(stmt, at++, quote->trade_volume);
    sqlite3_bind_double(stmt, at++, quote->nominal_volume);
    bind_price(stmt, at++, quote->effective_volume, unit);
    bind_price(stmt, at++, quote->index_value, unit);
    bind_price(stmt, at++, quote->auction_price, unit);
    bind_text(stmt, at++, &text->bids);
    bind_text(stmt, at, &text->offers);
}
