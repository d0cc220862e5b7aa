#include "cli/quotes_cells.h"

#include "base/clock.h"
#include "market/instrument.h"
#include "market/symbol_order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DECIMALS_MAX 8 /* more result from a division: such a number is shown unchanged */

const struct reader_value *quotes_value(const struct reader_value *values, int columns,
                                        const char *name)
{
    for (int i = 0; i < columns; i++) {
        if (strcmp(values[i].column, name) == 0)
            return &values[i];
    }
    return NULL;
}

/* --- decimals --------------------------------------------------------------------------------- */

void quotes_cells_finish(struct quotes_cells *cells)
{
    for (size_t i = 0; i < cells->decimals_count; i++)
        free(cells->decimals[i].symbol);
    free(cells->decimals);
    cells->decimals = NULL;
    cells->decimals_count = cells->decimals_cap = 0;
}

/* The index of the symbol, or where it is to be inserted. */
static size_t place_of(const struct quotes_cells *cells, const char *symbol)
{
    size_t low = 0, high = cells->decimals_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (symbol_order(cells->decimals[middle].symbol, symbol) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool make_room(struct quotes_cells *cells)
{
    if (cells->decimals_count < cells->decimals_cap)
        return true;
    size_t cap = cells->decimals_cap ? 2 * cells->decimals_cap : 64;
    struct quotes_decimals *more = realloc(cells->decimals, cap * sizeof(*more));
    if (!more)
        return false;
    cells->decimals = more;
    cells->decimals_cap = cap;
    return true;
}

/* NULL: out of memory. */
static struct quotes_decimals *decimals_of(struct quotes_cells *cells, const char *symbol)
{
    size_t at = place_of(cells, symbol);
    struct quotes_decimals *found = cells->decimals + at;
    if (at < cells->decimals_count && strcmp(found->symbol, symbol) == 0)
        return found;
    char *copy = make_room(cells) ? strdup(symbol) : NULL;
    if (!copy)
        return NULL;
    found = cells->decimals + at;
    memmove(found + 1, found, (cells->decimals_count - at) * sizeof(*found));
    *found = (struct quotes_decimals){.symbol = copy};
    cells->decimals_count++;
    return found;
}

void quotes_cells_price_decimals(struct quotes_cells *cells, const char *symbol, int decimals)
{
    struct quotes_decimals *of = decimals_of(cells, symbol);
    if (of && decimals <= INSTRUMENT_DIGITS_MAX && decimals > of->unit[QUOTES_PRICE])
        of->unit[QUOTES_PRICE] = (unsigned char)decimals;
}

void quotes_cells_quiet(struct quotes_cells *cells, const char *symbol, bool quiet)
{
    struct quotes_decimals *of = decimals_of(cells, symbol);
    if (of)
        of->quiet = quiet;
}

/* -1: not a plain decimal number. */
static int decimals_in(const char *text)
{
    const char *point = strchr(text, '.');
    size_t digits = point ? strspn(point + 1, "0123456789") : 0;
    bool plain = point ? point[1 + digits] == '\0' : strspn(text, "-0123456789") == strlen(text);
    return plain && *text && digits <= DECIMALS_MAX ? (int)digits : -1;
}

struct quotes_decimals *quotes_cells_note(struct quotes_cells *cells, int columns,
                                          const struct reader_value *values)
{
    const struct reader_value *symbol = quotes_value(values, columns, "symbol");
    struct quotes_decimals *decimals = symbol ? decimals_of(cells, symbol->text) : NULL;
    for (int i = 0; decimals && i < columns; i++) {
        int digits = values[i].type == READER_NUMBER ? decimals_in(values[i].text) : -1;
        enum quotes_unit unit = quotes_unit_of(values[i].column);
        if (digits > decimals->unit[unit])
            decimals->unit[unit] = (unsigned char)digits;
    }
    return decimals;
}

/* A small number in the notation 1.23e-05: with so many decimals, unless that omits a digit. */
static const char *small_text(char out[QUOTES_CELL_BYTES], const char *text, int decimals)
{
    snprintf(out, QUOTES_CELL_BYTES, "%.*f", decimals, strtod(text, NULL));
    return strtod(out, NULL) == strtod(text, NULL) ? out : text;
}

const char *quotes_number_text(char out[QUOTES_CELL_BYTES], const char *text, int decimals)
{
    static const char zeros[INSTRUMENT_DIGITS_MAX + 1] = "000000000000";
    int has = decimals_in(text);
    if (decimals > INSTRUMENT_DIGITS_MAX)
        return text;
    if (strstr(text, "e-"))
        return small_text(out, text, decimals);
    if (has < 0 || has >= decimals || strlen(text) + sizeof(zeros) + 1 > QUOTES_CELL_BYTES)
        return text;
    snprintf(out, QUOTES_CELL_BYTES, "%s%s%.*s", text, has ? "" : ".", decimals - has, zeros);
    return out;
}

/* --- ages and times --------------------------------------------------------------------------- */

char *quotes_age_text(char out[QUOTES_CELL_BYTES], int64_t age_ns, int64_t stale_ns)
{
    bool ahead = age_ns < -QUOTES_AHEAD_S * NS_PER_S;
    const char *mark = ahead ? "+" : age_ns > stale_ns ? "! " : "";
    double s = (double)age_ns / (double)NS_PER_S;
    if (ahead)
        s = -s;
    else if (s < 0)
        s = 0;
    if (s < 9.95)
        snprintf(out, QUOTES_CELL_BYTES, "%s%.1fs", mark, s);
    else if (s < 119.5)
        snprintf(out, QUOTES_CELL_BYTES, "%s%.0fs", mark, s);
    else if (s < 2 * S_PER_HOUR)
        snprintf(out, QUOTES_CELL_BYTES, "%s%.0fm", mark, s / S_PER_MIN);
    else if (s < 2 * S_PER_DAY)
        snprintf(out, QUOTES_CELL_BYTES, "%s%.0fh", mark, s / S_PER_HOUR);
    else
        snprintf(out, QUOTES_CELL_BYTES, "%s%.0fd", mark, s / S_PER_DAY);
    return out;
}

/* The quote of an instrument that is no longer recorded is old, so it is never marked; nor is one
 * whose market is closed. */
static const char *age_cell(const struct quotes_cells *cells, const struct reader_value *stamp,
                            const struct quotes_row *row, char out[QUOTES_CELL_BYTES])
{
    const struct reader_value *recorded = quotes_value(row->values, row->columns, "recorded");
    bool expected =
        (recorded && strcmp(recorded->text, "0") == 0) || (row->decimals && row->decimals->quiet);
    int64_t age_ns = cells->now_ns - strtoll(stamp->text, NULL, 10);
    return quotes_age_text(out, age_ns, expected ? INT64_MAX : cells->stale_ns);
}

static const char *time_cell(const struct quotes_cells *cells, const char *text,
                             char out[QUOTES_CELL_BYTES])
{
    int64_t ns;
    return clock_parse_text(text, &ns) ? art_short_text(out, ns, cells->now_ns) : text;
}

const char *quotes_cell(const struct quotes_cells *cells, const struct quotes_column *column,
                        const struct quotes_row *row, char out[QUOTES_CELL_BYTES])
{
    const struct reader_value *value = quotes_value(row->values, row->columns, column->name);
    if (column->other && (!value || value->type == READER_NULL))
        value = quotes_value(row->values, row->columns, column->other);
    if (!value || value->type == READER_NULL)
        return "";
    switch (column->unit) {
    case QUOTES_PRICE:
    case QUOTES_SIZE:
    case QUOTES_MONEY:
        return quotes_number_text(out, value->text,
                                  row->decimals ? row->decimals->unit[column->unit] : 0);
    case QUOTES_TIME:
        return time_cell(cells, value->text, out);
    case QUOTES_AGE:
        return age_cell(cells, value, row, out);
    case QUOTES_YES_NO:
        return strcmp(value->text, "0") == 0 ? "no" : "yes";
    case QUOTES_TEXT:
    case QUOTES_NUMBER:
    case QUOTES_UNITS:
        break;
    }
    return value->text;
}
