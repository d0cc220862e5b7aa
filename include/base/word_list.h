/*
 * word_list: a fixed set of words of which one is chosen, such as the values of an option.
 *
 * A list is an array of strings with NULL at the end.
 */
#ifndef BASE_WORD_LIST_H
#define BASE_WORD_LIST_H

#include <stddef.h>

/* The index of `word`, or -1. Case matters. */
int word_list_find(const char *const *words, const char *word);
/* "csv, jsonl, excel" with ", " as `between`; cut when it does not fit. Returns `out`. */
char *word_list_text(char *out, size_t size, const char *const *words, const char *between);

#endif
