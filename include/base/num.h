/*
 * num: decimal text <-> double.
 *
 * Parsing accepts plain decimal notation, a little wider than JSON's (".5", "5." and a leading '+'
 * pass): whole input, at most NUM_PARSE_BYTES_MAX bytes, finite results only; -0 becomes 0.
 * Printing gives the shortest text of 15 to 17 digits that reads back as the same double; never
 * "nan" or "inf" in our data, because no such value is kept.
 */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NUM_PARSE_BYTES_MAX 63
bool num_parse(const char *text, size_t len_bytes, double *out); /* `out` touched on success only */

#define NUM_TEXT 32
char *num_text(char *out, double value); /* `out` holds NUM_TEXT bytes; returns it */
char *num_whole_text(char *out, int64_t value);

#endif
