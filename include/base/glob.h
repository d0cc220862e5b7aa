/*
 * glob: matches symbols against shell globs, ignoring case; '*' matches '/' too.
 */
#ifndef BASE_GLOB_H
#define BASE_GLOB_H

#include <stdbool.h>

bool glob_one(const char *pattern, const char *symbol);
/* Whether any of the patterns matches; without patterns everything does. */
bool glob_any(const char *const *patterns, int patterns_count, const char *symbol);

#endif
