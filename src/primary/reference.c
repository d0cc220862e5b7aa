#include "primary/reference.h"

#include "base/utf8.h"
#include "primary/request.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

bool reference_symbol_valid(const char *symbol)
{
    size_t len = strnlen(symbol, SYMBOL_BYTES_MAX + 1);
    if (len == 0 || len > SYMBOL_BYTES_MAX)
        return false;
    for (size_t i = 0, step; i < len; i += step) {
        step = utf8_sequence(symbol + i, len - i);
        if (step == 0 || utf8_acts(symbol + i, step))
            return false;
    }
    return true;
}

const char *reference_text(const struct json *value)
{
    const char *text = json_string(value);
    return text && reference_symbol_valid(text) ? text : NULL;
}

bool reference_item_read(const struct json *item, struct reference_item *out)
{
    /* In details the `symbol` beside a nested instrumentId is always null. */
    const struct json *nested = json_get(item, "instrumentId");
    const struct json *id = json_type(nested) == JSON_OBJECT ? nested : item;
    const struct json *market = json_get(id, "marketId");
    const char *cfi_code = reference_text(json_get(item, "cficode"));
    enum json_type market_type = json_type(market);

    out->symbol = reference_text(json_get(id, "symbol"));
    out->market_id = market_type == JSON_ABSENT || market_type == JSON_NULL
                         ? REQUEST_MARKET_ROFX
                         : reference_text(market);
    out->cfi_code = cfi_code ? cfi_code : "";
    return out->symbol && out->market_id;
}

static void walk(const struct json *list, reference_fn *fn, void *arg, int *skipped)
{
    for (const struct json *item = json_first(list); item; item = json_next(item)) {
        struct reference_item read;
        if (reference_item_read(item, &read))
            fn(arg, &read);
        else
            ++*skipped;
    }
}

enum reply_class reference_list(struct json_parser *parser, const struct reply *reply,
                                const struct reference_sink *sink, int *skipped, struct err *why)
{
    *skipped = 0;
    enum reply_class class = reply_by_head(reply, why);
    if (class != REPLY_OK)
        return class;
    const struct json *root = json_parse(parser, reply->body, reply->body_len_bytes, why);
    if (!root)
        return REPLY_MALFORMED;
    class = reply_by_envelope(root, why);
    if (class != REPLY_OK)
        return class;
    const struct json *list = json_get(root, "instruments");
    if (json_type(list) != JSON_ARRAY && json_type(list) != JSON_NULL) {
        err_set(why, -EBADMSG, "instruments is %s",
                json_type(list) == JSON_ABSENT ? "missing" : "not a list");
        return REPLY_MALFORMED;
    }
    walk(list, sink->fn, sink->arg, skipped);
    return REPLY_OK;
}
