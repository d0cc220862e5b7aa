/*
 * near: how far a mistyped name is from a known one.
 */
#ifndef BASE_NEAR_H
#define BASE_NEAR_H

#define NEAR_BYTES_MAX 32

/* Insertions, deletions and replacements between the two (Levenshtein); NEAR_BYTES_MAX when either
 * is longer than that. */
int near_distance(const char *a, const char *b);

/* The largest distance at which `name` may have been meant as another: a third of it and one. */
int near_limit(const char *name);

#endif
