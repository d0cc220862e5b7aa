/*
 * symbol_set: a set of symbols that is searched often and changed rarely.
 *
 * Pure. A sorted array; it owns copies of the symbols. {0} is an empty set.
 */
#ifndef MARKET_SYMBOL_SET_H
#define MARKET_SYMBOL_SET_H

#include <stdbool.h>
#include <stddef.h>

struct symbol_set {
    char **item;
    size_t count, cap;
};

void symbol_set_finish(struct symbol_set *set); /* it is empty then */

bool symbol_set_has(const struct symbol_set *set, const char *symbol);
/* One more; takes time in proportion to the set. -ENOMEM: not added. */
int symbol_set_add(struct symbol_set *set, const char *symbol);

#endif
