/*
 * words: is this the same message again?
 */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <stdbool.h>

/* The same but for their numbers: "after 3 ms" is no news after "after 5 ms". */
bool words_alike(const char *a, const char *b);

#endif
