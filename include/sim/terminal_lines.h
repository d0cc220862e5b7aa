/*
 * terminal_lines: the lines of the simulated browser terminal (protocol sections 12.4, 12.5, 12.8).
 *
 * Pure: writes a quote as an `M:` line and its book as a `B:` line, with the values that the API of
 * the same broker has.
 */
#ifndef SIM_TERMINAL_LINES_H
#define SIM_TERMINAL_LINES_H

#include "base/buf.h"
#include "market/quote.h"

#include <stdbool.h>
#include <stdint.h>

#define TERMINAL_INSTRUMENT_BYTES 96 /* of an instrument's id */

/* "bm_MERV_AL30_24hs", "rx_DDF_DLR_JUN26". */
void terminal_lines_id(char out[TERMINAL_INSTRUMENT_BYTES], const char *symbol,
                       const char *segment);
bool terminal_lines_byma(const char *symbol); /* an instrument of BYMA, by its symbol */

struct terminal_line_parts {
    const char *id;
    const struct quote *quote;
    int64_t seq;
    int64_t now_ns;
    double multiplier; /* units in one contract */
    double tick;       /* of its price */
    double money;      /* traded today, where the quote has none; NAN = unknown */
    bool closed;       /* the market is closed: 2 to 8 and 11 to 13 are empty */
    bool brief;        /* without the references, as lines of some segments are */
};

void terminal_lines_put_quote(struct buf *out, const struct terminal_line_parts *line);
void terminal_lines_put_book(struct buf *out, const struct terminal_line_parts *line);

#endif
