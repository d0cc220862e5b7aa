/*
 * num: converts between decimal text and double.
 *
 * Parsing accepts plain decimal notation, slightly more than JSON's (".5", "5." and a leading '+'
 * are allowed). The whole input must be a number of at most NUM_PARSE_BYTES_MAX bytes with a finite
 * value; -0 becomes 0. Printing gives the shortest text of 15 to 17 digits that reads back as the
 * same double. It prints no "nan" or "inf" in practice, because no such value is stored.
 */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NUM_PARSE_BYTES_MAX 63
bool num_parse(const char *text, size_t len_bytes, double *out); /* `out` written on success only */

/*
 * Reads the number at the beginning of a text as strtod() does, but in decimal notation only: an
 * optional '-', digits with at most one point, an optional exponent, of any length. Returns its
 * length in bytes; 0: there is none, and `out` is not written. `out` is infinite if the number is
 * too large for a double.
 */
size_t num_scan(const char *text, size_t len_bytes, double *out);

#define NUM_TEXT 32
char *num_text(char *out, double value); /* `out` holds NUM_TEXT bytes; returns it */
/* The same with at least so many decimals, 12 at most: zeros are appended, no digit is omitted.
 * Numbers from 1e15 on, and smaller ones than these decimals can show, keep their exponent. */
char *num_text_padded(char *out, double value, int decimals);
char *num_whole_text(char *out, int64_t value);

/* The same texts as num_text() and num_whole_text() without a NUL, for a longer text: NUM_TEXT
 * bytes from `out` on may be written. They return the end of the text. */
char *num_put(char *out, double value);
char *num_put_whole(char *out, int64_t value);

#endif
