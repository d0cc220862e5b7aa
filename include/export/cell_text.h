/*
 * cell_text: one value of a row (a cell, see extract) as text, for CSV and JSON lines.
 *
 * Pure. Numbers are the shortest text that reads back as the same value, with a decimal point or an
 * exponent if the column is REAL. Times are ISO 8601 UTC as in the views, levels are JSON
 * [[price,size],...].
 */
#ifndef EXPORT_CELL_TEXT_H
#define EXPORT_CELL_TEXT_H

#include "base/buf.h"
#include "store/read/extract.h"

/* Appends the value without quotes; nothing for CELL_NONE. */
void cell_text_put(struct buf *out, const struct cell *cell);

#endif
