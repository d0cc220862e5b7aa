/*
 * format: what the rows of a file look like: CSV or JSON lines.
 *
 * Pure. CSV is RFC 4180 with a header; lines end in CR LF, none is the empty field. A JSON line is
 * one object with all columns; none is null, bids and offers are arrays.
 */
#ifndef EXPORT_FORMAT_H
#define EXPORT_FORMAT_H

#include "base/buf.h"
#include "store/extract.h"

struct format {
    const char *name; /* "csv"; the end of a file's name, too */
    /* What stands before the first row. */
    void (*put_header)(struct buf *out, enum extract_table table);
    /* One line; `cells` as the table's columns. */
    void (*put_row)(struct buf *out, enum extract_table table, const struct cell *cells);
};

extern const struct format format_csv, format_jsonl;

/* NULL: no such format, or one that is not built. */
const struct format *format_find(const char *name);

#endif
