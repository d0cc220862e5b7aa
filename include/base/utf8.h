/*
 * utf8: is this text, and can it be shown?
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes (1 to 4) of the well-formed character `text` begins with; 0 when it is none (RFC 3629). */
size_t utf8_sequence(const char *text, size_t len_bytes);

/* All of it is well-formed. Quick where it is ASCII. */
bool utf8_valid(const char *text, size_t len_bytes);

/*
 * Copies outside text for people: control characters (C0, DEL, C1) become blanks, bytes that are
 * not UTF-8 '?', and what does not fit ends in "..." on a character's border. `out` always ends in
 * NUL.
 */
void utf8_clean(char *out, size_t out_bytes, const char *text, size_t len_bytes);

#endif
