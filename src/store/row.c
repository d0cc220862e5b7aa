#include "store/row.h"

#include "base/num.h"
#include "store/sql.h"

#include <sqlite3.h>
#include <string.h>

#define LEVELS_BYTES 4096 /* more than enough for ten levels of two numbers */

void row_text_init(struct row_text *text)
{
    buf_init(&text->bids, LEVELS_BYTES);
    buf_init(&text->offers, LEVELS_BYTES);
}

void row_text_finish(struct row_text *text)
{
    buf_finish(&text->bids);
    buf_finish(&text->offers);
}

/* --- writing ---------------------------------------------------------------------------------- */

static void bind_top(sqlite3_stmt *stmt, int at, const struct side *side)
{
    sqlite3_bind_double(stmt, at, side->count ? side->level[0].price : NAN);
    sqlite3_bind_double(stmt, at + 1, side->count ? side->level[0].size : NAN);
}

static char *put_number(char *at, double value)
{
    if (isfinite(value))
        return num_put(at, value);
    memcpy(at, "null", 4);
    return at + 4;
}

void row_levels(struct buf *out, const struct side *side)
{
    char text[QUOTE_DEPTH_MAX * ROW_LEVEL_BYTES + 1], *at = text;
    for (int i = 0; i < side->count; i++) {
        *at++ = i ? ',' : '[';
        *at++ = '[';
        at = put_number(at, side->level[i].price);
        *at++ = ',';
        at = put_number(at, side->level[i].size);
        *at++ = ']';
    }
    *at++ = ']';
    buf_append(out, text, (size_t)(at - text));
}

/* Written also for a single level, although its numbers are in columns, because SQLite cannot print
 * them exactly. */
static void bind_levels(sqlite3_stmt *stmt, int at, const struct side *side, struct buf *text)
{
    if (!side->count) {
        sqlite3_bind_null(stmt, at);
        return;
    }
    buf_clear(text);
    row_levels(text, side);
    sqlite3_bind_text(stmt, at, buf_text(text), (int)text->len_bytes, SQLITE_STATIC);
}

/* SQLite binds NAN as NULL. */
void row_bind(sqlite3_stmt *stmt, int first, const struct store_snapshot *row,
              struct row_text *text)
{
    const struct quote *quote = &row->quote;
    int at = first;
    sqlite3_bind_int(stmt, at++, (int)row->source);
    sqlite3_bind_int64(stmt, at++, row->ts_recv);
    sql_bind_whole(stmt, at++, quote->ts_event, 0);
    bind_top(stmt, at, &quote->bids);
    bind_top(stmt, at + 2, &quote->offers);
    at += 4;
    sqlite3_bind_double(stmt, at++, quote->last_price);
    sqlite3_bind_double(stmt, at++, quote->last_size);
    sql_bind_whole(stmt, at++, quote->ts_last, 0);
    sqlite3_bind_double(stmt, at++, quote->open_price);
    sqlite3_bind_double(stmt, at++, quote->high_price);
    sqlite3_bind_double(stmt, at++, quote->low_price);
    sqlite3_bind_double(stmt, at++, quote->close_price);
    sql_bind_whole(stmt, at++, quote->close_day, DAY_NONE);
    sqlite3_bind_double(stmt, at++, quote->settlement_price);
    sql_bind_whole(stmt, at++, quote->settlement_day, DAY_NONE);
    sqlite3_bind_double(stmt, at++, quote->open_interest);
    sqlite3_bind_double(stmt, at++, quote->trade_volume);
    sqlite3_bind_double(stmt, at++, quote->nominal_volume);
    sqlite3_bind_double(stmt, at++, quote->effective_volume);
    sqlite3_bind_double(stmt, at++, quote->index_value);
    sqlite3_bind_double(stmt, at++, quote->auction_price);
    bind_levels(stmt, at++, &quote->bids, &text->bids);
    bind_levels(stmt, at, &quote->offers, &text->offers);
}

/* --- reading ---------------------------------------------------------------------------------- */

static int32_t read_day(sqlite3_stmt *stmt, int at)
{
    return sqlite3_column_type(stmt, at) == SQLITE_NULL ? DAY_NONE : sqlite3_column_int(stmt, at);
}

static struct level read_level(const struct json *pair)
{
    struct level level = {.price = NAN, .size = NAN};
    const struct json *price = json_first(pair);
    json_number(price, &level.price);
    json_number(json_next(price), &level.size);
    return level;
}

void row_read_levels(struct json_parser *parser, const char *text, struct side *out)
{
    const struct json *list = json_parse(parser, text, strlen(text), NULL);
    memset(out, 0, sizeof(*out));
    for (const struct json *pair = json_first(list); pair && out->count < QUOTE_DEPTH_MAX;
         pair = json_next(pair)) {
        struct level level = read_level(pair);
        if (!isnan(level.price))
            out->level[out->count++] = level;
    }
}

static void read_side(sqlite3_stmt *stmt, int top, int levels, struct json_parser *parser,
                      struct side *side)
{
    const char *text = (const char *)sqlite3_column_text(stmt, levels);
    row_read_levels(parser, text ? text : "", side);
    if (!side->count && sqlite3_column_type(stmt, top) != SQLITE_NULL) {
        side->level[0] = (struct level){sql_real(stmt, top), sql_real(stmt, top + 1)};
        side->count = 1;
    }
}

void row_read(sqlite3_stmt *stmt, int first, struct json_parser *parser, struct store_snapshot *row)
{
    struct quote *quote = &row->quote;
    int at = first;
    row->source = (enum source)sqlite3_column_int(stmt, at++);
    row->ts_recv = sqlite3_column_int64(stmt, at++);
    quote->ts_event = sqlite3_column_int64(stmt, at++); /* NULL reads as 0 */
    read_side(stmt, at, first + 23, parser, &quote->bids);
    read_side(stmt, at + 2, first + 24, parser, &quote->offers);
    at += 4;
    quote->last_price = sql_real(stmt, at++);
    quote->last_size = sql_real(stmt, at++);
    quote->ts_last = sqlite3_column_int64(stmt, at++);
    quote->open_price = sql_real(stmt, at++);
    quote->high_price = sql_real(stmt, at++);
    quote->low_price = sql_real(stmt, at++);
    quote->close_price = sql_real(stmt, at++);
    quote->close_day = read_day(stmt, at++);
    quote->settlement_price = sql_real(stmt, at++);
    quote->settlement_day = read_day(stmt, at++);
    quote->open_interest = sql_real(stmt, at++);
    quote->trade_volume = sql_real(stmt, at++);
    quote->nominal_volume = sql_real(stmt, at++);
    quote->effective_volume = sql_real(stmt, at++);
    quote->index_value = sql_real(stmt, at++);
    quote->auction_price = sql_real(stmt, at);
}
