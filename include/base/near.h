/*
 * near: the edit distance between a mistyped name and a known one.
 */
#ifndef BASE_NEAR_H
#define BASE_NEAR_H

#define NEAR_BYTES_MAX 32

/* The Levenshtein distance; NEAR_BYTES_MAX when either name is longer than that. */
int near_distance(const char *a, const char *b);

/* The largest distance at which another name is suggested for `name`: a third of its length plus 1.
 */
int near_limit(const char *name);

#endif
