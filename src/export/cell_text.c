#include "export/cell_text.h"

#include "base/clock.h"
#include "base/json_write.h"
#include "base/num.h"
#include "store/row.h"

#include <stdbool.h>

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
        put_real(out, num_text(text, cell->number));
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
