/*
 * json_write: appends JSON values to a buf.
 *
 * Values only: the caller writes brackets, commas and keys. Strings are escaped; bytes that are not
 * UTF-8 become U+FFFD. A number that is not finite is written as null.
 */
#ifndef BASE_JSON_WRITE_H
#define BASE_JSON_WRITE_H

#include "base/buf.h"

void json_put_string(struct buf *buf, const char *text); /* with quotes; NULL writes null */
void json_put_number(struct buf *buf, double value);

#endif
