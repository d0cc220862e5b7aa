#include "primary/trade_list.h"

#include "base/array.h"
#include "base/clock.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STEP_BYTES     ((size_t)32 * 1024) /* about a third of a millisecond */
#define DATETIME_CHARS 23                  /* "2026-11-19 14:02:58.117" */

struct trade_list {
    struct buf body;
    struct json_items items;
    struct json_parser *parser;
    int64_t ts_from, ts_to; /* the day */
    struct trade *trades;
    size_t count, cap;
    int skipped;
    bool full; /* no memory, or too many trades */
};

struct trade_list *trade_list_create(struct buf *body, int64_t day)
{
    struct trade_list *list = calloc(1, sizeof(*list));
    struct json_parser *parser = json_parser_create();
    if (!list || !parser) {
        free(list);
        json_parser_destroy(parser);
        return NULL;
    }
    list->body = *body;
    buf_init(body, body->max_bytes);
    list->parser = parser;
    list->ts_from = art_day_begins_ns(day);
    list->ts_to = list->ts_from + NS_PER_DAY;
    json_items_init(&list->items, buf_text(&list->body), list->body.len_bytes, "trades");
    return list;
}

void trade_list_destroy(struct trade_list *list)
{
    if (!list)
        return;
    json_items_finish(&list->items);
    json_parser_destroy(list->parser);
    buf_finish(&list->body);
    free(list->trades);
    free(list);
}

int trade_list_skipped(const struct trade_list *list)
{
    return list->skipped;
}

struct trade *trade_list_take(struct trade_list *list, size_t *count)
{
    struct trade *trades = list->trades;
    *count = list->count;
    list->trades = NULL;
    list->count = list->cap = 0;
    return trades;
}

/* --- one trade -------------------------------------------------------------------------------- */

static bool of_day(const struct trade_list *list, int64_t ts)
{
    return ts >= list->ts_from && ts < list->ts_to;
}

/* Compared as a double first: a silly number does not fit into an integer. */
static bool read_servertime(const struct trade_list *list, const struct json *value, int64_t *ts)
{
    double ms;
    if (!json_number(value, &ms) || !(ms >= 0 && ms < (double)(list->ts_to / NS_PER_MS)))
        return false;
    *ts = (int64_t)floor(ms) * NS_PER_MS;
    return of_day(list, *ts);
}

static bool read_datetime(const struct trade_list *list, const struct json *value, int64_t *ts)
{
    char text[DATETIME_CHARS + 2];
    const char *from = json_string(value);
    if (!from || strlen(from) != DATETIME_CHARS || from[10] != ' ')
        return false;
    memcpy(text, from, DATETIME_CHARS);
    text[10] = 'T';
    text[DATETIME_CHARS] = 'Z';
    text[DATETIME_CHARS + 1] = '\0';
    return clock_parse_text(text, ts) && of_day(list, *ts);
}

/* A trade of unknown size is one; a trade of nothing is not. */
static bool read_size(const struct json *value, double *size)
{
    *size = NAN;
    if (json_type(value) == JSON_ABSENT || json_type(value) == JSON_NULL)
        return true;
    return json_number(value, size) && *size > 0;
}

static bool read_trade(const struct trade_list *list, const struct json *item, struct trade *out)
{
    out->origin = TRADE_FROM_HISTORY;
    return json_number(json_get(item, "price"), &out->price) &&
           read_size(json_get(item, "size"), &out->size) &&
           (read_servertime(list, json_get(item, "servertime"), &out->ts_event) ||
            read_datetime(list, json_get(item, "datetime"), &out->ts_event));
}

static void take_item(struct trade_list *list, const char *text, size_t len_bytes)
{
    struct trade trade;
    const struct json *item = json_parse(list->parser, text, len_bytes, NULL);
    if (!item || !read_trade(list, item, &trade)) {
        list->skipped++;
        return;
    }
    struct trade *grown = list->count < TRADE_LIST_TRADES
                              ? array_grow(list->trades, &list->cap, list->count + 1, sizeof(trade))
                              : NULL;
    list->full = grown == NULL;
    if (list->full)
        return;
    list->trades = grown;
    list->trades[list->count++] = trade;
}

/* --- the answer ------------------------------------------------------------------------------- */

/* The envelope, in which the list is empty. */
static enum reply_class judge(struct trade_list *list, struct err *why)
{
    const struct json *root =
        json_parse(list->parser, buf_text(&list->items.rest), list->items.rest.len_bytes, why);
    if (!root)
        return REPLY_MALFORMED;
    enum reply_class class = reply_by_envelope(root, why);
    if (class != REPLY_OK)
        return class;
    const struct json *trades = json_get(root, "trades");
    if (json_type(trades) == JSON_ARRAY || json_type(trades) == JSON_NULL)
        return REPLY_OK;
    err_set(why, -EBADMSG, "trades is %s",
            json_type(trades) == JSON_ABSENT ? "missing" : "not a list");
    return REPLY_MALFORMED;
}

static enum reply_class refuse_full(struct err *why)
{
    err_set(why, -ENOMEM, "the list has more than %d trades, or there is no memory for it",
            TRADE_LIST_TRADES);
    return REPLY_MALFORMED;
}

bool trade_list_step(struct trade_list *list, enum reply_class *class, struct err *why)
{
    size_t until = list->items.at + STEP_BYTES;
    while (list->items.at < until && !list->full) {
        const char *item;
        size_t item_bytes;
        switch (json_items_next(&list->items, &item, &item_bytes, why)) {
        case JSON_ITEMS_NEXT:
            take_item(list, item, item_bytes);
            continue;
        case JSON_ITEMS_END:
            *class = judge(list, why);
            return false;
        case JSON_ITEMS_BROKEN:
            *class = REPLY_MALFORMED;
            return false;
        }
    }
    if (list->full)
        *class = refuse_full(why);
    return !list->full;
}
