/*
 * batch: takes the lines out of a JSON list of texts, one at a time and in place (protocol section
 * 12.4: "parse the array as JSON; do not split on commas").
 *
 * Pure; no tree, no allocation. The whole grammar of strings is checked (RFC 8259), of other values
 * in the list only that brackets and strings end: they are not lines.
 */
#ifndef MATRIZ_BATCH_H
#define MATRIZ_BATCH_H

#include "base/err.h"

#include <stddef.h>

enum matriz_batch_value {
    MATRIZ_BATCH_END,     /* after ']' */
    MATRIZ_BATCH_TEXT,    /* a line */
    MATRIZ_BATCH_ESCAPED, /* a line that has escapes: see matriz_batch_unescape */
    MATRIZ_BATCH_INVALID, /* a text that is not JSON: a raw control character; not a line */
    MATRIZ_BATCH_OTHER,   /* a value that is not a text */
    MATRIZ_BATCH_BROKEN,  /* it is not a list of values any more: the rest cannot be read */
};

struct matriz_batch {
    const char *text; /* the message; its first byte that is not blank is '[' */
    size_t len_bytes;
    size_t at; /* the begin of what has not been read */
};

/* The position after the '[' with which the message begins; 0: it does not begin with one. */
size_t matriz_batch_begin(const char *text, size_t len_bytes);

/* The next value; `line` is its text, without quotes. After END and BROKEN `at` has no meaning. */
enum matriz_batch_value matriz_batch_next(struct matriz_batch *batch, const char **line,
                                          size_t *line_bytes, struct err *why);

/* Resolves the escapes of a line. Returns its length, at most `out_bytes`, or -EMSGSIZE: it does
 * not fit; -EBADMSG: an escape that is not JSON, half of a surrogate pair, or a NUL. */
long matriz_batch_unescape(char *out, size_t out_bytes, const char *line, size_t line_bytes);

#endif
