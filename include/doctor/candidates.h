/*
 * candidates: which instruments of a selection a diagnosis asks for: liquid ones first.
 *
 * Pure. Near dollar futures, AL30, GD30 and GGAL trade every minute of a session; options, spreads
 * and far months hardly do, and an index speaks only through the entry IV.
 */
#ifndef DOCTOR_CANDIDATES_H
#define DOCTOR_CANDIDATES_H

#include <stdbool.h>
#include <stddef.h>

bool candidate_is_index(const char *symbol);

/* Writes the most liquid ones into `best`, in this order; symbols of equal rank by symbol_order().
 * Returns how many: `most`, or all that there are. */
size_t candidates(const char *const *symbols, size_t count, const char **best, size_t most);

#endif
