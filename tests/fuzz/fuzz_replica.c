/*
 * Arbitrary messages of the stream (replica/item): the subject, lines of headers, an empty line
 * and the body. What is read must be something that may be stored.
 */
#include "replica/item.h"

#include "support/fuzz.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define HEADERS_MAX 16

struct lines {
    char *name[HEADERS_MAX], *value[HEADERS_MAX];
    int count;
};

static const char *header(const void *arg, const char *name)
{
    const struct lines *lines = arg;
    for (int i = 0; i < lines->count; i++) {
        if (strcmp(lines->name[i], name) == 0)
            return lines->value[i];
    }
    return NULL;
}

/* Cuts the text into lines; returns the body. */
static char *read_headers(char *text, struct lines *lines)
{
    char *line;
    while ((line = strsep(&text, "\n")) && *line) {
        char *value = strstr(line, ": ");
        if (!value || lines->count == HEADERS_MAX)
            continue;
        *value = '\0';
        lines->name[lines->count] = line;
        lines->value[lines->count++] = value + 2;
    }
    return text;
}

static void check_side(const struct side *side)
{
    CHECK(side->count >= 0 && side->count <= QUOTE_DEPTH_MAX);
    for (int i = 0; i < side->count; i++)
        CHECK(isfinite(side->level[i].price) && !isinf(side->level[i].size));
}

static void check_item(const struct replica_item *item)
{
    if (item->kind == REPLICA_OTHER)
        return;
    CHECK(item->number > 0 && *item->recorder && strlen(item->recorder) < STORE_RECORDER_BYTES);
    if (item->kind == REPLICA_EVENT) {
        CHECK(item->ts > 0 && *item->event);
        CHECK(strlen(item->detail) < STORE_DETAIL_BYTES);
        return;
    }
    CHECK(reference_symbol_valid(item->symbol) && reference_symbol_valid(item->market_id));
    if (item->kind == REPLICA_INSTRUMENT) {
        const struct instrument *i = &item->instrument;
        CHECK(strcmp(i->symbol, item->symbol) == 0 && i->ts_listed > 0);
        CHECK(i->ranges_count >= 0 && i->ranges_count <= INSTRUMENT_RANGES_MAX);
        CHECK(!isinf(i->price_tick) && !isinf(i->strike));
        return;
    }
    if (item->kind != REPLICA_CHANGE) {
        CHECK(isfinite(item->trade.price) && !isinf(item->trade.size) && item->trade.ts_event > 0);
        return;
    }
    CHECK(item->quote.seq == item->number && item->quote.ts_recv > 0);
    CHECK((item->changed & ~ENTRY_ALL) == 0 && source_name(item->quote.source));
    CHECK(!isinf(item->quote.quote.last_price) && !isinf(item->quote.quote.trade_volume));
    check_side(&item->quote.quote.bids);
    check_side(&item->quote.quote.offers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct replica_item item;
    struct lines lines = {.count = 0};
    struct err err = {0};
    char *text = malloc(size + 1), *rest = text;
    struct json_parser *parser = json_parser_create();
    if (!text || !parser)
        abort();
    memcpy(text, data, size);
    text[size] = '\0';
    const char *subject = strsep(&rest, "\n");
    const char *body = rest ? read_headers(rest, &lines) : NULL;
    const struct replica_message message = {subject, body ? body : "", body ? strlen(body) : 0,
                                            header, &lines};
    int rc = replica_item_decode(parser, "md", &message, &item, &err);
    CHECK(rc == 0 || (rc == -EBADMSG && err.code == rc && *err.text));
    if (rc == 0)
        check_item(&item);
    json_parser_destroy(parser);
    free(text);
    return 0;
}
