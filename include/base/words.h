/*
 * words: compares messages, ignoring numbers.
 */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <stdbool.h>

/* Whether the texts differ only in digits: "after 3 ms" is like "after 5 ms". */
bool words_alike(const char *a, const char *b);

#endif
