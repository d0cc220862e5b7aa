#include "export/format_csv.h"

#include "base/csv.h"
#include "export/cell_text.h"
#include "export/text_format.h"

static void put_header(struct buf *out, enum extract_table table)
{
    int count = extract_columns_count(table);
    for (int i = 0; i < count; i++) {
        csv_put(out, extract_column_name(table, i));
        buf_append(out, i + 1 < count ? "," : "\r\n", i + 1 < count ? 1 : 2);
    }
}

static void put_row(struct buf *out, enum extract_table table, const struct cell *cells)
{
    int count = extract_columns_count(table);
    for (int i = 0; i < count; i++) {
        if (i)
            buf_append(out, ",", 1);
        cell_text_put_csv(out, &cells[i]);
    }
    buf_append(out, "\r\n", 2);
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

const struct format format_csv = {
    .name = "csv",
    .suffix = ".csv",
    .outer = OUTER_DEFAULT,
    .create = create,
    TEXT_FORMAT_FUNCTIONS,
    .begins = begins,
};
