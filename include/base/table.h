/*
 * table: text in aligned columns, for people.
 *
 * Cells are copied and added row by row, left to right; widths are counted in characters, so that
 * UTF-8 stays aligned. A NULL or empty cell is shown as "-".
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

#define TABLE_COLUMNS_MAX 16

struct table_column {
    const char *title;
    bool right; /* numbers are aligned to the right */
};

struct table {
    const struct table_column *columns; /* borrowed */
    int columns_count;
    size_t cells_count;
    struct buf text; /* all cells, each ended by NUL */
    size_t width[TABLE_COLUMNS_MAX];
};

void table_init(struct table *table, const struct table_column *columns, int columns_count);
void table_finish(struct table *table);
void table_clear(struct table *table); /* forgets the rows, keeps the memory */
void table_cell(struct table *table, const char *text);
size_t table_rows(const struct table *table);

/*
 * Appends the titles and at most `rows_max` rows to `out`, each line ended by `line_end`. Columns
 * stand two blanks apart.
 */
void table_print(const struct table *table, size_t rows_max, const char *line_end, struct buf *out);

#endif
