#include "export/cell_text.h"

#include "base/clock.h"
#include "base/csv.h"
#include "base/json_write.h"
#include "base/num.h"
#include "store/row.h"

#include <stdbool.h>
#include <string.h>

#define SECONDS_AT 17 /* in "2026-11-23T08:17:41.123Z" */

static void put_minute(struct buf *out, int64_t ts)
{
    char text[CLOCK_TEXT];
    clock_text(text, ts);
    buf_append(out, text, SECONDS_AT);
    buf_append(out, "00Z", 3);
}

/*
 * Programs that infer the type of a column from its first rows (DuckDB, pandas with chunks) take 61
 * for an integer and then read 61.24 as 61. So a REAL always has a decimal point or an exponent.
 */
static void put_real(struct buf *out, const char *number)
{
    size_t len = 0;
    bool marked = false;
    for (; number[len]; len++)
        marked |= number[len] == '.' || number[len] == 'e';
    buf_append(out, number, len);
    if (!marked)
        buf_append(out, ".0", 2);
}

void cell_text_put(struct buf *out, const struct cell *cell)
{
    char text[CLOCK_TEXT > NUM_TEXT ? CLOCK_TEXT : NUM_TEXT];
    switch (cell->kind) {
    case CELL_NONE:
        return;
    case CELL_NUMBER:
        put_real(out, num_text_padded(text, cell->number, cell->decimals));
        return;
    case CELL_WHOLE:
        buf_puts(out, num_whole_text(text, cell->whole));
        return;
    case CELL_TIME:
        buf_puts(out, clock_text(text, cell->whole));
        return;
    case CELL_MINUTE:
        put_minute(out, cell->whole);
        return;
    case CELL_DAY:
        buf_puts(out, clock_day_text(text, cell->whole));
        return;
    case CELL_TEXT:
    case CELL_JSON:
        buf_puts(out, cell->text);
        return;
    case CELL_LEVELS:
        row_levels(out, cell->side);
        return;
    }
}

/* --- CSV and JSON ----------------------------------------------------------------------------- */

void cell_text_put_csv(struct buf *out, const struct cell *cell)
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

void cell_text_put_json(struct buf *out, const struct cell *cell)
{
    char text[NUM_TEXT];
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
        put_real(out, num_text(text, cell->number));
        return;
    case CELL_WHOLE:
    case CELL_JSON:
    case CELL_LEVELS:
        cell_text_put(out, cell);
        return;
    }
}

/* --- for spreadsheets ------------------------------------------------------------------------- */

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

static void put_decimal_comma(struct buf *out, const struct cell *cell)
{
    char text[NUM_TEXT];
    char *point = strchr(num_text_padded(text, cell->number, cell->decimals), '.');
    if (point)
        *point = ',';
    buf_puts(out, text);
}

/* Text from the broker may begin like a formula; with an apostrophe a spreadsheet reads it as text.
 */
static void put_guarded(struct buf *out, const char *text)
{
    struct buf guarded;
    if (!*text || !strchr("=+-@\t\r", *text)) {
        csv_put_separated(out, text, CELL_EXCEL_SEPARATOR);
        return;
    }
    buf_init(&guarded, strlen(text) + 2);
    buf_printf(&guarded, "'%s", text);
    csv_put_separated(out, buf_text(&guarded), CELL_EXCEL_SEPARATOR);
    buf_finish(&guarded);
}

void cell_text_put_excel(struct buf *out, const struct cell *cell)
{
    switch (cell->kind) {
    case CELL_NONE:
        return;
    case CELL_NUMBER:
        put_decimal_comma(out, cell);
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
        put_guarded(out, cell->text);
        return;
    }
}

bool cell_text_excel_omits(const char *column)
{
    return strncmp(column, "ts", 2) == 0;
}
