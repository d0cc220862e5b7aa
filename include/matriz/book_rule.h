/*
 * book_rule: which lines of the browser terminal the book of an instrument is taken from.
 *
 * Pure. Quote lines have the best level, book lines five, and the order in which the two of one
 * change arrive is not known. If both were used, a late one would bring back an older book. So:
 *
 *   Once a book line of an instrument has arrived, its book comes from book lines alone. Before
 *   that, and of instruments that have none, a quote line gives the best level, and the known
 *   levels behind it stay.
 *
 * This begins again when the instrument is subscribed again, which is also what happens when the
 * probes find that its book is out of date.
 */
#ifndef MATRIZ_BOOK_RULE_H
#define MATRIZ_BOOK_RULE_H

#include "market/quote.h"

#include <stdbool.h>
#include <stddef.h>

struct matriz_book_rule;

struct matriz_book_rule *matriz_book_rule_create(void); /* NULL: no memory */
void matriz_book_rule_destroy(struct matriz_book_rule *rule);

/* The instrument is subscribed (again). Symbols are compared by address: they are those of the
 * table (matriz/symbols), which do not move. 0 or -ENOMEM. */
int matriz_book_rule_begin(struct matriz_book_rule *rule, const char *symbol);

/* Changes what a line of this instrument updates. `book`: it is a book line. */
void matriz_book_rule_apply(struct matriz_book_rule *rule, const char *symbol, bool book,
                            struct quote_update *update);

#endif
