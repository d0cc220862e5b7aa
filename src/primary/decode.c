#include "primary/decode.h"

#include "base/clock.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define MS_PER_DAY INT64_C(86400000)
#define MS_1990    INT64_C(631152000000)
#define MS_2100    INT64_C(4102444800000)
#define NO_INDEX   (-1)

/* Where we are, for the words of an error; costs nothing while there is none. */
struct place {
    const char *code; /* of the entry, borrowed from the document */
    int index;        /* in its list, or NO_INDEX */
    struct err *why;
};

/* One entry as the broker writes it, whatever the shape. */
struct cell {
    double price, size; /* NAN = none; a bare number is a price */
    int64_t date_ms;    /* 0 = not said */
};

static const struct cell no_cell = {.price = NAN, .size = NAN};

static int refuse(const struct place *at, const char *field, const char *what)
{
    const char *dot = *field ? "." : "";
    if (at->index == NO_INDEX)
        return err_set(at->why, -EBADMSG, "marketData.%s%s%s %s", at->code, dot, field, what);
    return err_set(at->why, -EBADMSG, "marketData.%s[%d]%s%s %s", at->code, at->index, dot, field,
                   what);
}

static bool is_none(const struct json *value)
{
    enum json_type type = json_type(value);
    return type == JSON_ABSENT || type == JSON_NULL || (type == JSON_ARRAY && !json_first(value));
}

/* 1e999, "NaN", "-Infinity": meant as a number. */
static bool is_not_finite(const struct json *value)
{
    double number;
    char *end;
    const char *text = json_string(value);
    if (!text)
        return json_type(value) == JSON_NUMBER && !json_number(value, &number);
    return !isfinite(strtod(text, &end)) && end > text && *end == '\0';
}

/* `out` stays NAN when there is no value. */
static int read_number(const struct place *at, const char *field, const struct json *value,
                       double *out)
{
    *out = NAN;
    if (is_none(value) || json_number(value, out))
        return 0;
    return refuse(at, field, is_not_finite(value) ? "is not finite" : "is not a number");
}

/* Stamps only add to a price: one that makes no sense is "not said" and the price is kept. */
static int64_t read_date_ms(const struct json *value)
{
    double ms;
    if (!json_number(value, &ms) || ms < (double)MS_1990 || ms >= (double)MS_2100 ||
        ms != trunc(ms))
        return 0;
    return (int64_t)ms;
}

static int32_t utc_day(int64_t ms)
{
    return ms ? (int32_t)(ms / MS_PER_DAY) : DAY_NONE; /* read_date_ms leaves nothing before 1990 */
}

static int read_object(const struct place *at, const struct json *object, struct cell *out)
{
    out->date_ms = read_date_ms(json_get(object, "date"));
    int rc = read_number(at, "price", json_get(object, "price"), &out->price);
    return rc ? rc : read_number(at, "size", json_get(object, "size"), &out->size);
}

/* A list in place of one value has been reported: its first element counts. */
static int read_cell(const struct place *at, const struct json *value, struct cell *out)
{
    if (json_type(value) == JSON_ARRAY)
        value = json_first(value);
    *out = no_cell;
    if (json_type(value) == JSON_OBJECT)
        return read_object(at, value, out);
    return read_number(at, "", value, &out->price);
}

static int read_price(const struct place *at, const struct json *value, double *out)
{
    struct cell cell;
    int rc = read_cell(at, value, &cell);
    *out = cell.price;
    return rc;
}

static int read_volume(const struct place *at, const struct json *value, double *out)
{
    struct cell cell;
    int rc = read_cell(at, value, &cell);
    *out = isnan(cell.size) ? cell.price : cell.size;
    if (rc == 0 && *out < 0)
        return refuse(at, "", "is negative");
    return rc;
}

/* A time or a size without a price is no trade. */
static int read_last(const struct place *at, const struct json *value, struct quote *quote)
{
    struct cell cell;
    int rc = read_cell(at, value, &cell);
    if (rc == 0 && cell.size < 0)
        return refuse(at, "size", "is negative");
    if (rc || isnan(cell.price))
        return rc;
    quote->last_price = cell.price;
    quote->last_size = cell.size;
    quote->ts_last = cell.date_ms * NS_PER_MS;
    return 0;
}

static int read_day_price(const struct place *at, const struct json *value, double *price,
                          int32_t *day)
{
    struct cell cell;
    int rc = read_cell(at, value, &cell);
    *price = cell.price;
    *day = isnan(cell.price) ? DAY_NONE : utc_day(cell.date_ms);
    return rc;
}

/* BYMA writes "no settlement" as 0 without a day; with a day, 0 is a price. */
static int read_settlement(const struct place *at, const struct json *value, struct quote *quote)
{
    int rc = read_day_price(at, value, &quote->settlement_price, &quote->settlement_day);
    if (quote->settlement_price == 0 && quote->settlement_day == DAY_NONE)
        quote->settlement_price = NAN;
    return rc;
}

/* "No auction" is written as price 0, size 0. */
static int read_auction(const struct place *at, const struct json *value, struct quote *quote)
{
    struct cell cell;
    int rc = read_cell(at, value, &cell);
    quote->auction_price = cell.price == 0 && !(cell.size > 0) ? NAN : cell.price;
    return rc;
}

static int read_index(const struct place *at, const struct json *value, struct quote *quote)
{
    struct cell cell;
    int rc = read_cell(at, value, &cell);
    quote->index_value = cell.price;
    if (!isnan(cell.price))
        quote->ts_event = cell.date_ms * NS_PER_MS;
    return rc;
}

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/*
 * Insertion keeps the best QUOTE_DEPTH_MAX of however many come, in a stable order; a book that is
 * sorted, as nearly all are, only appends. Price and size repeated is noise of the broker's, the
 * same price with another size is a level.
 */
static void put_level(struct side *side, struct level level, bool falling)
{
    int at = side->count, last = side->count < QUOTE_DEPTH_MAX ? side->count : QUOTE_DEPTH_MAX - 1;

    while (at > 0 && (falling ? level.price > side->level[at - 1].price
                              : level.price < side->level[at - 1].price))
        at--;
    for (int i = at; i > 0 && side->level[i - 1].price == level.price; i--) {
        if (same(side->level[i - 1].size, level.size))
            return;
    }
    if (at == QUOTE_DEPTH_MAX)
        return;
    if (at < last)
        memmove(&side->level[at + 1], &side->level[at], (size_t)(last - at) * sizeof(level));
    side->level[at] = level;
    side->count = last + 1;
}

/* A level without a price, or with a size below 0, is dropped; the rest of the book stands. */
static int read_level(const struct place *at, const struct json *value, struct side *side,
                      bool falling)
{
    struct level level = {.size = NAN};
    bool object = json_type(value) == JSON_OBJECT;
    const struct json *price = object ? json_get(value, "price") : value;

    if (!json_number(price, &level.price))
        return is_none(price) || is_not_finite(price)
                   ? 0
                   : refuse(at, object ? "price" : "", "is not a number");
    int rc = object ? read_number(at, "size", json_get(value, "size"), &level.size) : 0;
    if (rc == 0 && !(level.size < 0))
        put_level(side, level, falling);
    return rc;
}

static int read_side(const struct place *at, const struct json *value, struct side *side,
                     bool falling)
{
    struct place place = *at;
    if (json_type(value) != JSON_ARRAY)
        return read_level(at, value, side, falling);
    for (value = json_first(value); value; value = json_next(value)) {
        place.index++;
        int rc = read_level(&place, value, side, falling);
        if (rc)
            return rc;
    }
    return 0;
}

static int read_entry(const struct place *at, enum entry entry, const struct json *value,
                      struct quote *quote)
{
    switch (entry) {
    case ENTRY_BI:
        return read_side(at, value, &quote->bids, true);
    case ENTRY_OF:
        return read_side(at, value, &quote->offers, false);
    case ENTRY_LA:
        return read_last(at, value, quote);
    case ENTRY_OP:
        return read_price(at, value, &quote->open_price);
    case ENTRY_CL:
        return read_day_price(at, value, &quote->close_price, &quote->close_day);
    case ENTRY_SE:
        return read_settlement(at, value, quote);
    case ENTRY_HI:
        return read_price(at, value, &quote->high_price);
    case ENTRY_LO:
        return read_price(at, value, &quote->low_price);
    case ENTRY_TV:
        return read_volume(at, value, &quote->trade_volume);
    case ENTRY_OI:
        return read_volume(at, value, &quote->open_interest);
    case ENTRY_EV:
        return read_volume(at, value, &quote->effective_volume);
    case ENTRY_NV:
        return read_volume(at, value, &quote->nominal_volume);
    case ENTRY_IV:
        return read_index(at, value, quote);
    case ENTRY_ACP:
        return read_auction(at, value, quote);
    }
    return 0;
}

/* One walk over the members: looking each of 14 entries up would walk them 14 times. */
static int read_members(const struct json *market_data, uint32_t asked, struct quote *quote,
                        uint32_t *seen, struct err *why)
{
    for (const struct json *m = json_first(market_data); m; m = json_next(m)) {
        struct place at = {.code = json_key(m), .index = NO_INDEX, .why = why};
        int entry = entry_from_name(at.code, strlen(at.code));
        if (entry < 0 || !(asked & ~*seen & ENTRY_BIT(entry)))
            continue; /* not asked for, or repeated: the first one counts */
        *seen |= ENTRY_BIT(entry);
        int rc = read_entry(&at, (enum entry)entry, m, quote);
        if (rc)
            return rc;
    }
    return 0;
}

int decode_entries(const struct json *market_data, uint32_t asked, bool absent_clears,
                   struct quote_update *out, struct err *why)
{
    struct quote quote = quote_none();
    uint32_t seen = 0;

    if (json_type(market_data) == JSON_ABSENT)
        return err_set(why, -EBADMSG, "marketData is missing");
    if (json_type(market_data) != JSON_OBJECT && !is_none(market_data))
        return err_set(why, -EBADMSG, "marketData is not an object");
    int rc = read_members(market_data, asked, &quote, &seen, why);
    if (rc)
        return rc;
    out->entries = absent_clears ? asked & ENTRY_ALL : seen;
    out->quote = quote;
    return 0;
}

/* An answer with the data but without a status says enough. */
static enum reply_class by_envelope(const struct json *root, const struct json *market_data,
                                    struct err *why)
{
    if (json_type(market_data) == JSON_OBJECT && !json_get(root, "status"))
        return REPLY_OK;
    return reply_by_envelope(root, why);
}

enum reply_class decode_market_data(struct json_parser *parser, const struct reply *reply,
                                    uint32_t asked, struct quote_update *out, struct err *why)
{
    enum reply_class class = reply_by_head(reply, why);
    if (class != REPLY_OK)
        return class;
    const struct json *root = json_parse(parser, reply->body, reply->body_len_bytes, why);
    if (!root)
        return REPLY_MALFORMED;
    const struct json *market_data = json_get(root, "marketData");
    class = by_envelope(root, market_data, why);
    if (class == REPLY_OK && decode_entries(market_data, asked, true, out, why))
        return REPLY_MALFORMED;
    return class;
}
