/*
 * table: text in aligned columns, for people.
 *
 * Cells are copied and added row by row, left to right; widths are counted in characters, so that
 * UTF-8 stays aligned. A NULL or empty cell is shown as "-". A cell is never truncated: when lines
 * would be too long, whole columns are hidden, and a column that wraps is continued on the next
 * line.
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
    bool right;        /* aligned to the right, for numbers */
    bool wraps;        /* text continues on the next line; only for the last column */
    int rank;          /* 0 is always shown; a higher rank is hidden first */
    size_t width_min;  /* the usual width of the values, so that columns do not move */
};

struct table {
    const struct table_column *columns; /* borrowed */
    int columns_count;
    size_t cells_count;
    struct buf text; /* all cells, each followed by NUL */
    size_t width[TABLE_COLUMNS_MAX];
    bool shown[TABLE_COLUMNS_MAX]; /* set by table_fit */
    size_t line_width;             /* set by table_fit */
};

void table_init(struct table *table, const struct table_column *columns, int columns_count);
void table_finish(struct table *table);
/* Removes the rows; keeps the memory and the widths, so that the columns of a table that is redrawn
 * do not move. */
void table_clear(struct table *table);
void table_cell(struct table *table, const char *text);
size_t table_rows(const struct table *table);

/*
 * Decides which columns fit into a line of `line_width` characters: by rank, all columns of one
 * rank or none of them. Before the first call all are shown. Returns how many are hidden.
 */
int table_fit(struct table *table, size_t line_width);

/*
 * Appends the titles and at most `rows_max` rows to `out`, each line followed by `line_end`.
 * Columns are separated by two spaces.
 */
void table_print(const struct table *table, size_t rows_max, const char *line_end, struct buf *out);

/* Appends text in lines of at most `line_width` characters; all but the first begin with `indent`
 * spaces. The last line gets no `line_end`. Returns the number of lines. */
size_t table_wrap(struct buf *out, const char *text, size_t line_width, size_t indent,
                  const char *line_end);

#endif
