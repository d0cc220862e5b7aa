/*
 * format_excel: the format "excel", CSV that a spreadsheet with Argentine settings (es-AR) opens
 * correctly.
 *
 * Fields are separated by ';', decimals by a comma; UTF-8 with a BOM, lines end in CR LF. Times are
 * local time of Argentina, to the second: 26/11/2026 14:02:58. The ts_* columns are omitted,
 * because spreadsheets cannot represent their nanoseconds. Text that a spreadsheet would read as a
 * formula has an apostrophe before it.
 */
#ifndef EXPORT_FORMAT_EXCEL_H
#define EXPORT_FORMAT_EXCEL_H

#include "export/format.h"

extern const struct format format_excel;

#endif
