/*
 * num: decimal text <-> double.
 *
 * Parsing accepts what a JSON number looks like (and a leading '+'), whole input, finite results
 * only; -0 becomes 0. Printing gives the shortest text that reads back as the same double.
 */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>

bool num_parse(const char *text, size_t len_bytes, double *out); /* `out` touched on success only */

#define NUM_TEXT 32
char *num_text(char *out, double value); /* `out` holds NUM_TEXT bytes; returns it */

#endif
