/*
 * symbol_near: the known symbols that are similar to a pattern that matches none.
 *
 * Pure; owns no memory. Initialize it with the pattern, offer each known symbol, then read the best
 * matches: the same letters and digits ("dlr-dic26"), else the ticker alone ("GGAL", its 24hs term
 * first), else a part of a symbol, else one or two letters that differ.
 */
#ifndef MARKET_SYMBOL_NEAR_H
#define MARKET_SYMBOL_NEAR_H

#include "base/near.h"

#define SYMBOL_NEAR_MAX   3
#define SYMBOL_NEAR_BYTES 128 /* longer symbols are ignored */

struct symbol_near {
    char wanted[NEAR_BYTES_MAX + 1]; /* letters and digits of the pattern */
    int count;
    struct symbol_near_match {
        int distance;
        char symbol[SYMBOL_NEAR_BYTES];
    } match[SYMBOL_NEAR_MAX]; /* the nearest first */
};

void symbol_near_init(struct symbol_near *near, const char *pattern);
void symbol_near_offer(struct symbol_near *near, const char *symbol);

#endif
