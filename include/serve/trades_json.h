/*
 * trades_json: historic trades in the broker's format (protocol section 8).
 */
#ifndef SERVE_TRADES_JSON_H
#define SERVE_TRADES_JSON_H

#include "base/buf.h"
#include "serve/source.h"

#include <stdbool.h>

/* The requested days (YYYY-MM-DD, ART; `date`, or the two others) as [from, to) in ns UTC. */
bool trades_range(const char *date, const char *date_from, const char *date_to, int64_t *from,
                  int64_t *to);

/* An answer, trade by trade; for code that reads them elsewhere than in a source. */
struct trades_json {
    struct buf *out;
    const char *symbol; /* borrowed */
    int count;
};
struct trades_json trades_json_begin(struct buf *out, const char *market_id, const char *symbol);
void trades_json_put(struct trades_json *json, const struct source_trade *trade);
void trades_json_end(struct trades_json *json);

/* The answer with the trades of a source. */
void trades_json(struct buf *out, const struct market_source *source, int32_t index, int64_t from,
                 int64_t to);

#endif
