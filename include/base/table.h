/*
 * table: text in aligned columns, for people.
 *
 * Cells are copied and added row by row, left to right; widths are counted in characters, so that
 * UTF-8 stays aligned. A NULL or empty cell is shown as "-". A cell is never cut: where the lines
 * would be too long, whole columns are left out, and running text is continued below.
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

#define TABLE_COLUMNS_MAX 64
#define TABLE_WIDE        ((size_t)-1) /* a line of any length */

struct table_column {
    const char *title; /* borrowed */
    bool right;        /* numbers are aligned to the right */
    bool wraps;        /* running text; only the last column */
    int rank;          /* 0 is always shown; of the others the lowest come first */
    size_t width_min;  /* what the values usually need, so that the columns stand still */
};

struct table {
    const struct table_column *columns; /* borrowed */
    int columns_count;
    size_t cells_count;
    struct buf text; /* all cells, each ended by NUL */
    size_t width[TABLE_COLUMNS_MAX];
    bool shown[TABLE_COLUMNS_MAX]; /* by table_fit */
    size_t line_width;             /* likewise */
};

void table_init(struct table *table, const struct table_column *columns, int columns_count);
void table_finish(struct table *table);
/* Forgets the rows; keeps the memory and the widths, so that a table drawn again and again does not
 * move from side to side. */
void table_clear(struct table *table);
void table_cell(struct table *table, const char *text);
size_t table_rows(const struct table *table);

/*
 * Decides which columns a line of `line_width` characters has room for: by rank, those of one rank
 * together. Until it is called all are shown. Returns how many are left out.
 */
int table_fit(struct table *table, size_t line_width);

/*
 * Appends the titles and at most `rows_max` rows to `out`, each line ended by `line_end`. Columns
 * stand two blanks apart.
 */
void table_print(const struct table *table, size_t rows_max, const char *line_end, struct buf *out);

/* Running text in lines of at most `line_width` characters, those after the first begun by `indent`
 * blanks. Returns how many lines it takes; the last is not ended. */
size_t table_wrap(struct buf *out, const char *text, size_t line_width, size_t indent,
                  const char *line_end);

#endif
