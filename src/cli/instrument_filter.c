#include "cli/instrument_filter.h"

#include "base/glob.h"
#include "cli/quotes_cells.h"
#include "market/symbol_order.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define MONTH_BYTES 16

/* --- maturities ------------------------------------------------------------------------------- */

/* "2026-12-31" or the beginning of it up to a dash. */
static bool is_date(const char *text)
{
    static const char form[] = "dddd-dd-dd";
    size_t len = strlen(text);
    if (len != 4 && len != 7 && len != 10)
        return false;
    for (size_t i = 0; i < len; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';
        if (form[i] == 'd' ? !digit : text[i] != '-')
            return false;
    }
    return true;
}

/* "DIC26", as in symbols: months since year 0, or -1. */
static int month_of(const char *text)
{
    char symbol[MONTH_BYTES];
    if (snprintf(symbol, sizeof(symbol), "X/%s", text) >= MONTH_BYTES)
        return -1;
    const struct symbol_parts parts = symbol_parts(symbol);
    return parts.kind == SYMBOL_CONTRACT ? parts.maturity : -1;
}

bool instrument_filter_maturity(struct instrument_filter *filter, const char *text)
{
    int month = month_of(text);
    if (month >= 0)
        snprintf(filter->maturity, sizeof(filter->maturity), "%04u-%02u",
                 (unsigned)month / 12 % 10000, (unsigned)month % 12 + 1);
    else if (is_date(text))
        snprintf(filter->maturity, sizeof(filter->maturity), "%s", text);
    return month >= 0 || is_date(text);
}

/* --- rows ------------------------------------------------------------------------------------- */

static const char *text_of(int columns, const struct reader_value *values, const char *name)
{
    const struct reader_value *value = quotes_value(values, columns, name);
    return value ? value->text : "";
}

/* An instrument that no list had yet has no product in the database. */
static bool is_product(const char *glob, int columns, const struct reader_value *values)
{
    char product[256];
    const char *stored = text_of(columns, values, "product");
    if (*stored)
        return glob_one(glob, stored);
    const struct symbol_parts parts = symbol_parts(text_of(columns, values, "symbol"));
    snprintf(product, sizeof(product), "%.*s", (int)parts.ticker_bytes, parts.ticker);
    return glob_one(glob, product);
}

bool instrument_filter_matches(const char *pattern, int columns, const struct reader_value *values)
{
    return glob_one(pattern, text_of(columns, values, "symbol")) ||
           is_product(pattern, columns, values);
}

static bool is_wanted(const char *glob, int columns, const struct reader_value *values,
                      const char *name)
{
    return !glob || glob_one(glob, text_of(columns, values, name));
}

bool instrument_filter_takes(const struct instrument_filter *f, int columns,
                             const struct reader_value *values)
{
    bool matches = f->patterns_count == 0;
    for (int i = 0; i < f->patterns_count && !matches; i++)
        matches = instrument_filter_matches(f->patterns[i], columns, values);
    return matches && (f->all || strcmp(text_of(columns, values, "listed"), "0") != 0) &&
           is_wanted(f->segment, columns, values, "segment") &&
           is_wanted(f->cfi, columns, values, "cfi_code") &&
           is_wanted(f->currency, columns, values, "currency") &&
           (!f->product || is_product(f->product, columns, values)) &&
           strncmp(text_of(columns, values, "maturity_date"), f->maturity, strlen(f->maturity)) ==
               0;
}
