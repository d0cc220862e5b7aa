#include "export/format_excel.h"

#include "base/clock.h"
#include "base/csv.h"
#include "base/num.h"
#include "export/cell_text.h"
#include "export/text_format.h"

#include <string.h>

#define BOM       "\xEF\xBB\xBF"
#define SEPARATOR ';'

/* Each ts_* column has the same time as another column. */
static bool is_left_out(enum extract_table table, int column)
{
    return strncmp(extract_column_name(table, column), "ts", 2) == 0;
}

static void put_columns(struct buf *out, enum extract_table table, const struct cell *cells,
                        void (*put)(struct buf *out, const char *name, const struct cell *cell))
{
    int count = extract_columns_count(table);
    for (int i = 0, done = 0; i < count; i++) {
        if (is_left_out(table, i))
            continue;
        if (done++)
            buf_append(out, (char[]){SEPARATOR}, 1);
        put(out, extract_column_name(table, i), cells ? &cells[i] : NULL);
    }
    buf_append(out, "\r\n", 2);
}

/* --- cells ------------------------------------------------------------------------------------ */

static void put_day(struct buf *out, int64_t day)
{
    char text[CLOCK_TEXT];
    clock_day_text(text, day);
    if (strlen(text) == 10) /* "2026-11-26"; spreadsheets cannot read other lengths */
        buf_printf(out, "%.2s/%.2s/%.4s", text + 8, text + 5, text);
    else
        buf_puts(out, text);
}

static void put_time(struct buf *out, int64_t ts)
{
    int64_t day = art_day(ts);
    int second = (int)((ts - art_day_begins_ns(day)) / NS_PER_S);
    put_day(out, day);
    buf_printf(out, " %02d:%02d:%02d", second / S_PER_HOUR, second / S_PER_MIN % 60,
               second % S_PER_MIN);
}

static void put_number(struct buf *out, double number)
{
    char text[NUM_TEXT];
    char *point = strchr(num_text(text, number), '.');
    if (point)
        *point = ',';
    buf_puts(out, text);
}

/* Text from the broker may begin like a formula; with an apostrophe a spreadsheet reads it as text.
 */
static void put_text(struct buf *out, const char *text)
{
    struct buf guarded;
    if (!*text || !strchr("=+-@\t\r", *text)) {
        csv_put_separated(out, text, SEPARATOR);
        return;
    }
    buf_init(&guarded, strlen(text) + 2);
    buf_printf(&guarded, "'%s", text);
    csv_put_separated(out, buf_text(&guarded), SEPARATOR);
    buf_finish(&guarded);
}

static void put_cell(struct buf *out, const char *name, const struct cell *cell)
{
    (void)name;
    switch (cell->kind) {
    case CELL_NONE:
        return;
    case CELL_NUMBER:
        put_number(out, cell->number);
        return;
    case CELL_WHOLE:
    case CELL_LEVELS: /* contains no separator and no quotes */
        cell_text_put(out, cell);
        return;
    case CELL_TIME:
    case CELL_MINUTE:
        put_time(out, cell->whole);
        return;
    case CELL_DAY:
        put_day(out, cell->whole);
        return;
    case CELL_TEXT:
    case CELL_JSON:
        put_text(out, cell->text);
        return;
    }
}

/* --- lines ------------------------------------------------------------------------------------ */

static void put_name(struct buf *out, const char *name, const struct cell *cell)
{
    (void)cell;
    csv_put_separated(out, name, SEPARATOR);
}

static void put_header(struct buf *out, enum extract_table table)
{
    buf_puts(out, BOM);
    put_columns(out, table, NULL, put_name);
}

static void put_row(struct buf *out, enum extract_table table, const struct cell *cells)
{
    put_columns(out, table, cells, put_cell);
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
