/*
 * format_excel: CSV that a spreadsheet set to Argentina (es-AR) opens with a double click.
 *
 * Pure. Fields are separated by ';', decimals by a comma; UTF-8 with a BOM, lines end in CR LF.
 * Times are local Argentine time as the spreadsheet writes it, 26/11/2026 14:02:58, to the second;
 * the ts_* columns, whose nanoseconds no spreadsheet can hold, are left out. Text that would be
 * taken for a formula has an apostrophe before it.
 */
#ifndef EXPORT_FORMAT_EXCEL_H
#define EXPORT_FORMAT_EXCEL_H

#include "export/format.h"

extern const struct format format_excel;

#endif
