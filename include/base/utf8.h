/*
 * utf8: is this text, and can it be shown?
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes (1 to 4) of the well-formed character `text` begins with; 0 when it is none (RFC 3629). */
size_t utf8_sequence(const char *text, size_t len_bytes);

/*
 * Does the well-formed character of `len_bytes` at `text` act on a terminal or a page in place of
 * being shown? Controls (C0, DEL, C1), marks that reverse the direction of what follows, line and
 * paragraph separators.
 */
bool utf8_acts(const char *text, size_t len_bytes);

/* All of it is well-formed. Quick where it is ASCII. */
bool utf8_valid(const char *text, size_t len_bytes);

/*
 * Copies outside text for people: characters that act (utf8_acts) become blanks, bytes that are not
 * UTF-8 '?', and what does not fit ends in "..." on a character's border. `out` always ends in NUL;
 * it may be `text` itself, which never gets longer.
 */
void utf8_clean(char *out, size_t out_bytes, const char *text, size_t len_bytes);

#endif
