#include "primary/decode.h"

#include "primary/entries.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

/* --- the members of a message ----------------------------------------------------------------- */

enum member { STATUS, TYPE, TIMESTAMP, INSTRUMENT_ID, MARKET_DATA, MEMBER_COUNT };

static const char *const names[MEMBER_COUNT] = {
    [STATUS] = "status",          [TYPE] = "type",
    [TIMESTAMP] = "timestamp",    [INSTRUMENT_ID] = "instrumentId",
    [MARKET_DATA] = "marketData",
};

static enum member escaped_member(struct json_scan *s, const struct json_text *key)
{
    enum member member = STATUS;
    while (member < MEMBER_COUNT && !json_text_is(s->parser, key, names[member]))
        member++;
    return member;
}

/* The length decides which name it may be: all are different. */
static enum member member_of(struct json_scan *s, const struct json_text *key)
{
    enum member member = MEMBER_COUNT;
    if (key->escaped)
        return escaped_member(s, key);
    switch (key->len_bytes) {
    case sizeof("type") - 1:
        member = TYPE;
        break;
    case sizeof("status") - 1:
        member = STATUS;
        break;
    case sizeof("timestamp") - 1:
        member = TIMESTAMP;
        break;
    case sizeof("marketData") - 1:
        member = MARKET_DATA;
        break;
    case sizeof("instrumentId") - 1:
        member = INSTRUMENT_ID;
        break;
    default:
        return MEMBER_COUNT;
    }
    return memcmp(key->text, names[member], key->len_bytes) == 0 ? member : MEMBER_COUNT;
}

/* A value that is not a string is skipped. */
static const char *read_text(struct json_scan *s, const char *at, struct json_text *out)
{
    return json_scan_char(s, at) == '"' ? json_scan_text(s, at, out) : json_scan_skip(s, at);
}

static const char *read_instrument(struct json_scan *s, const char *at, struct decode_message *m)
{
    bool symbol = false, market = false;
    if (json_scan_char(s, at) != '{')
        return json_scan_skip(s, at);
    for (bool more = json_scan_open(s, &at, '}'); more; more = json_scan_more(s, &at, '}')) {
        struct json_text key;
        at = json_scan_key(s, at, &key);
        if (!symbol && json_text_is(s->parser, &key, "symbol")) {
            symbol = true;
            at = read_text(s, at, &m->symbol);
        } else if (!market && json_text_is(s->parser, &key, "marketId")) {
            market = true;
            at = read_text(s, at, &m->market_id);
        } else {
            at = json_scan_skip(s, at);
        }
    }
    return at;
}

static const char *read_market_data(struct json_scan *s, const char *at, struct decode_message *m,
                                    struct entries_out *entries)
{
    struct json_scan_number value;
    if (json_scan_char(s, at) == '{') {
        m->data = DECODE_DATA_OBJECT;
        return entries_read(s, at, entries);
    }
    at = json_scan_number(s, at, &value);
    m->data = value.kind == JSON_NUMBER_NONE ? DECODE_DATA_NONE : DECODE_DATA_OTHER;
    return at;
}

static const char *read_member(struct json_scan *s, const char *at, enum member member,
                               struct decode_message *m, struct entries_out *entries)
{
    switch (member) {
    case STATUS:
        m->has_status = true;
        return read_text(s, at, &m->status);
    case TYPE:
        return read_text(s, at, &m->type);
    case TIMESTAMP:
        return json_scan_number(s, at, &m->timestamp_ms);
    case INSTRUMENT_ID:
        m->instrument = at;
        at = read_instrument(s, at, m);
        m->instrument_bytes = (size_t)(at - m->instrument);
        return at;
    case MARKET_DATA:
        return read_market_data(s, at, m, entries);
    case MEMBER_COUNT:
        break;
    }
    return json_scan_skip(s, at);
}

static const char *read_members(struct json_scan *s, const char *at, struct decode_message *m,
                                struct entries_out *entries)
{
    unsigned seen = 1u << MEMBER_COUNT;
    if (json_scan_char(s, at) != '{')
        return json_scan_skip(s, at);
    m->object = true;
    for (bool more = json_scan_open(s, &at, '}'); more; more = json_scan_more(s, &at, '}')) {
        struct json_text key;
        at = json_scan_key(s, at, &key);
        enum member member = member_of(s, &key);
        if (seen & 1u << member) {
            at = json_scan_skip(s, at); /* unknown, or repeated: the first one counts */
            continue;
        }
        seen |= 1u << member;
        at = read_member(s, at, member, m, entries);
    }
    return at;
}

/* Messages that are not JSON are rare: base/json reads them again to say what is wrong, as it does
 * for all answers. That it would find nothing wrong is only a precaution. */
static int refuse(const struct decode_in *in, struct err *why)
{
    struct err reason = {0};
    if (json_parse(in->parser, in->text, in->len_bytes, &reason))
        err_set(&reason, -EBADMSG, "not JSON");
    if (why)
        *why = reason;
    return reason.code;
}

int decode_message(const struct decode_in *in, const struct decode_out *out,
                   struct decode_message *m)
{
    struct quote_update *update = out->update;
    struct entries_out entries = {in->asked, 0, &update->quote, out->unreadable};
    struct json_scan scan;
    *m = (struct decode_message){.timestamp_ms = {NAN, JSON_NUMBER_NONE}};
    update->quote = quote_none();
    update->best_only = update->fallback = 0;
    out->unreadable->entries = 0;
    const char *at = json_scan_begin(&scan, in->parser, in->text, in->len_bytes);
    at = read_members(&scan, at, m, &entries);
    update->entries = entries.seen;
    if (json_scan_end(&scan, at))
        return 0;
    out->unreadable->entries = 0;
    return refuse(in, out->why);
}

bool decode_status_ok(const struct decode_message *m)
{
    return m->status.len_bytes == 2 && strncasecmp(m->status.text, "OK", 2) == 0;
}

int decode_require_data(const struct decode_message *m, struct err *why)
{
    switch (m->data) {
    case DECODE_DATA_ABSENT:
        return err_set(why, -EBADMSG, "marketData is missing");
    case DECODE_DATA_OTHER:
        return err_set(why, -EBADMSG, "marketData is not an object");
    case DECODE_DATA_NONE:
    case DECODE_DATA_OBJECT:
        break;
    }
    return 0;
}

/* --- answers of rest/marketdata/get ----------------------------------------------------------- */

/* An answer with data but without a status is accepted. */
static enum reply_class by_envelope(const struct decode_in *in, const struct decode_message *m,
                                    struct err *why)
{
    if (m->has_status ? decode_status_ok(m) : m->data == DECODE_DATA_OBJECT)
        return REPLY_OK;
    return reply_by_envelope(json_parse(in->parser, in->text, in->len_bytes, NULL), why);
}

enum reply_class decode_market_data(struct json_parser *parser, const struct reply *reply,
                                    uint32_t asked, const struct decode_out *out)
{
    struct quote_update update;
    const struct decode_in in = {parser, reply->body, reply->body_len_bytes, asked};
    const struct decode_out found = {&update, out->unreadable, out->why};
    struct decode_message message;
    out->unreadable->entries = 0;
    enum reply_class class = reply_by_head(reply, out->why);
    if (class != REPLY_OK)
        return class;
    if (decode_message(&in, &found, &message))
        return REPLY_MALFORMED;
    class = by_envelope(&in, &message, out->why);
    if (class == REPLY_OK && decode_require_data(&message, out->why))
        class = REPLY_MALFORMED;
    if (class != REPLY_OK) {
        out->unreadable->entries = 0;
        return class;
    }
    update.entries = asked & ENTRY_ALL;
    *out->update = update;
    return REPLY_OK;
}
