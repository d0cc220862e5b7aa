#include "primary/stream.h"

#include "base/clock.h"
#include "base/json_write.h"
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

static int read_error(const struct json *root, struct stream_frame *out)
{
    const char *description = json_string(json_get(root, "description"));
    out->kind = STREAM_ERROR;
    read_named(description ? description : "", out->named);
    return 0;
}

static int64_t read_timestamp(const struct json *value)
{
    double ms;
    if (!json_number(value, &ms) || ms < MS_1990 || ms >= MS_2100)
        return 0;
    return (int64_t)ms * NS_PER_MS;
}

static int read_market_data(const struct json *root, uint32_t entries, struct stream_frame *out,
                            struct err *why)
{
    const struct json *id = json_get(root, "instrumentId");
    out->kind = STREAM_MARKET_DATA;
    out->symbol = json_string(json_get(id, "symbol"));
    out->market_id = json_string(json_get(id, "marketId"));
    if (!out->symbol)
        return err_set(why, -EBADMSG, "instrumentId.symbol is missing");
    if (!out->market_id)
        out->market_id = REQUEST_MARKET_ROFX;
    out->ts_event = read_timestamp(json_get(root, "timestamp"));
    int rc = decode_entries(json_get(root, "marketData"), entries, false, &out->update,
                            &out->unreadable, why);
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

int stream_decode(struct json_parser *parser, const char *text, size_t len_bytes, uint32_t entries,
                  struct stream_frame *out, struct err *why)
{
    const struct json *root = json_parse(parser, text, len_bytes, why);
    if (!root)
        return -EBADMSG;
    if (json_type(root) != JSON_OBJECT)
        return err_set(why, -EBADMSG, "the frame is not a JSON object");
    out->class = class_of(root, why);
    if (out->class != REPLY_OK)
        return read_error(root, out);
    const char *type = json_string(json_get(root, "type"));
    if (type && strcasecmp(type, "md") == 0)
        return read_market_data(root, entries, out, why);
    out->kind = STREAM_OTHER;
    return 0;
}
