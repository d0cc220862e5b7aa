/*
 * reference: lists of instruments in the broker's format (protocol section 6).
 */
#ifndef PRIMARY_REFERENCE_H
#define PRIMARY_REFERENCE_H

#include "base/err.h"
#include "base/json.h"
#include "primary/reply.h"

/* The largest list that is read, uncompressed. 8,000 instruments take a megabyte. */
#define REFERENCE_LIST_BYTES (16 * 1024 * 1024)

#define SYMBOL_BYTES_MAX 128 /* longer ones are refused; the longest known symbol has under 50 */

struct reference_item {
    const char *market_id, *symbol;
    const char *cfi_code; /* "" when the list has none */
};

typedef void reference_fn(void *arg, const struct reference_item *item); /* strings borrowed */

/* Reads one item. False: without a valid symbol or market. Borrows from `item`. */
bool reference_item_read(const struct json *item, struct reference_item *out);

/* Gets each item. */
struct reference_sink {
    reference_fn *fn;
    void *arg;
};

/*
 * Walks the answer of rest/instruments/all, .../details, .../byCFICode or .../bySegment: items
 * nested ({"instrumentId":{...},"cficode":C}) or flat ({"marketId":M,"symbol":S}). Items without a
 * valid symbol or market are skipped and counted in `*skipped`; an absent market is ROFX.
 * "instruments" null or [] is an empty list. On an error class the sink got nothing.
 */
enum reply_class reference_list(struct json_parser *parser, const struct reply *reply,
                                const struct reference_sink *sink, int *skipped, struct err *why);

/* A symbol that may be stored and sent: 1..SYMBOL_BYTES_MAX bytes of UTF-8, no control characters.
 */
bool reference_symbol_valid(const char *symbol);
/* The string if it is such a text; else NULL. */
const char *reference_text(const struct json *value);

#endif
