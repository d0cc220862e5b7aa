/*
 * entry: the kinds of market data an instrument has, by the broker's two-letter codes
 * (protocol: Primary API, market-data entries). A set of entries is a bit mask.
 */
#ifndef MARKET_ENTRY_H
#define MARKET_ENTRY_H

#include <stddef.h>
#include <stdint.h>

/* The order is part of the database: `changed` is stored as bits of it. Add at the end only. */
enum entry {
    ENTRY_BI,  /* bids */
    ENTRY_OF,  /* offers */
    ENTRY_LA,  /* last trade */
    ENTRY_OP,  /* opening price */
    ENTRY_CL,  /* previous close */
    ENTRY_SE,  /* settlement */
    ENTRY_HI,  /* high of the day */
    ENTRY_LO,  /* low of the day */
    ENTRY_TV,  /* volume traded (Matba Rofex) */
    ENTRY_OI,  /* open interest */
    ENTRY_EV,  /* effective volume, in money (BYMA) */
    ENTRY_NV,  /* nominal volume (BYMA) */
    ENTRY_IV,  /* index value: the only entry of an index */
    ENTRY_ACP, /* auction price */
};

#define ENTRY_COUNT     14
#define ENTRY_BIT(e)    (UINT32_C(1) << (e))
#define ENTRY_ALL       (ENTRY_BIT(ENTRY_COUNT) - 1)
#define ENTRY_LIST_TEXT 64

const char *entry_name(enum entry entry);                /* "BI" */
int entry_from_name(const char *name, size_t len_bytes); /* the enum, or -1; exact case */
/* "BI,OF,LA" in enum order; `out` holds ENTRY_LIST_TEXT bytes. Returns `out`. */
char *entry_list_text(char *out, uint32_t entries);

#endif
