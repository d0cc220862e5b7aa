/*
 * quote_row: the present quote of an instrument as a row of the view `quotes`.
 *
 * Pure. The columns, their order and values are those of the view.
 */
#ifndef API_QUOTE_ROW_H
#define API_QUOTE_ROW_H

#include "market/market.h"
#include "store/read/extract.h"

#define QUOTE_ROW_COLUMNS 34

const char *quote_row_column(int column); /* "market" */

struct quote_row_facts {
    const char *market_id, *symbol;
    const struct market_quote *present;
    int64_t ts_seen; /* when the values were last confirmed; ns UTC */
    bool recorded;   /* now */
    int decimals;    /* of its prices; < 0 = unknown */
};

/* The cells borrow from `facts`. */
void quote_row_cells(const struct quote_row_facts *facts, struct cell cells[QUOTE_ROW_COLUMNS]);

#endif
