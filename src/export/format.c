#include "export/format.h"

#include "base/csv.h"
#include "base/json_write.h"
#include "export/cell_text.h"
#include "export/format_excel.h"

#include <string.h>

/* --- CSV -------------------------------------------------------------------------------------- */

static void csv_header(struct buf *out, enum extract_table table)
{
    int count = extract_columns_count(table);
    for (int i = 0; i < count; i++) {
        csv_put(out, extract_column_name(table, i));
        buf_append(out, i + 1 < count ? "," : "\r\n", i + 1 < count ? 1 : 2);
    }
}

static void csv_cell(struct buf *out, const struct cell *cell)
{
    switch (cell->kind) {
    case CELL_TEXT:
    case CELL_JSON:
        csv_put(out, cell->text);
        return;
    case CELL_LEVELS: /* contains commas and no quotes */
        buf_append(out, "\"", 1);
        cell_text_put(out, cell);
        buf_append(out, "\"", 1);
        return;
    case CELL_NONE:
    case CELL_NUMBER:
    case CELL_WHOLE:
    case CELL_TIME:
    case CELL_MINUTE:
    case CELL_DAY:
        cell_text_put(out, cell);
        return;
    }
}

static void csv_row(struct buf *out, enum extract_table table, const struct cell *cells)
{
    int count = extract_columns_count(table);
    for (int i = 0; i < count; i++) {
        if (i)
            buf_append(out, ",", 1);
        csv_cell(out, &cells[i]);
    }
    buf_append(out, "\r\n", 2);
}

const struct format format_csv = {"csv", "csv", csv_header, csv_row};

/* --- JSON lines ------------------------------------------------------------------------------- */

static void jsonl_header(struct buf *out, enum extract_table table)
{
    (void)out;
    (void)table;
}

static void jsonl_cell(struct buf *out, const struct cell *cell)
{
    switch (cell->kind) {
    case CELL_NONE:
        buf_append(out, "null", 4);
        return;
    case CELL_TEXT:
        json_put_string(out, cell->text);
        return;
    case CELL_TIME:
    case CELL_MINUTE:
    case CELL_DAY:
        buf_append(out, "\"", 1);
        cell_text_put(out, cell);
        buf_append(out, "\"", 1);
        return;
    case CELL_NUMBER:
    case CELL_WHOLE:
    case CELL_JSON:
    case CELL_LEVELS:
        cell_text_put(out, cell);
        return;
    }
}

static void jsonl_row(struct buf *out, enum extract_table table, const struct cell *cells)
{
    int count = extract_columns_count(table);
    for (int i = 0; i < count; i++) {
        buf_append(out, i ? ",\"" : "{\"", 2);
        buf_puts(out, extract_column_name(table, i));
        buf_append(out, "\":", 2);
        jsonl_cell(out, &cells[i]);
    }
    buf_append(out, "}\n", 2);
}

const struct format format_jsonl = {"jsonl", "jsonl", jsonl_header, jsonl_row};

/* --- all formats ------------------------------------------------------------------------------ */

const struct format *const format_all[] = {&format_csv, &format_jsonl, &format_excel, NULL};

const struct format *format_find(const char *name)
{
    for (const struct format *const *format = format_all; *format; format++) {
        if (strcmp(name, (*format)->name) == 0)
            return *format;
    }
    return NULL;
}
