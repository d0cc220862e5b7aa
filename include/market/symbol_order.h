/*
 * symbol_order: the order in which symbols are listed.
 *
 * Pure. By product, then by maturity, not alphabetically: DLR/DIC26 before DLR/ENE27, a repo of 1D
 * before one of 10D, TX26 before TX101. The forms are those of the Primary API:
 *
 *   DLR/SPOT  DLR/DIC26  DLR/DIC26M  DLR/DIC26/ENE27  DLR/DIC26 1600 C     Matba Rofex
 *   DODic20                                                                its old form
 *   MERV - XMEV - AL30 - 24hs  MERV - XMEV - PESOS - 10D                   BYMA: ticker and term
 *
 * For one maturity the contract comes first, then its variants (suffix A or M), its spreads by the
 * far leg, its options by strike. Anything else is ordered by its text, numbers in it by value.
 */
#ifndef MARKET_SYMBOL_ORDER_H
#define MARKET_SYMBOL_ORDER_H

#include <stddef.h>

/* As strcmp. A total order: 0 only for the same text. */
int symbol_order(const char *a, const char *b);

enum symbol_kind { SYMBOL_PLAIN, SYMBOL_CONTRACT, SYMBOL_VARIANT, SYMBOL_SPREAD, SYMBOL_OPTION };

/* The parts of a symbol. */
struct symbol_parts {
    const char *product; /* begins the symbol; its first bytes: "DLR", "MERV - XMEV - AL30" */
    size_t product_bytes;
    const char *ticker; /* the end of the product: "DLR", "AL30" */
    size_t ticker_bytes;
    enum symbol_kind kind;
    int maturity; /* months since year 0 for a future, days for a term (CI is 0); -1 = none */
    int far_leg;  /* of a spread, in months; -1 = none */
    double strike;
    const char *rest; /* the remaining text; "" = none */
};

/* Borrows `symbol`. */
struct symbol_parts symbol_parts(const char *symbol);
/* symbol_order() of two symbols whose parts are known: for sorting, which compares each often. */
int symbol_parts_order(const struct symbol_parts *a, const struct symbol_parts *b);

#endif
