/*
 * quotes_cells: the values of a quote as a table shows them to people.
 *
 * Remembers for each instrument how many decimals its prices and its sizes have had, so that 1598.5
 * and 1599.0 stand below each other and stay where they are when one of them changes. Owns that
 * memory. Never rounds: zeros are appended, nothing is left out.
 */
#ifndef CLI_QUOTES_CELLS_H
#define CLI_QUOTES_CELLS_H

#include "cli/quotes_columns.h"
#include "store/reader.h"

#define QUOTES_AHEAD_S 5 /* a stamp this far ahead of our clock is nothing unusual */

struct quotes_cells {
    int64_t now_ns;
    int64_t stale_ns; /* an age beyond it is marked */
    struct quotes_decimals {
        char *symbol;
        unsigned char unit[QUOTES_UNITS];
    } * decimals; /* in the order of symbols */
    size_t decimals_count, decimals_cap;
};

void quotes_cells_finish(struct quotes_cells *cells);

/* The value of a column, NULL when there is no such column. */
const struct reader_value *quotes_value(const struct reader_value *values, int columns,
                                        const char *name);

/* Takes note of a row's decimals. */
struct quotes_decimals *quotes_cells_note(struct quotes_cells *cells, int columns,
                                          const struct reader_value *values);

/*
 * The text of one cell: in `out`, or borrowed from `values`. `decimals` is that row's, NULL when
 * nothing is known of them.
 */
#define QUOTES_CELL_BYTES 64
const char *quotes_cell(const struct quotes_cells *cells, const struct quotes_column *column,
                        const struct quotes_decimals *decimals, int columns,
                        const struct reader_value *values, char out[QUOTES_CELL_BYTES]);

/*
 * "0.4s", "35s", "12m", "3h", "2d". "! 12m" when it is older than `stale_ns`. "+60m" when the stamp
 * is that far ahead of our clock: one of the two was wrong, and nothing is known of the age.
 */
char *quotes_age_text(char out[QUOTES_CELL_BYTES], int64_t age_ns, int64_t stale_ns);

#endif
