#include "replica/item.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "market/entry.h"
#include "sink/message.h"
#include "sink/position.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MS_MAX (INT64_MAX / NS_PER_MS)

struct reading {
    const struct replica_message *message;
    const struct json *root;
    struct replica_item *out;
    struct err *err;
};

/* --- headers ---------------------------------------------------------------------------------- */

static int bad(const struct reading *r, const char *what, const char *why)
{
    return err_set(r->err, -EBADMSG, "%s %s", what, why);
}

static const char *header(const struct reading *r, const char *name)
{
    return r->message->header(r->message->arg, name);
}

static bool whole(const char *text, int64_t *out)
{
    char *end;
    if (*text != '-' && (*text < '0' || *text > '9'))
        return false;
    errno = 0;
    *out = strtoll(text, &end, 10);
    return errno == 0 && *end == '\0';
}

/* A number above 0; an absent one is 0 if that is allowed. */
static int read_count(const struct reading *r, const char *name, bool optional, int64_t *out)
{
    const char *text = header(r, name);
    *out = 0;
    if (!text && optional)
        return 0;
    if (!text)
        return bad(r, name, "is missing");
    return whole(text, out) && *out > 0 ? 0 : bad(r, name, "is not a number above 0");
}

static int read_changed(const struct reading *r)
{
    const char *text = header(r, "Cinta-Changed");
    r->out->changed = 0;
    if (!text)
        return bad(r, "Cinta-Changed", "is missing");
    while (*text) {
        size_t len = strcspn(text, ",");
        int entry = entry_from_name(text, len);
        if (entry < 0)
            return bad(r, "Cinta-Changed", "has an entry that is not known");
        r->out->changed |= ENTRY_BIT(entry);
        text += len + (text[len] == ',');
    }
    return 0;
}

static int read_source(const struct reading *r, enum source *out)
{
    const char *text = header(r, "Cinta-Source");
    for (int source = SOURCE_REST; text && source <= SOURCE_MATRIZ; source++) {
        if (strcmp(text, source_name((enum source)source)) == 0) {
            *out = (enum source)source;
            return 0;
        }
    }
    return bad(r, "Cinta-Source", text ? "is not known" : "is missing");
}

static int read_close_day(const struct reading *r, struct quote *quote)
{
    int64_t day;
    const char *text = header(r, "Cinta-Close-Day");
    if (!text)
        return 0;
    if (!whole(text, &day) || day < -INT32_MAX || day > INT32_MAX)
        return bad(r, "Cinta-Close-Day", "is not a day");
    quote->close_day = (int32_t)day;
    return 0;
}

/* --- values of the body ----------------------------------------------------------------------- */

static const struct json *market_data(const struct reading *r, enum entry entry)
{
    return json_get(json_get(r->root, "marketData"), entry_name(entry));
}

static bool is_none(const struct json *value)
{
    enum json_type type = json_type(value);
    return type == JSON_ABSENT || type == JSON_NULL;
}

/* NAN for none. */
static int read_real(const struct reading *r, const struct json *value, const char *name,
                     double *out)
{
    *out = NAN;
    if (is_none(value) || (json_type(value) == JSON_NUMBER && json_number(value, out)))
        return 0;
    return bad(r, name, "is not a number");
}

static int read_plain(const struct reading *r, enum entry entry, double *out)
{
    return read_real(r, market_data(r, entry), entry_name(entry), out);
}

/* 0 for none. */
static int read_ms(const struct reading *r, const struct json *value, const char *name,
                   int64_t *out)
{
    double ms = NAN;
    *out = 0;
    int rc = read_real(r, value, name, &ms);
    if (rc || isnan(ms))
        return rc;
    if (ms != trunc(ms) || fabs(ms) >= (double)MS_MAX)
        return bad(r, name, "is not a time");
    *out = (int64_t)ms;
    return 0;
}

/* An object with price, size and date, or none. */
struct cell {
    double price, size;
    int64_t date_ms;
};

static int read_cell(const struct reading *r, const struct json *value, const char *name,
                     struct cell *out)
{
    *out = (struct cell){NAN, NAN, 0};
    if (is_none(value))
        return 0;
    if (json_type(value) != JSON_OBJECT)
        return bad(r, name, "is not an object");
    int rc = read_real(r, json_get(value, "price"), name, &out->price);
    if (rc == 0)
        rc = read_real(r, json_get(value, "size"), name, &out->size);
    return rc ? rc : read_ms(r, json_get(value, "date"), name, &out->date_ms);
}

static int read_entry(const struct reading *r, enum entry entry, struct cell *out)
{
    return read_cell(r, market_data(r, entry), entry_name(entry), out);
}

static int read_side(const struct reading *r, enum entry entry, struct side *out)
{
    const struct json *value = market_data(r, entry);
    struct cell cell;
    if (is_none(value))
        return 0;
    if (json_type(value) != JSON_ARRAY)
        return bad(r, entry_name(entry), "is not a list");
    for (const struct json *item = json_first(value); item; item = json_next(item)) {
        int rc = read_cell(r, item, entry_name(entry), &cell);
        if (rc)
            return rc;
        if (isnan(cell.price) || out->count == QUOTE_DEPTH_MAX)
            return bad(r, entry_name(entry), "has a level without a price, or too many levels");
        out->level[out->count++] = (struct level){cell.price, cell.size};
    }
    return 0;
}

static int32_t day_of(int64_t date_ms)
{
    return date_ms ? (int32_t)(date_ms / MS_PER_DAY) : DAY_NONE;
}

static int read_prices(const struct reading *r, struct quote *q)
{
    struct cell last, close, settlement, auction, index;
    if (read_entry(r, ENTRY_LA, &last) || read_entry(r, ENTRY_CL, &close) ||
        read_entry(r, ENTRY_SE, &settlement) || read_entry(r, ENTRY_ACP, &auction) ||
        read_entry(r, ENTRY_IV, &index) || read_plain(r, ENTRY_OP, &q->open_price) ||
        read_plain(r, ENTRY_HI, &q->high_price) || read_plain(r, ENTRY_LO, &q->low_price))
        return r->err->code;
    q->last_price = last.price;
    q->last_size = last.size;
    q->ts_last = last.date_ms * NS_PER_MS;
    q->close_price = close.price;
    q->close_day = day_of(close.date_ms);
    q->settlement_price = settlement.price;
    q->settlement_day = day_of(settlement.date_ms);
    q->auction_price = auction.price;
    q->index_value = index.price;
    return 0;
}

static int read_volumes(const struct reading *r, struct quote *q)
{
    struct cell interest;
    if (read_entry(r, ENTRY_OI, &interest) || read_plain(r, ENTRY_TV, &q->trade_volume) ||
        read_plain(r, ENTRY_EV, &q->effective_volume) ||
        read_plain(r, ENTRY_NV, &q->nominal_volume))
        return r->err->code;
    q->open_interest = interest.size;
    return 0;
}

static int read_quote(const struct reading *r, struct quote *q)
{
    if (json_type(json_get(r->root, "marketData")) != JSON_OBJECT)
        return bad(r, "marketData", "is not an object");
    *q = quote_none();
    if (read_side(r, ENTRY_BI, &q->bids) || read_side(r, ENTRY_OF, &q->offers) ||
        read_prices(r, q) || read_volumes(r, q) || read_close_day(r, q))
        return r->err->code;
    return 0;
}

/* --- texts ------------------------------------------------------------------------------------ */

static int copy_name(const struct reading *r, const struct json *value, const char *what, char *out)
{
    const char *text = json_string(value);
    if (!text || !reference_symbol_valid(text))
        return bad(r, what, "is missing or not valid");
    strcpy(out, text); /* it has SYMBOL_BYTES_MAX bytes at most */
    return 0;
}

static int read_instrument(const struct reading *r)
{
    const struct json *id = json_get(r->root, "instrumentId");
    int rc = copy_name(r, json_get(id, "marketId"), "instrumentId.marketId", r->out->market_id);
    return rc ? rc : copy_name(r, json_get(id, "symbol"), "instrumentId.symbol", r->out->symbol);
}

static int read_recorder(const struct reading *r)
{
    const char *name = header(r, SINK_HEADER_RECORDER);
    size_t len = name ? strlen(name) : 0;
    if (len == 0 || len >= sizeof(r->out->recorder))
        return bad(r, SINK_HEADER_RECORDER, "is missing or not valid");
    memcpy(r->out->recorder, name, len + 1);
    return 0;
}

static int read_position(const struct reading *r, struct sink_position *out)
{
    const char *text = header(r, SINK_HEADER_POSITION);
    return text && sink_position_parse(text, out)
               ? 0
               : bad(r, SINK_HEADER_POSITION, "is missing or not valid");
}

/* --- kinds of messages ------------------------------------------------------------------------ */

static int read_change(const struct reading *r)
{
    struct replica_item *out = r->out;
    struct market_quote *q = &out->quote;
    int64_t ts_event;
    *q = (struct market_quote){0};
    if (read_instrument(r) || read_quote(r, &q->quote) || read_changed(r) ||
        read_source(r, &q->source) || read_count(r, "Cinta-Seq", false, &q->seq) ||
        read_count(r, "Cinta-Ts-Recv", false, &q->ts_recv) ||
        read_count(r, "Cinta-Ts-Event", true, &ts_event))
        return r->err->code;
    q->quote.ts_event = ts_event;
    q->ts_seen = q->ts_recv;
    out->kind = REPLICA_CHANGE;
    out->number = q->seq;
    return 0;
}

static int read_origin(const struct reading *r, enum trade_origin *out)
{
    const char *text = header(r, "Cinta-Source");
    for (int origin = TRADE_FROM_REST; text && origin <= TRADE_FROM_HISTORY; origin++) {
        if (strcmp(text, trade_origin_name(origin)) == 0) {
            *out = (enum trade_origin)origin;
            return 0;
        }
    }
    return bad(r, "Cinta-Source", text ? "is not known" : "is missing");
}

/* One that a change shows has the change's seq; all others are of lists. */
static int read_trade(const struct reading *r)
{
    struct replica_item *out = r->out;
    struct sink_position position;
    struct cell cell;
    int64_t seq;
    if (read_instrument(r) || read_cell(r, json_get(r->root, "trade"), "trade", &cell) ||
        read_origin(r, &out->trade.origin) || read_position(r, &position) ||
        read_count(r, "Cinta-Seq", true, &seq) ||
        read_count(r, "Cinta-Corrects", true, &out->corrects) ||
        read_count(r, "Cinta-Ts-Event", false, &out->trade.ts_event))
        return r->err->code;
    if (isnan(cell.price))
        return bad(r, "trade", "has no price");
    if (!seq && position.listed == 0)
        return bad(r, SINK_HEADER_POSITION, "is that of no trade");
    out->trade.price = cell.price;
    out->trade.size = cell.size;
    out->kind = seq ? REPLICA_SHOWN : REPLICA_LISTED;
    out->number = seq ? seq : position.listed;
    return 0;
}

static int read_event(const struct reading *r)
{
    struct replica_item *out = r->out;
    struct sink_position position;
    const char *kind = json_string(json_get(r->root, "kind"));
    const char *detail = json_string(json_get(r->root, "detail"));
    const struct json *symbol = json_get(r->root, "symbol");
    if (!kind || !*kind || strlen(kind) >= sizeof(out->event) ||
        strspn(kind, "abcdefghijklmnopqrstuvwxyz_") != strlen(kind))
        return bad(r, "kind", "is missing or not valid");
    if (!detail)
        return bad(r, "detail", "is missing");
    *out->symbol = '\0';
    if ((!is_none(symbol) && copy_name(r, symbol, "symbol", out->symbol)) ||
        read_position(r, &position) || read_count(r, "Cinta-Ts-Event", false, &out->ts))
        return r->err->code;
    strcpy(out->event, kind);
    utf8_clean(out->detail, sizeof(out->detail), detail, strlen(detail));
    out->kind = REPLICA_EVENT;
    out->number = position.event;
    return position.event > 0 ? 0 : bad(r, SINK_HEADER_POSITION, "is that of no event");
}

static int read_listed(const struct reading *r, bool *out)
{
    const char *text = header(r, "Cinta-Listed");
    bool known = text && (strcmp(text, "0") == 0 || strcmp(text, "1") == 0);
    *out = known && *text == '1';
    return known ? 0 : bad(r, "Cinta-Listed", "is missing or neither 0 nor 1");
}

static int read_terms(const struct reading *r)
{
    struct replica_item *out = r->out;
    struct sink_position position;
    struct instrument *i = &out->instrument;
    if (!instrument_decode(json_get(r->root, "instrument"), &out->texts, i))
        return bad(r, "instrument", "is missing, or without a valid symbol");
    if (read_listed(r, &i->listed) || read_position(r, &position) ||
        read_count(r, "Cinta-Ts-Listed", false, &i->ts_listed))
        return r->err->code;
    strcpy(out->market_id, i->market_id); /* both are valid: SYMBOL_BYTES_MAX bytes at most */
    strcpy(out->symbol, i->symbol);
    out->kind = REPLICA_INSTRUMENT;
    out->number = position.revision;
    return position.revision > 0 ? 0 : bad(r, SINK_HEADER_POSITION, "is that of no instrument");
}

static int read_body(const struct reading *r)
{
    const char *type = json_string(json_get(r->root, "type"));
    int rc = read_recorder(r);
    if (rc)
        return rc;
    if (type && strcmp(type, "Md") == 0)
        return read_change(r);
    if (type && strcmp(type, "Trade") == 0)
        return read_trade(r);
    if (type && strcmp(type, "Event") == 0)
        return read_event(r);
    if (type && strcmp(type, "Instrument") == 0)
        return read_terms(r);
    return bad(r, "type", "is none of Md, Trade, Event, Instrument");
}

int replica_item_decode(struct json_parser *parser, const char *subject,
                        const struct replica_message *message, struct replica_item *out,
                        struct err *err)
{
    size_t len = strlen(subject);
    if (strncmp(message->subject, subject, len) != 0 || message->subject[len] != '.') {
        out->kind = REPLICA_OTHER;
        return 0;
    }
    const struct json *root = json_parse(parser, message->data, message->len_bytes, err);
    if (!root) {
        err->code = -EBADMSG;
        return -EBADMSG;
    }
    const struct reading reading = {message, root, out, err};
    return read_body(&reading);
}
