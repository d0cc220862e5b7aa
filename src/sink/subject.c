#include "sink/subject.h"

#include <string.h>

#define UNKNOWN "_"

static bool is_plain(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

bool sink_prefix_valid(const char *prefix)
{
    size_t len = strlen(prefix);
    if (len == 0 || len >= SINK_PREFIX_BYTES)
        return false;
    for (size_t i = 0; i < len; i++) {
        bool dot = prefix[i] == '.';
        if (!dot && !is_plain(prefix[i]))
            return false;
        if (dot && (i == 0 || prefix[i - 1] == '.' || i + 1 == len))
            return false;
    }
    return true;
}

static void put_token(struct buf *out, const char *text)
{
    buf_puts(out, ".");
    if (!text || !*text) {
        buf_puts(out, UNKNOWN);
        return;
    }
    if (strcmp(text, UNKNOWN) == 0) {
        buf_puts(out, "%5F");
        return;
    }
    for (const char *at = text; *at; at++) {
        if (is_plain(*at) || *at == '/')
            buf_append(out, at, 1);
        else
            buf_printf(out, "%%%02X", (unsigned)(unsigned char)*at);
    }
}

static void put_instrument(struct buf *out, const struct sink_instrument *of)
{
    put_token(out, of->market_id);
    put_token(out, of->segment);
    put_token(out, of->symbol);
}

void sink_quote_subject(struct buf *out, const char *prefix, const struct sink_instrument *of)
{
    buf_clear(out);
    buf_puts(out, prefix);
    put_instrument(out, of);
}

static void put_kind(struct buf *out, const char *prefix, const char *kind)
{
    buf_clear(out);
    buf_puts(out, prefix);
    put_token(out, kind);
}

void sink_trade_subject(struct buf *out, const char *prefix, const struct sink_instrument *of)
{
    put_kind(out, prefix, "trade");
    put_instrument(out, of);
}

void sink_instrument_subject(struct buf *out, const char *prefix, const struct sink_instrument *of)
{
    put_kind(out, prefix, "instrument");
    put_instrument(out, of);
}

void sink_event_subject(struct buf *out, const char *prefix, const char *kind)
{
    put_kind(out, prefix, "event");
    put_token(out, kind);
}
