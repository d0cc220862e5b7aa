/*
 * csv: fields of RFC 4180, quoted only when they contain the separator, a quote or a line break.
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include "base/buf.h"

void csv_put(struct buf *out, const char *text); /* separated by commas */
void csv_put_separated(struct buf *out, const char *text, char separator);

#endif
