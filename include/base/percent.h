/*
 * percent: percent-encoding of values in URLs (RFC 3986, section 2).
 */
#ifndef BASE_PERCENT_H
#define BASE_PERCENT_H

#include "base/buf.h"

#include <stddef.h>

/* Appends `text`; everything outside A-Z a-z 0-9 - . _ ~ is encoded. */
void percent_encode(struct buf *out, const char *text);

/*
 * Decodes each %XX; other bytes, '+' and incomplete sequences are copied as they are. `out` holds
 * `len_bytes` bytes at least, gets no NUL, and may be `text` itself. Returns the decoded length.
 */
size_t percent_decode(char *out, const char *text, size_t len_bytes);

#endif
