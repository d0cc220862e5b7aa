/*
 * quotes_cells: formats the values of a quote for a table.
 *
 * Remembers for each instrument how many decimals its prices and its sizes have had, so that 1598.5
 * and 1599.0 are aligned and do not move when one of them changes. Owns these records. Never
 * rounds: it appends zeros and omits no digit.
 */
#ifndef CLI_QUOTES_CELLS_H
#define CLI_QUOTES_CELLS_H

#include "cli/quotes_columns.h"
#include "store/read/reader.h"

#include <stdbool.h>

#define QUOTES_AHEAD_S 5 /* a time stamp up to this far ahead of our clock is normal */

struct quotes_cells {
    int64_t now_ns;
    int64_t stale_ns; /* a greater age is marked */
    struct quotes_decimals {
        char *symbol;
        unsigned char unit[QUOTES_UNITS];
        bool quiet; /* its market does not trade now: no age is marked */
    } * decimals;   /* sorted by symbol_order() */
    size_t decimals_count, decimals_cap;
};

void quotes_cells_finish(struct quotes_cells *cells);

/* The value of a column; NULL when there is no such column. */
const struct reader_value *quotes_value(const struct reader_value *values, int columns,
                                        const char *name);

/* The decimals of an instrument's prices, as the broker says: its prices are shown with at least so
 * many. */
void quotes_cells_price_decimals(struct quotes_cells *cells, const char *symbol, int decimals);

/* Whether the segment of an instrument does not trade now. */
void quotes_cells_quiet(struct quotes_cells *cells, const char *symbol, bool quiet);

/* Records the decimals of a row. NULL: out of memory, or no column symbol. */
struct quotes_decimals *quotes_cells_note(struct quotes_cells *cells, int columns,
                                          const struct reader_value *values);

/* A number with at least so many decimals: in `out`, or `text` itself. */
#define QUOTES_CELL_BYTES 64
const char *quotes_number_text(char out[QUOTES_CELL_BYTES], const char *text, int decimals);

/* A row of the view quotes. All borrowed. */
struct quotes_row {
    const struct reader_value *values;
    int columns;
    const struct quotes_decimals *decimals; /* of the instrument; NULL = unknown */
};

/* The text of one cell: in `out`, or borrowed from the row. */
const char *quotes_cell(const struct quotes_cells *cells, const struct quotes_column *column,
                        const struct quotes_row *row, char out[QUOTES_CELL_BYTES]);

/*
 * "0.4s", "35s", "12m", "3h", "2d". "! 12m" when it is older than `stale_ns`. "+60m" when the time
 * stamp is that far ahead of our clock: one of the two clocks was wrong, so the age is unknown.
 */
char *quotes_age_text(char out[QUOTES_CELL_BYTES], int64_t age_ns, int64_t stale_ns);

#endif
