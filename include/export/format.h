/*
 * format: the file formats of an export: CSV, JSON lines, and CSV for spreadsheets.
 *
 * Pure. CSV is RFC 4180 with a header; lines end in CR LF, a missing value is an empty field. A
 * JSON line is one object with all columns; a missing value is null, bids and offers are arrays. In
 * both, numbers of REAL columns have a decimal point or an exponent. CSV for spreadsheets is
 * format_excel.
 */
#ifndef EXPORT_FORMAT_H
#define EXPORT_FORMAT_H

#include "base/buf.h"
#include "store/read/extract.h"

struct format {
    const char *name;   /* "csv": the name in options and in the configuration */
    const char *ending; /* of a file's name, without the dot */
    /* Appends what is written before the first row. */
    void (*put_header)(struct buf *out, enum extract_table table);
    /* Appends one line; `cells` has one cell per column of the table. */
    void (*put_row)(struct buf *out, enum extract_table table, const struct cell *cells);
};

extern const struct format format_csv, format_jsonl;

#define FORMAT_NAMES "csv, jsonl, excel" /* the implemented formats, for messages */

/* The implemented formats, in the order of FORMAT_NAMES, with NULL at the end. */
extern const struct format *const format_all[];

/* NULL: no such format, or it is not implemented. */
const struct format *format_find(const char *name);

#endif
