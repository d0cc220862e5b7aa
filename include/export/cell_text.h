/*
 * cell_text: one value of a row (a cell, see extract) as text, for CSV, JSON and spreadsheets.
 *
 * Pure. Numbers are the shortest text that reads back as the same value; prices are padded with
 * zeros to the decimals of the instrument, except in JSON. Except for spreadsheets, a REAL has a
 * decimal point or an exponent, times are ISO 8601 UTC as in the views, levels are JSON
 * [[price,size],...].
 */
#ifndef EXPORT_CELL_TEXT_H
#define EXPORT_CELL_TEXT_H

#include "base/buf.h"
#include "store/read/extract.h"

#include <stdbool.h>

/* Appends the value without quotes; nothing for CELL_NONE. */
void cell_text_put(struct buf *out, const struct cell *cell);

/* As a field of RFC 4180. */
void cell_text_put_csv(struct buf *out, const struct cell *cell);
/* As a JSON value; null for CELL_NONE. */
void cell_text_put_json(struct buf *out, const struct cell *cell);

/*
 * As a field for a spreadsheet with Argentine settings (es-AR), see format_excel: decimals after a
 * comma, local time of Argentina, text that begins like a formula after an apostrophe.
 */
#define CELL_EXCEL_SEPARATOR ';'
#define CELL_EXCEL_BOM       "\xEF\xBB\xBF" /* before the first line of a file */
void cell_text_put_excel(struct buf *out, const struct cell *cell);
/* The ts_* columns, whose nanoseconds a spreadsheet cannot represent: each has the same time as
 * another column. */
bool cell_text_excel_omits(const char *column);

#endif
