/*
 * unreadable: the entries of a message whose value could not be read, with the reason.
 *
 * Set by a dialect's decoder: such an entry has no value (NULL), the others are recorded.
 */
#ifndef MARKET_UNREADABLE_H
#define MARKET_UNREADABLE_H

#include "market/entry.h"

#include <stdint.h>

#define UNREADABLE_WORDS 80

struct unreadable {
    uint32_t entries;
    /* For each of them, in the words of the message: "marketData.LA.price is not a number". */
    char words[ENTRY_COUNT][UNREADABLE_WORDS];
};

#endif
