/*
 * line: the lines of the browser terminal's stream (protocol sections 12.4 and 12.8).
 *
 * Pure; no allocation. Numbers are read as in a message of the Primary API: never infinite, -0 is
 * 0, a literal NaN is "no value".
 */
#ifndef MATRIZ_LINE_H
#define MATRIZ_LINE_H

#include "base/err.h"
#include "market/quote.h"
#include "market/unreadable.h"

#include <stddef.h>
#include <stdint.h>

#define MATRIZ_FIELDS_MIN 8  /* a quote with fewer is refused */
#define MATRIZ_FIELDS     21 /* a quote with fewer is incomplete; more are ignored */

enum matriz_line_kind {
    MATRIZ_LINE_QUOTE,   /* "M:" */
    MATRIZ_LINE_CLOSE,   /* "L:M": the same fields after the close */
    MATRIZ_LINE_BOOK,    /* "B:" */
    MATRIZ_LINE_EVENT,   /* "X:" */
    MATRIZ_LINE_ORDER,   /* "O:", "E:" */
    MATRIZ_LINE_UNKNOWN, /* any other prefix */
};

/* Borrowed from the text of the line. */
struct matriz_line {
    enum matriz_line_kind kind;
    const char *id; /* of QUOTE, CLOSE and BOOK; not NUL-terminated */
    size_t id_bytes;
    const char *rest; /* what follows the prefix */
    size_t rest_bytes;
};

struct matriz_line matriz_line_split(const char *text, size_t len_bytes);

struct matriz_line_out {
    struct quote_update *update;   /* written on success only */
    struct unreadable *unreadable; /* `entries` is always set */
    struct err *why;               /* the reason of a failure; may be NULL */
};

/*
 * Reads a line of the kind QUOTE, CLOSE or BOOK. `today` is the ART day. Returns the number of
 * fields of a quote (fewer than MATRIZ_FIELDS: incomplete) or of levels of a book; -EBADMSG: fewer
 * than MATRIZ_FIELDS_MIN fields, or a level that does not have four.
 *
 * Fields of a quote -> entries; `rx_` is the prefix of the ids of Matba Rofex:
 *   2, 3 size and price       BI, one level; an empty price is "gone" (of CLOSE: unchanged)
 *   4, 5 price and size       OF, likewise (mirrored)
 *   6, 7 price and time       LA; the size is unknown (NAN); the time is 0 if it cannot be read
 *   8                         TV
 *   9, 10                     EV, NV; not of `rx_`: the Primary API has them for BYMA only (7.1)
 *   11, 12, 13, 14            LO, HI, OP, OI
 *   15-20 references A, B, C  CL, SE: see matriz/references
 * An empty field from 6 on is unchanged: its entry is left out. Field 1 is not read: its meaning is
 * contested. A level without a size is kept, its size is NAN. A value that is not a number is
 * "none" and noted in `unreadable`, and so are a level, a volume or an open interest below 0.
 *
 * A book has all levels, so BI and OF are replaced; a level lacks a side whose price is empty.
 */
int matriz_line_decode(const struct matriz_line *line, int32_t today,
                       const struct matriz_line_out *out);

#endif
