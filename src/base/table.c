#include "base/table.h"

#include <string.h>

#define TEXT_BYTES ((size_t)64 * 1024 * 1024)

/* Characters, not bytes: continuation bytes of UTF-8 take no room. */
static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

void table_clear(struct table *table)
{
    buf_clear(&table->text);
    table->cells_count = 0;
    for (int i = 0; i < table->columns_count; i++)
        table->width[i] = width_of(table->columns[i].title);
}

void table_init(struct table *table, const struct table_column *columns, int columns_count)
{
    *table = (struct table){.columns = columns, .columns_count = columns_count};
    buf_init(&table->text, TEXT_BYTES);
    table_clear(table);
}

void table_finish(struct table *table)
{
    buf_finish(&table->text);
}

void table_cell(struct table *table, const char *text)
{
    size_t column = table->cells_count % (size_t)table->columns_count;
    if (!text || !*text)
        text = "-";
    if (buf_append(&table->text, text, strlen(text) + 1))
        return;
    if (width_of(text) > table->width[column])
        table->width[column] = width_of(text);
    table->cells_count++;
}

size_t table_rows(const struct table *table)
{
    return table->cells_count / (size_t)table->columns_count;
}

static void put_cell(const struct table *table, int column, const char *text, struct buf *out)
{
    int blanks = (int)(table->width[column] - width_of(text));
    bool right = table->columns[column].right;
    bool last = column == table->columns_count - 1;
    if (column)
        buf_puts(out, "  ");
    if (right)
        buf_printf(out, "%*s%s", blanks, "", text);
    else
        buf_printf(out, "%s%*s", text, last ? 0 : blanks, "");
}

void table_print(const struct table *table, size_t rows_max, const char *line_end, struct buf *out)
{
    const char *cell = buf_text(&table->text);
    for (int i = 0; i < table->columns_count; i++)
        put_cell(table, i, table->columns[i].title, out);
    buf_puts(out, line_end);
    for (size_t row = 0; row < table_rows(table) && row < rows_max; row++) {
        for (int i = 0; i < table->columns_count; i++) {
            put_cell(table, i, cell, out);
            cell += strlen(cell) + 1;
        }
        buf_puts(out, line_end);
    }
}
