/*
 * format_jsonl: the format "jsonl", JSON lines: each row is one object with all columns.
 *
 * A missing value is null, bids and offers are arrays. Numbers of REAL columns have a decimal point
 * or an exponent.
 */
#ifndef EXPORT_FORMAT_JSONL_H
#define EXPORT_FORMAT_JSONL_H

#include "export/format.h"

extern const struct format format_jsonl;

#endif
