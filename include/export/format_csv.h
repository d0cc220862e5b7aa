/*
 * format_csv: the format "csv", comma-separated values with a header (RFC 4180).
 *
 * Lines end in CR LF, a missing value is an empty field, bids and offers are JSON in quotes.
 * Numbers of REAL columns have a decimal point or an exponent.
 */
#ifndef EXPORT_FORMAT_CSV_H
#define EXPORT_FORMAT_CSV_H

#include "export/format.h"

extern const struct format format_csv;

#endif
