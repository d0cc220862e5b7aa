#include "fuzz/oracle.h"

#include "base/clock.h"
#include "market/book.h"
#include "primary/request.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MS_1990  INT64_C(631152000000)
#define MS_2100  INT64_C(4102444800000)
#define NO_INDEX (-1)

/* The value being read, and where to note that it is unreadable. */
struct place {
    const char *code; /* of the entry, borrowed from the document */
    enum entry entry;
    int index; /* in its list, or NO_INDEX */
    struct unreadable *unreadable;
};

/* The fields of one entry, whatever its JSON form. */
struct cell {
    double price, size; /* NAN = none; a bare number is a price */
    int64_t date_ms;    /* 0 = unknown */
};

/* Only the first fault of each entry is described. */
static void note(const struct place *at, const char *field, const char *what)
{
    char index[16] = "";
    char *words = at->unreadable->words[at->entry];
    if (at->unreadable->entries & ENTRY_BIT(at->entry))
        return;
    at->unreadable->entries |= ENTRY_BIT(at->entry);
    if (at->index != NO_INDEX)
        snprintf(index, sizeof(index), "[%d]", at->index);
    snprintf(words, UNREADABLE_WORDS, "marketData.%s%s%s%s %s", at->code, index, *field ? "." : "",
             field, what);
}

static bool is_none(const struct json *value)
{
    enum json_type type = json_type(value);
    return type == JSON_ABSENT || type == JSON_NULL || (type == JSON_ARRAY && !json_first(value));
}

/* 1e999, "NaN", "-Infinity": a number, but not finite. */
static bool is_not_finite(const struct json *value)
{
    double number;
    char *end;
    const char *text = json_string(value);
    if (!text)
        return json_type(value) == JSON_NUMBER && !json_number(value, &number);
    return !isfinite(strtod(text, &end)) && end > text && *end == '\0';
}

/* NAN: no value, or an unreadable one. */
static double read_number(const struct place *at, const char *field, const struct json *value)
{
    double number;
    if (json_number(value, &number))
        return number;
    if (!is_none(value))
        note(at, field, is_not_finite(value) ? "is not finite" : "is not a number");
    return NAN;
}

/* The same, for a value that cannot be below 0. */
static double read_amount(const struct place *at, const char *field, const struct json *value)
{
    double number = read_number(at, field, value);
    if (!(number < 0))
        return number;
    note(at, field, "is negative");
    return NAN;
}

/* A date is optional: an impossible one is "unknown", and its price is kept. */
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
    return ms ? (int32_t)(ms / MS_PER_DAY)
              : DAY_NONE; /* read_date_ms returns nothing before 1990 */
}

/* Some brokers send a list instead of one value: its first element counts. */
static const struct json *one_of(const struct json *value)
{
    return json_type(value) == JSON_ARRAY ? json_first(value) : value;
}

static struct cell read_price(const struct place *at, const struct json *value)
{
    value = one_of(value);
    if (json_type(value) != JSON_OBJECT)
        return (struct cell){read_number(at, "", value), NAN, 0};
    return (struct cell){
        .price = read_number(at, "price", json_get(value, "price")),
        .size = NAN,
        .date_ms = read_date_ms(json_get(value, "date")),
    };
}

/* The price alone decides whether there is a value: an unreadable size is "unknown". */
static struct cell read_price_and_size(const struct place *at, const struct json *value)
{
    struct cell cell = read_price(at, value);
    value = one_of(value);
    if (json_type(value) == JSON_OBJECT)
        cell.size = read_amount(at, "size", json_get(value, "size"));
    return cell;
}

static double read_volume(const struct place *at, const struct json *value)
{
    value = one_of(value);
    if (json_type(value) != JSON_OBJECT)
        return read_amount(at, "", value);
    if (is_none(json_get(value, "size")))
        return read_amount(at, "price", json_get(value, "price"));
    return read_amount(at, "size", json_get(value, "size"));
}

/* A time or a size without a price is not a trade. */
static void read_last(const struct place *at, const struct json *value, struct quote *quote)
{
    struct cell cell = read_price_and_size(at, value);
    if (isnan(cell.price))
        return;
    quote->last_price = cell.price;
    quote->last_size = cell.size;
    quote->ts_last = cell.date_ms * NS_PER_MS;
}

static void read_day_price(const struct place *at, const struct json *value, double *price,
                           int32_t *day)
{
    struct cell cell = read_price(at, value);
    *price = cell.price;
    *day = isnan(cell.price) ? DAY_NONE : utc_day(cell.date_ms);
}

/* BYMA writes "no settlement" as 0 without a day; with a day, 0 is a price. */
static void read_settlement(const struct place *at, const struct json *value, struct quote *quote)
{
    read_day_price(at, value, &quote->settlement_price, &quote->settlement_day);
    if (quote->settlement_price == 0 && quote->settlement_day == DAY_NONE)
        quote->settlement_price = NAN;
}

/* "No auction" is written as price 0, size 0. */
static void read_auction(const struct place *at, const struct json *value, struct quote *quote)
{
    struct cell cell = read_price_and_size(at, value);
    quote->auction_price = cell.price == 0 && !(cell.size > 0) ? NAN : cell.price;
}

static void read_index(const struct place *at, const struct json *value, struct quote *quote)
{
    struct cell cell = read_price(at, value);
    quote->index_value = cell.price;
    if (!isnan(cell.price))
        quote->ts_event = cell.date_ms * NS_PER_MS;
}

/* A level without a readable price, or with a size below 0, is dropped; the others are kept. */
static void read_level(const struct place *at, const struct json *value, struct side *side,
                       bool falling)
{
    bool object = json_type(value) == JSON_OBJECT;
    struct level level = {
        .price = object ? read_number(at, "price", json_get(value, "price"))
                        : read_number(at, "", value),
        .size = object ? read_number(at, "size", json_get(value, "size")) : NAN,
    };
    if (level.size < 0)
        note(at, "size", "is negative");
    else if (!isnan(level.price))
        book_add(side, level, falling);
}

static void read_side(const struct place *at, const struct json *value, struct side *side,
                      bool falling)
{
    struct place place = *at;
    if (json_type(value) != JSON_ARRAY) {
        read_level(at, value, side, falling);
        return;
    }
    for (value = json_first(value); value; value = json_next(value)) {
        place.index++;
        read_level(&place, value, side, falling);
    }
}

static void read_entry(const struct place *at, const struct json *value, struct quote *quote)
{
    switch (at->entry) {
    case ENTRY_BI:
        read_side(at, value, &quote->bids, true);
        return;
    case ENTRY_OF:
        read_side(at, value, &quote->offers, false);
        return;
    case ENTRY_LA:
        read_last(at, value, quote);
        return;
    case ENTRY_OP:
        quote->open_price = read_price(at, value).price;
        return;
    case ENTRY_CL:
        read_day_price(at, value, &quote->close_price, &quote->close_day);
        return;
    case ENTRY_SE:
        read_settlement(at, value, quote);
        return;
    case ENTRY_HI:
        quote->high_price = read_price(at, value).price;
        return;
    case ENTRY_LO:
        quote->low_price = read_price(at, value).price;
        return;
    case ENTRY_TV:
        quote->trade_volume = read_volume(at, value);
        return;
    case ENTRY_OI:
        quote->open_interest = read_volume(at, value);
        return;
    case ENTRY_EV:
        quote->effective_volume = read_volume(at, value);
        return;
    case ENTRY_NV:
        quote->nominal_volume = read_volume(at, value);
        return;
    case ENTRY_IV:
        read_index(at, value, quote);
        return;
    case ENTRY_ACP:
        read_auction(at, value, quote);
        return;
    }
}

/* One pass over the members: a lookup of each of the 14 entries would need 14 passes. */
static uint32_t read_members(const struct json *market_data, uint32_t asked, struct quote *quote,
                             struct unreadable *unreadable)
{
    uint32_t seen = 0;
    for (const struct json *m = json_first(market_data); m; m = json_next(m)) {
        const char *code = json_key(m);
        int entry = entry_from_name(code, strlen(code));
        if (entry < 0 || !(asked & ~seen & ENTRY_BIT(entry)))
            continue; /* not asked for, or repeated: the first one counts */
        seen |= ENTRY_BIT(entry);
        read_entry(&(struct place){code, (enum entry)entry, NO_INDEX, unreadable}, m, quote);
    }
    return seen;
}

static int read_market_data(const struct json *market_data, uint32_t asked, bool absent_clears,
                            const struct decode_out *out)
{
    struct quote_update *update = out->update;
    out->unreadable->entries = 0;
    if (json_type(market_data) == JSON_ABSENT)
        return err_set(out->why, -EBADMSG, "marketData is missing");
    if (json_type(market_data) != JSON_OBJECT && !is_none(market_data))
        return err_set(out->why, -EBADMSG, "marketData is not an object");
    *update = (struct quote_update){.quote = quote_none()};
    uint32_t seen = read_members(market_data, asked, &update->quote, out->unreadable);
    update->entries = absent_clears ? asked & ENTRY_ALL : seen;
    return 0;
}

/* An answer with data but without a status is accepted. */
static enum reply_class by_envelope(const struct json *root, const struct json *market_data,
                                    struct err *why)
{
    if (json_type(market_data) == JSON_OBJECT && !json_get(root, "status"))
        return REPLY_OK;
    return reply_by_envelope(root, why);
}

enum reply_class oracle_market_data(struct json_parser *parser, const struct reply *reply,
                                    uint32_t asked, const struct decode_out *out)
{
    struct err *why = out->why;
    out->unreadable->entries = 0;
    enum reply_class class = reply_by_head(reply, why);
    if (class != REPLY_OK)
        return class;
    const struct json *root = json_parse(parser, reply->body, reply->body_len_bytes, why);
    if (!root)
        return REPLY_MALFORMED;
    const struct json *market_data = json_get(root, "marketData");
    class = by_envelope(root, market_data, why);
    if (class == REPLY_OK && read_market_data(market_data, asked, true, out))
        return REPLY_MALFORMED;
    return class;
}

/* --- frames of the WebSocket ------------------------------------------------------------------ */

/* "Product X:ROFX don't exist", "Security X:ROFX doesn't exist": X, or "" if there is none. */
static void read_named(const char *text, char *out)
{
    static const char *const openings[] = {"product ", "security "};
    out[0] = '\0';
    for (size_t i = 0; i < 2; i++) {
        size_t len = strlen(openings[i]);
        if (strncasecmp(text, openings[i], len) != 0)
            continue;
        text += len;
        const char *colon = strrchr(text, ':');
        size_t symbol = colon ? (size_t)(colon - text) : 0;
        if (symbol == 0 || symbol > SYMBOL_BYTES_MAX)
            return;
        memcpy(out, text, symbol);
        out[symbol] = '\0';
        return;
    }
}

static void read_error(struct stream_decoder *d, const struct json *root, enum reply_class class,
                       struct stream_item *out)
{
    const char *description = json_string(json_get(root, "description"));
    out->kind = class == REPLY_PAGE ? STREAM_PAGE : STREAM_ERROR;
    out->event = reply_event(class);
    out->whole = class == REPLY_ACCESS || class == REPLY_AUTH;
    read_named(description ? description : "", d->named);
    if (!*d->named)
        return;
    out->market_id = text_of(REQUEST_MARKET_ROFX);
    out->symbol = text_of(d->named);
}

static int64_t read_timestamp(const struct json *value)
{
    double ms;
    if (!json_number(value, &ms) || ms < (double)MS_1990 || ms >= (double)MS_2100)
        return 0;
    return (int64_t)ms * NS_PER_MS;
}

static int read_frame(const struct json *root, uint32_t entries, struct stream_item *out)
{
    const struct json *id = json_get(root, "instrumentId");
    out->symbol = text_of(json_string(json_get(id, "symbol")));
    out->market_id = text_of(json_string(json_get(id, "marketId")));
    if (!out->symbol.text)
        return err_set(&out->why, -EBADMSG, "instrumentId.symbol is missing");
    if (!out->market_id.text)
        out->market_id = text_of(REQUEST_MARKET_ROFX);
    out->ts_event = read_timestamp(json_get(root, "timestamp"));
    int rc = read_market_data(json_get(root, "marketData"), entries, false,
                              &(struct decode_out){&out->update, &out->unreadable, &out->why});
    if (rc == 0 && out->ts_event)
        out->update.quote.ts_event = out->ts_event;
    return rc;
}

/* The class of a status that is not "OK"; on a WebSocket, no status is not an error. */
static enum reply_class class_of(const struct json *root, struct err *why)
{
    if (!json_string(json_get(root, "status")))
        return REPLY_OK;
    return reply_by_envelope(root, why);
}

static int decode_frame(struct stream_decoder *d, const struct stream_message *message,
                        struct stream_item *out)
{
    const struct json *root = json_parse(d->parser, message->text, message->len_bytes, &out->why);
    if (!root)
        return -EBADMSG;
    if (json_type(root) != JSON_OBJECT)
        return err_set(&out->why, -EBADMSG, "the frame is not a JSON object");
    enum reply_class class = class_of(root, &out->why);
    if (class != REPLY_OK) {
        read_error(d, root, class, out);
        return 0;
    }
    const char *type = json_string(json_get(root, "type"));
    if (!type || strcasecmp(type, "md") != 0)
        return 0;
    out->kind = STREAM_DATA;
    return read_frame(root, d->entries, out);
}

/* Sets field by field: clearing the quote and the texts of each message would be slower. */
static void begin_item(const struct stream_message *message, struct stream_item *out)
{
    out->kind = STREAM_OTHER;
    out->market_id = out->symbol = text_of(NULL);
    out->ts_event = 0;
    out->event = EVENT_OTHER;
    out->whole = false;
    out->why.code = 0;
    out->why.text[0] = '\0';
    out->text = message->text;
    out->len_bytes = message->len_bytes;
}

void oracle_stream(struct stream_decoder *d, const struct stream_message *message,
                   struct stream_item *out)
{
    begin_item(message, out);
    if (message->len_bytes && message->text[0] == '<')
        out->kind = STREAM_PAGE;
    else if (decode_frame(d, message, out))
        out->kind = STREAM_MALFORMED;
}
