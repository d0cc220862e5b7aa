#include "primary/stream.h"

#include "base/clock.h"
#include "base/json_write.h"
#include "primary/decode.h"
#include "primary/reply.h"
#include "primary/request.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define MS_1990 631152000000.0
#define MS_2100 4102444800000.0

/* --- outgoing --------------------------------------------------------------------------------- */

void stream_smd_begin(struct buf *out, const struct stream_terms *terms)
{
    buf_printf(out, "{\"type\":\"smd\",\"level\":%d,\"depth\":%d,\"entries\":[", terms->level,
               terms->depth);
    const char *comma = "";
    for (int e = 0; e < ENTRY_COUNT; e++) {
        if (!(terms->entries & ENTRY_BIT(e)))
            continue;
        buf_printf(out, "%s\"%s\"", comma, entry_name((enum entry)e));
        comma = ",";
    }
    buf_puts(out, "],\"products\":[");
}

void stream_smd_product(struct buf *out, bool first, const char *market_id, const char *symbol)
{
    buf_puts(out, first ? "{\"symbol\":" : ",{\"symbol\":");
    json_put_string(out, symbol);
    buf_puts(out, ",\"marketId\":");
    json_put_string(out, market_id);
    buf_puts(out, "}");
}

void stream_smd_end(struct buf *out)
{
    buf_puts(out, "]}");
}

/* --- incoming --------------------------------------------------------------------------------- */

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

static int64_t timestamp(const struct decode_message *m)
{
    double ms = m->timestamp_ms.value;
    return ms >= MS_1990 && ms < MS_2100 ? (int64_t)ms * NS_PER_MS : 0;
}

static void read_escaped_instrument(struct stream_decoder *d, const struct decode_message *m,
                                    struct stream_item *out)
{
    const struct json *id = json_parse(d->parser, m->instrument, m->instrument_bytes, NULL);
    out->symbol = text_of(json_string(json_get(id, "symbol")));
    out->market_id = text_of(json_string(json_get(id, "marketId")));
}

static void read_instrument(struct stream_decoder *d, const struct decode_message *m,
                            struct stream_item *out)
{
    out->symbol = (struct text){m->symbol.text, m->symbol.len_bytes};
    out->market_id = (struct text){m->market_id.text, m->market_id.len_bytes};
    if (m->symbol.escaped || m->market_id.escaped)
        read_escaped_instrument(d, m, out);
}

static int read_market_data(struct stream_decoder *d, const struct decode_message *m,
                            struct stream_item *out)
{
    read_instrument(d, m, out);
    if (!out->symbol.text)
        return err_set(&out->why, -EBADMSG, "instrumentId.symbol is missing");
    if (!out->market_id.text)
        out->market_id = text_of(REQUEST_MARKET_ROFX);
    out->ts_event = timestamp(m);
    int rc = decode_require_data(m, &out->why);
    if (rc == 0 && out->ts_event)
        out->update.quote.ts_event = out->ts_event;
    return rc;
}

/* True: the message has a status that is not "OK"; without a status it is not an error. */
static bool is_error(struct stream_decoder *d, const struct decode_message *m,
                     const struct stream_message *message, struct stream_item *out)
{
    if (!m->status.text || decode_status_ok(m))
        return false;
    const struct json *root = json_parse(d->parser, message->text, message->len_bytes, NULL);
    enum reply_class class = reply_by_envelope(root, &out->why);
    if (class != REPLY_OK)
        read_error(d, root, class, out);
    return class != REPLY_OK;
}

static bool is_market_data(struct stream_decoder *d, const struct decode_message *m)
{
    if (!m->type.escaped)
        return m->type.len_bytes == 2 && strncasecmp(m->type.text, "md", 2) == 0;
    const char *type = json_text_plain(d->parser, &m->type);
    return type && strcasecmp(type, "md") == 0;
}

static int decode(struct stream_decoder *d, const struct stream_message *message,
                  struct stream_item *out)
{
    const struct decode_in in = {d->parser, message->text, message->len_bytes, d->entries};
    struct decode_message m;
    if (decode_message(&in, &(struct decode_out){&out->update, &out->unreadable, &out->why}, &m))
        return -EBADMSG;
    if (!m.object)
        return err_set(&out->why, -EBADMSG, "the frame is not a JSON object");
    if (is_error(d, &m, message, out) || !is_market_data(d, &m))
        return 0;
    out->kind = STREAM_DATA;
    return read_market_data(d, &m, out);
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

void stream_decode(struct stream_decoder *d, const struct stream_message *message,
                   struct stream_item *out)
{
    begin_item(message, out);
    if (message->len_bytes && message->text[0] == '<')
        out->kind = STREAM_PAGE;
    else if (decode(d, message, out))
        out->kind = STREAM_MALFORMED;
}
