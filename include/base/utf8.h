/*
 * utf8: checks that bytes are UTF-8, and replaces what must not be printed.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Length (1 to 4 bytes) of the well-formed character at `text`; 0 = not well-formed (RFC 3629). */
size_t utf8_sequence(const char *text, size_t len_bytes);

/*
 * Whether the well-formed character of `len_bytes` at `text` is a control and not a printable
 * character: controls (C0, DEL, C1), marks that change the direction of the text that follows, line
 * and paragraph separators.
 */
bool utf8_acts(const char *text, size_t len_bytes);

/* Whether all bytes are well-formed. Fast for ASCII. */
bool utf8_valid(const char *text, size_t len_bytes);

/*
 * Copies text from outside so that it can be shown: controls (utf8_acts) become spaces, bytes that
 * are not UTF-8 become '?', and a text that does not fit is truncated at a character boundary and
 * ends in "...". `out` always ends in NUL; it may be `text` itself, since the result is never
 * longer.
 */
void utf8_clean(char *out, size_t out_bytes, const char *text, size_t len_bytes);

#endif
