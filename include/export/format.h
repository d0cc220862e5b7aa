/*
 * format: what the rows of a file look like: CSV, JSON lines, or CSV for spreadsheets.
 *
 * Pure. CSV is RFC 4180 with a header; lines end in CR LF, none is the empty field. A JSON line is
 * one object with all columns; none is null, bids and offers are arrays. In both, numbers of REAL
 * columns have a decimal point or an exponent. CSV for spreadsheets is format_excel.
 */
#ifndef EXPORT_FORMAT_H
#define EXPORT_FORMAT_H

#include "base/buf.h"
#include "store/extract.h"

struct format {
    const char *name;   /* "csv", as options and the configuration call it */
    const char *ending; /* of a file's name, without the dot */
    /* What stands before the first row. */
    void (*put_header)(struct buf *out, enum extract_table table);
    /* One line; `cells` as the table's columns. */
    void (*put_row)(struct buf *out, enum extract_table table, const struct cell *cells);
};

extern const struct format format_csv, format_jsonl;

#define FORMAT_NAMES "csv, jsonl, excel" /* those that are built, for messages */

/* All that are built, in the order of FORMAT_NAMES, up to NULL. */
extern const struct format *const format_all[];

/* NULL: no such format, or one that is not built. */
const struct format *format_find(const char *name);

#endif
