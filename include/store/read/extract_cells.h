/*
 * extract_cells: converts a row of an extract's statement to the cells of the public columns.
 */
#ifndef STORE_READ_EXTRACT_CELLS_H
#define STORE_READ_EXTRACT_CELLS_H

#include "store/read/extract_tables.h"

struct sqlite3_stmt;

/* What the cells of one row point to. */
struct extract_cells {
    struct side bids, offers;
    char changed[ENTRY_LIST_TEXT];
    struct cell cells[EXTRACT_COLUMNS_MAX];
};

struct extract_instrument {
    const char *market, *symbol;
    int decimals; /* of its prices; 0 = unknown */
};

/* Texts are borrowed from the statement and the instrument: valid until its next step. */
void extract_cells_read(struct extract_cells *out, const struct extract_source *source,
                        struct sqlite3_stmt *stmt, const struct extract_instrument *instrument);

/* The kind of the cells of a rule, when they are not CELL_NONE. */
enum cell_kind extract_rule_kind(enum extract_rule rule);

#endif
