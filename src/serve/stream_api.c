#include "serve/stream_api.h"

#include "base/json_write.h"
#include "base/utf8.h"
#include "primary/encode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ECHO_BYTES   24000 /* of a request in an error, as JSON */
#define ESCAPE_BYTES 6     /* a character as \\u0000 */

/* --- writing frames --------------------------------------------------------------------------- */

/* Bytes of the longest beginning of `text` that takes at most `max` bytes in JSON. */
static size_t fitting(const char *text, size_t max)
{
    size_t at = 0, used = 0;
    while (text[at]) {
        size_t step = utf8_sequence(text + at, strnlen(text + at, 4));
        bool escaped = step == 0 || text[at] == '"' || text[at] == '\\' ||
                       utf8_acts(text + at, step ? step : 1);
        used += escaped ? ESCAPE_BYTES : step;
        if (used > max)
            break;
        at += step ? step : 1;
    }
    return at;
}

void stream_put_error(struct buf *out, const char *request, const char *description)
{
    struct buf echo;
    buf_init(&echo, ECHO_BYTES);
    buf_append(&echo, request, fitting(request, ECHO_BYTES));
    buf_puts(out, "{\"status\":\"ERROR\",\"message\":");
    json_put_string(out, buf_text(&echo));
    buf_puts(out, ",\"description\":");
    json_put_string(out, description);
    buf_puts(out, "}");
    buf_finish(&echo);
}

static void put_extras(struct buf *out, const struct market_source *source, int32_t instrument)
{
    struct source_origin origin;
    source->origin(source->self, instrument, &origin);
    buf_puts(out, ",\"cinta\":{\"source\":");
    json_put_string(out, origin.source);
    if (origin.source)
        buf_printf(out, ",\"ageMs\":%lld,\"seq\":%lld}", (long long)origin.age_ms,
                   (long long)origin.seq);
    else
        buf_puts(out, ",\"ageMs\":null,\"seq\":null}");
}

void stream_put_market_data(struct buf *out, const struct market_source *source,
                            const struct stream_frame *frame)
{
    const struct instrument *i = source->instrument(source->self, frame->instrument);
    encode_frame(out, &(struct encode_frame){
                          .market_id = i->market_id,
                          .symbol = i->symbol,
                          .ts_ms = frame->ts_ms,
                          .quote = source->quote(source->self, frame->instrument),
                          .entries = frame->entries,
                          .depth = frame->depth,
                          .empty = source->empty(source->self, frame->instrument),
                      });
    if (frame->entries & STREAM_EXTRAS)
        put_extras(out, source, frame->instrument);
    buf_puts(out, "}");
}

static void put_entries(struct buf *out, uint32_t entries)
{
    const char *before = "";
    for (int e = 0; e < ENTRY_COUNT; e++) {
        if (!(entries & ENTRY_BIT(e)))
            continue;
        buf_printf(out, "%s\"%s\"", before, entry_name((enum entry)e));
        before = ",";
    }
    if (entries & ENCODE_TC)
        buf_printf(out, "%s\"TC\"", before);
}

void stream_put_request(struct buf *out, const struct market_source *source,
                        const struct stream_request *request)
{
    buf_printf(out, "{\"type\":\"smd\",\"level\":%d,\"depth\":%d,\"entries\":[", request->level,
               request->depth);
    put_entries(out, request->entries);
    buf_puts(out, "],\"products\":[");
    for (int32_t n = 0; n < request->count; n++) {
        const struct instrument *i = source->instrument(source->self, request->instruments[n]);
        buf_puts(out, n ? ",{\"symbol\":" : "{\"symbol\":");
        json_put_string(out, i->symbol);
        buf_puts(out, ",\"marketId\":");
        json_put_string(out, i->market_id);
        buf_puts(out, "}");
    }
    buf_puts(out, request->entries & STREAM_EXTRAS ? "],\"cinta\":true}" : "]}");
}

/* --- reading subscriptions -------------------------------------------------------------------- */

/* 1..5, as a number or a string; 1 when absent. */
static int small_number(const struct json *value)
{
    double number = 1;
    json_number(value, &number);
    return number >= 5 ? 5 : number >= 1 ? (int)number : 1;
}

/* The first unknown entry, or NULL. */
static const char *read_entries(const struct market_source *source, const struct json *list,
                                uint32_t *out)
{
    *out = 0;
    for (const struct json *e = json_first(list); e; e = json_next(e)) {
        const char *name = json_string(e);
        uint32_t entry = name ? source_entry(source, name, strlen(name)) : 0;
        if (entry == 0)
            return name ? name : "?";
        *out |= entry;
    }
    return NULL;
}

struct product {
    const char *market_id, *symbol; /* NULL: absent */
};

static struct product product_of(const struct json *p)
{
    return (struct product){json_string(json_get(p, "marketId")),
                            json_string(json_get(p, "symbol"))};
}

#define WANTED (-2) /* instead of an index: the source takes it up for the client */

static int32_t find_product(const struct market_source *source, const struct product *product)
{
    const struct source_demand *demand = source->demand;
    if (!product->symbol || !product->market_id)
        return -1;
    int32_t i = source->find(source->self, product->market_id, product->symbol);
    if (i >= 0 || !demand)
        return i;
    return demand->want(demand->self, product->market_id, product->symbol) ? WANTED : -1;
}

/* False: one of them is unknown. */
static bool find_products(const struct market_source *source, const struct json *list,
                          struct stream_request *request, struct product *unknown)
{
    request->count = 0;
    for (const struct json *p = json_first(list); p; p = json_next(p)) {
        *unknown = product_of(p);
        int32_t i = find_product(source, unknown);
        if (i == -1 || request->count == STREAM_PRODUCTS_MAX)
            return false;
        request->instruments[request->count++] = i;
    }
    return true;
}

static bool take_up_wanted(const struct market_source *source, const struct json *list,
                           struct stream_request *request, struct product *unknown)
{
    const struct source_demand *demand = source->demand;
    int32_t *instrument = request->instruments;
    for (const struct json *p = json_first(list); p; p = json_next(p), instrument++) {
        if (*instrument != WANTED)
            continue;
        *unknown = product_of(p);
        *instrument = demand->take_up(demand->self, unknown->market_id, unknown->symbol);
        if (*instrument < 0)
            return false;
    }
    return true;
}

/* All or none: a product is taken up only if none of the message is unknown. */
static bool read_products(const struct market_source *source, const struct json *list,
                          struct stream_request *request, struct product *unknown)
{
    bool found = find_products(source, list, request, unknown);
    if (!source->demand)
        return found;
    source->demand->settle(source->demand->self, found);
    return found && take_up_wanted(source, list, request, unknown);
}

void stream_put_unknown(char words[STREAM_WORDS], const char *market_id, const char *symbol)
{
    snprintf(words, STREAM_WORDS, "Product %.128s:%.16s don't exist", symbol ? symbol : "",
             market_id ? market_id : "");
}

enum stream_outcome stream_request_read(const struct stream_reader *reader, const char *text,
                                        size_t len_bytes, struct stream_request *request,
                                        struct buf *answer)
{
    char words[STREAM_WORDS] = "";
    struct product product = {0};
    const struct json *root = json_parse(reader->parser, text, len_bytes, NULL);
    const char *type = json_string(json_get(root, "type"));
    if (json_type(root) != JSON_OBJECT) {
        stream_put_error(answer, text, "Invalid message");
        return STREAM_REFUSE;
    }
    if (type && (strcmp(type, "no") == 0 || strcmp(type, "co") == 0)) {
        stream_put_error(answer, text, "Orders are not accepted here");
        return STREAM_REFUSE;
    }
    if (!type || strcmp(type, "smd") != 0)
        return STREAM_IGNORE;
    request->depth = small_number(json_get(root, "depth"));
    request->level = small_number(json_get(root, "level"));
    const char *unknown =
        read_entries(reader->source, json_get(root, "entries"), &request->entries);
    if (unknown)
        snprintf(words, sizeof(words), "Invalid entry %.64s", unknown);
    else if (request->entries == 0)
        snprintf(words, sizeof(words), "Parameter 'entries' not found");
    if (reader->source->origin && json_is_true(json_get(root, "cinta")))
        request->entries |= STREAM_EXTRAS;
    if (!*words && read_products(reader->source, json_get(root, "products"), request, &product))
        return STREAM_SUBSCRIBE;
    if (!*words)
        stream_put_unknown(words, product.market_id, product.symbol);
    stream_put_error(answer, text, words);
    return STREAM_REFUSE;
}
