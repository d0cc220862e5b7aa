#include "export/format_excel.h"

#include "base/csv.h"
#include "export/cell_text.h"
#include "export/text_format.h"

static void put_columns(struct buf *out, enum extract_table table, const struct cell *cells,
                        void (*put)(struct buf *out, const char *name, const struct cell *cell))
{
    int count = extract_columns_count(table);
    for (int i = 0, done = 0; i < count; i++) {
        if (cell_text_excel_omits(extract_column_name(table, i)))
            continue;
        if (done++)
            buf_append(out, (char[]){CELL_EXCEL_SEPARATOR}, 1);
        put(out, extract_column_name(table, i), cells ? &cells[i] : NULL);
    }
    buf_append(out, "\r\n", 2);
}

static void put_value(struct buf *out, const char *name, const struct cell *cell)
{
    (void)name;
    cell_text_put_excel(out, cell);
}

static void put_name(struct buf *out, const char *name, const struct cell *cell)
{
    (void)cell;
    csv_put_separated(out, name, CELL_EXCEL_SEPARATOR);
}

static void put_header(struct buf *out, enum extract_table table)
{
    buf_puts(out, CELL_EXCEL_BOM);
    put_columns(out, table, NULL, put_name);
}

static void put_row(struct buf *out, enum extract_table table, const struct cell *cells)
{
    put_columns(out, table, cells, put_value);
}

static const struct text_format lines = {put_header, put_row};

static int create(struct format_writer **out, const struct format_parts *parts, struct err *err)
{
    return text_format_create(out, parts, &lines, err);
}

static bool begins(const char *start, size_t len_bytes, enum extract_table table)
{
    (void)len_bytes;
    return text_format_begins(&lines, start, table);
}

const struct format format_excel = {
    .name = "excel",
    .suffix = ".excel.csv",
    .outer = OUTER_ON_REQUEST,
    .create = create,
    TEXT_FORMAT_FUNCTIONS,
    .begins = begins,
};
