/*
 * stream_item: what a message of a market data stream says, the same for all dialects.
 *
 * A dialect's decoder makes items of a message: usually one, several if the dialect sends batches.
 * Pure values. Texts are borrowed from the decoder and valid until it decodes the next item.
 */
#ifndef MARKET_STREAM_ITEM_H
#define MARKET_STREAM_ITEM_H

#include "base/err.h"
#include "base/text.h"
#include "market/event_kind.h"
#include "market/quote.h"
#include "market/unreadable.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum stream_item_kind {
    STREAM_DATA,      /* market data of an instrument */
    STREAM_ERROR,     /* the broker refuses a subscription, or reports an error */
    STREAM_MALFORMED, /* cannot be read; it may have contained a change */
    STREAM_PAGE,      /* a web page instead of a message: a proxy or web server answers */
    STREAM_REPLY,     /* `text` is to be sent to the broker, such as "pong" */
    STREAM_OTHER,     /* anything that is not ours: order reports, heartbeats, unknown types */
};

struct stream_item {
    enum stream_item_kind kind;
    /* The instrument. Of DATA always; of MALFORMED if it could be read; of ERROR if the error
     * names one. None = unknown. */
    struct text market_id, symbol;

    int64_t ts_event; /* DATA: when the broker sent it, by its clock; ns UTC, 0 = unknown */
    struct quote_update update;   /* DATA: the entries that are present */
    struct unreadable unreadable; /* DATA */

    enum event_kind event; /* ERROR: how it is reported if it refuses one instrument */
    bool whole;            /* ERROR: it concerns the whole subscription, whatever it names */
    struct err why;        /* ERROR, MALFORMED, PAGE: the reason */

    const char *text; /* the part of the message that this item was read from; see REPLY */
    size_t len_bytes;
};

/* A message that is being decoded: `at` is where its next item begins; 0 at the start. */
struct stream_message {
    const char *text;
    size_t len_bytes;
    size_t at;
};

#endif
