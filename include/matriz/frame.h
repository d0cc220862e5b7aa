/*
 * frame: the text messages of the browser terminal's stream (protocol section 12.4).
 *
 * Pure; no allocation. A message is one line, or a JSON list of lines, or "[]", "ping", "pong".
 * Each line is one item: DATA; MALFORMED if it cannot be read; REPLY, with the text "pong", of a
 * "ping"; PAGE; OTHER for events, orders, heartbeats, unknown lines and instruments that were not
 * subscribed. After a line that cannot be read the next one is read; when the list itself is broken
 * or truncated, its last item is MALFORMED, and the lines before count. Time and memory do not
 * depend on the content: a line of 10 MB is one item.
 */
#ifndef MATRIZ_FRAME_H
#define MATRIZ_FRAME_H

#include "market/stream_item.h"
#include "matriz/ids.h"

#include <stdbool.h>
#include <stdint.h>

#define MATRIZ_LINE_BYTES_MAX    65536 /* a longer line is MALFORMED */
#define MATRIZ_ESCAPED_BYTES_MAX 4096  /* the same, for a line with escapes, which few have */

/* What the messages were, for status and the log; all since the start. */
struct matriz_counts {
    int64_t quotes, books;
    int64_t incomplete;  /* of the quotes: with fewer fields than usual */
    int64_t events;      /* "X:" */
    int64_t orders;      /* "O:", "E:" */
    int64_t heartbeats;  /* "[]", "ping", "pong", an empty message */
    int64_t unknown;     /* lines with another prefix, values in a list that are not texts */
    int64_t unknown_ids; /* lines of instruments that were not subscribed */
    int64_t malformed;
};

struct matriz_frame_decoder {
    const struct matriz_ids *ids; /* borrowed */
    struct matriz_counts counts;
    char line[MATRIZ_ESCAPED_BYTES_MAX]; /* without escapes; used until the next item */
};

/*
 * The next item of the message, see market/stream_item; false: there are no more. `today` is the
 * ART day. Of an item, `text` is the line, without its escapes where it had some.
 */
bool matriz_frame_next(struct matriz_frame_decoder *d, struct stream_message *message,
                       int32_t today, struct stream_item *item);

#endif
