/*
 * cell_text: one value of an export as text, the same in every format.
 *
 * Pure. Numbers are the shortest text that reads back the same, with a decimal point or an exponent
 * where the column is REAL; times ISO 8601 UTC as the views show them, levels JSON
 * [[price,size],...].
 */
#ifndef EXPORT_CELL_TEXT_H
#define EXPORT_CELL_TEXT_H

#include "base/buf.h"
#include "store/extract.h"

/* Appends it without quotes; nothing for CELL_NONE. */
void cell_text_put(struct buf *out, const struct cell *cell);

#endif
