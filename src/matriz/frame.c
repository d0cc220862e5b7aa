#include "matriz/frame.h"

#include "base/text.h"
#include "base/utf8.h"
#include "matriz/batch.h"
#include "matriz/line.h"

#include <errno.h>
#include <string.h>

/* Sets field by field: clearing the quote and the texts of each line would be slower. */
static void begin_item(struct stream_item *item, struct text line)
{
    item->kind = STREAM_OTHER;
    item->market_id = item->symbol = text_of(NULL);
    item->ts_event = 0;
    item->event = EVENT_OTHER;
    item->whole = false;
    item->why.code = 0;
    item->why.text[0] = '\0';
    item->text = line.text;
    item->len_bytes = line.len_bytes;
}

static void malformed(struct matriz_frame_decoder *d, struct stream_item *item)
{
    item->kind = STREAM_MALFORMED;
    d->counts.malformed++;
}

static void refuse(struct matriz_frame_decoder *d, struct stream_item *item, const char *what)
{
    err_set(&item->why, -EBADMSG, "%s", what);
    malformed(d, item);
}

/* --- lines ------------------------------------------------------------------------------------ */

static void take_quote(struct matriz_frame_decoder *d, const struct matriz_line *line,
                       int32_t today, struct stream_item *item)
{
    const struct matriz_instrument *instrument = matriz_ids_find(d->ids, line->id, line->id_bytes);
    if (!instrument) {
        d->counts.unknown_ids++;
        return;
    }
    item->market_id = text_of(instrument->market_id);
    item->symbol = text_of(instrument->symbol);
    int count = matriz_line_decode(
        line, today, &(struct matriz_line_out){&item->update, &item->unreadable, &item->why});
    if (count < 0) {
        malformed(d, item);
        return;
    }
    item->kind = STREAM_DATA;
    if (line->kind == MATRIZ_LINE_BOOK) {
        d->counts.books++;
        return;
    }
    d->counts.quotes++;
    d->counts.incomplete += count < MATRIZ_FIELDS;
}

static void take_split(struct matriz_frame_decoder *d, const struct matriz_line *line,
                       int32_t today, struct stream_item *item)
{
    switch (line->kind) {
    case MATRIZ_LINE_QUOTE:
    case MATRIZ_LINE_CLOSE:
    case MATRIZ_LINE_BOOK:
        take_quote(d, line, today, item);
        return;
    case MATRIZ_LINE_EVENT:
        d->counts.events++;
        return;
    case MATRIZ_LINE_ORDER:
        d->counts.orders++;
        return;
    case MATRIZ_LINE_UNKNOWN:
        d->counts.unknown++;
        return;
    }
}

/* "ping" and "pong" are messages, but nothing is lost if they come in a list. */
static bool take_keep_alive(struct matriz_frame_decoder *d, struct stream_item *item)
{
    struct text line = {item->text, item->len_bytes};
    if (text_is(line, "ping")) {
        item->kind = STREAM_REPLY;
        item->text = "pong";
        item->len_bytes = strlen(item->text);
    } else if (!text_is(line, "pong") && line.len_bytes) {
        return false;
    }
    d->counts.heartbeats++;
    return true;
}

static void take_line(struct matriz_frame_decoder *d, int32_t today, struct stream_item *item)
{
    if (take_keep_alive(d, item))
        return;
    if (item->len_bytes > MATRIZ_LINE_BYTES_MAX) {
        err_set(&item->why, -EMSGSIZE, "a line of %zu bytes; at most %d are read", item->len_bytes,
                MATRIZ_LINE_BYTES_MAX);
        malformed(d, item);
    } else if (!utf8_valid(item->text, item->len_bytes)) {
        refuse(d, item, "a line that is not UTF-8");
    } else {
        const struct matriz_line line = matriz_line_split(item->text, item->len_bytes);
        take_split(d, &line, today, item);
    }
}

/* --- messages --------------------------------------------------------------------------------- */

static struct text trim(struct text t)
{
    while (t.len_bytes && strchr(" \t\r\n", t.text[t.len_bytes - 1]) && t.text[t.len_bytes - 1])
        t.len_bytes--;
    while (t.len_bytes && strchr(" \t\r\n", t.text[0]) && t.text[0]) {
        t.text++;
        t.len_bytes--;
    }
    return t;
}

static void take_single(struct matriz_frame_decoder *d, struct stream_message *message,
                        int32_t today, struct stream_item *item)
{
    begin_item(item, trim((struct text){message->text, message->len_bytes}));
    message->at = message->len_bytes + 1;
    if (item->len_bytes && item->text[0] == '<')
        item->kind = STREAM_PAGE;
    else
        take_line(d, today, item);
}

static void take_escaped(struct matriz_frame_decoder *d, int32_t today, struct stream_item *item)
{
    long len = matriz_batch_unescape(d->line, sizeof(d->line), item->text, item->len_bytes);
    if (len == -EMSGSIZE) {
        refuse(d, item, "a line with escapes that is too long");
    } else if (len < 0) {
        refuse(d, item, "a line with an escape that is not JSON");
    } else {
        item->text = d->line;
        item->len_bytes = (size_t)len;
        take_line(d, today, item);
    }
}

/* False: the list has ended. */
static bool take_value(struct matriz_frame_decoder *d, struct stream_message *message,
                       int32_t today, struct stream_item *item)
{
    struct matriz_batch batch = {message->text, message->len_bytes, message->at};
    struct text line = {message->text + message->at, 0};
    bool first = message->text[message->at - 1] == '[';
    begin_item(item, line);
    enum matriz_batch_value value =
        matriz_batch_next(&batch, &item->text, &item->len_bytes, &item->why);
    message->at = batch.at;
    switch (value) {
    case MATRIZ_BATCH_TEXT:
        take_line(d, today, item);
        return true;
    case MATRIZ_BATCH_ESCAPED:
        take_escaped(d, today, item);
        return true;
    case MATRIZ_BATCH_INVALID:
        refuse(d, item, "a line with a control character");
        return true;
    case MATRIZ_BATCH_OTHER:
        d->counts.unknown++;
        return true;
    case MATRIZ_BATCH_END:
        message->at = message->len_bytes + 1;
        d->counts.heartbeats += first;
        return first; /* an empty list is one item */
    case MATRIZ_BATCH_BROKEN:
        message->at = message->len_bytes + 1;
        item->len_bytes = (size_t)(message->text + message->len_bytes - item->text);
        malformed(d, item);
        return true;
    }
    return false;
}

bool matriz_frame_next(struct matriz_frame_decoder *d, struct stream_message *message,
                       int32_t today, struct stream_item *item)
{
    if (message->at > message->len_bytes)
        return false;
    if (message->at == 0)
        message->at = matriz_batch_begin(message->text, message->len_bytes);
    if (message->at == 0) {
        take_single(d, message, today, item);
        return true;
    }
    return take_value(d, message, today, item);
}
