#include "primary/instrument_reader.h"

#include <errno.h>
#include <stdlib.h>

#define STEP_BYTES ((size_t)32 * 1024) /* about a third of a millisecond */

struct instrument_reader {
    struct buf body;
    struct json_items items;
    struct json_parser *parser;
    struct instrument_texts texts;
    instrument_reader_fn *fn;
    void *arg;
    int skipped;
};

struct instrument_reader *instrument_reader_create(struct buf *body, instrument_reader_fn *fn,
                                                   void *arg)
{
    struct instrument_reader *r = calloc(1, sizeof(*r));
    struct json_parser *parser = json_parser_create();
    if (!r || !parser) {
        free(r);
        json_parser_destroy(parser);
        return NULL;
    }
    r->body = *body;
    buf_init(body, body->max_bytes);
    r->parser = parser;
    r->fn = fn;
    r->arg = arg;
    json_items_init(&r->items, buf_text(&r->body), r->body.len_bytes, "instruments");
    return r;
}

void instrument_reader_destroy(struct instrument_reader *r)
{
    if (!r)
        return;
    json_items_finish(&r->items);
    json_parser_destroy(r->parser);
    buf_finish(&r->body);
    free(r);
}

int instrument_reader_skipped(const struct instrument_reader *r)
{
    return r->skipped;
}

static void take_item(struct instrument_reader *r, const char *text, size_t len_bytes)
{
    struct instrument read;
    const struct json *item = json_parse(r->parser, text, len_bytes, NULL);
    if (item && instrument_decode(item, &r->texts, &read))
        r->fn(r->arg, &read);
    else
        r->skipped++;
}

/* The envelope, in which the list is empty. */
static enum reply_class judge(struct instrument_reader *r, struct err *why)
{
    const struct json *root =
        json_parse(r->parser, buf_text(&r->items.rest), r->items.rest.len_bytes, why);
    if (!root)
        return REPLY_MALFORMED;
    enum reply_class class = reply_by_envelope(root, why);
    if (class != REPLY_OK)
        return class;
    const struct json *list = json_get(root, "instruments");
    if (json_type(list) == JSON_ARRAY || json_type(list) == JSON_NULL)
        return REPLY_OK;
    err_set(why, -EBADMSG, "instruments is %s",
            json_type(list) == JSON_ABSENT ? "missing" : "not a list");
    return REPLY_MALFORMED;
}

bool instrument_reader_step(struct instrument_reader *r, enum reply_class *class, struct err *why)
{
    size_t until = r->items.at + STEP_BYTES;
    while (r->items.at < until) {
        const char *item;
        size_t item_bytes;
        switch (json_items_next(&r->items, &item, &item_bytes, why)) {
        case JSON_ITEMS_NEXT:
            take_item(r, item, item_bytes);
            continue;
        case JSON_ITEMS_END:
            *class = judge(r, why);
            return false;
        case JSON_ITEMS_BROKEN:
            *class = REPLY_MALFORMED;
            return false;
        }
    }
    return true;
}
