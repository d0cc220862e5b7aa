/*
 * book: builds a side of an order book from the levels of a message.
 */
#ifndef MARKET_BOOK_H
#define MARKET_BOOK_H

#include "market/quote.h"

#include <stdbool.h>

/*
 * Adds a level: bids are falling, offers are not. The best QUOTE_DEPTH_MAX levels are kept, in a
 * stable order; `level.price` is finite. A level with the price and size of another one is a
 * duplicate and is dropped; the same price with another size is a separate level (protocol section
 * 7.2).
 */
void book_add(struct side *side, struct level level, bool falling);

#endif
