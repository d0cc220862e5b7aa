#include "cli/instruments_view.h"

#include "base/csv.h"
#include "base/json_write.h"
#include "cli/quotes_cells.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define OUT_BYTES ((size_t)256 * 1024 * 1024)

/* --- columns of the table --------------------------------------------------------------------- */

/* `price`: with the decimals of the instrument's prices. */
static const struct column {
    const char *name; /* in the view */
    bool price;
} shown[] = {
    {"symbol", false},           {"type", false},
    {"currency", false},         {"maturity_date", false},
    {"days_to_maturity", false}, {"strike", false},
    {"price_tick", true},        {"contract_multiplier", false},
    {"price_factor", false},     {"low_limit_price", true},
    {"high_limit_price", true},  {"size_step", false},
    {"underlying", false},       {"segment", false},
    {"cfi_code", false},
};
#define SHOWN ((int)(sizeof(shown) / sizeof(shown[0])))

static const struct table_column titles[SHOWN] = {
    {.title = "symbol"},
    {.title = "type", .rank = 1},
    {.title = "currency", .rank = 3},
    {.title = "maturity", .rank = 1},
    {.title = "days", .right = true, .rank = 4},
    {.title = "strike", .right = true, .rank = 7},
    {.title = "tick", .right = true, .rank = 2},
    {.title = "multiplier", .right = true, .rank = 2},
    {.title = "factor", .right = true, .rank = 6},
    {.title = "low limit", .right = true, .rank = 5},
    {.title = "high limit", .right = true, .rank = 5},
    {.title = "size step", .right = true, .rank = 8},
    {.title = "underlying", .rank = 7},
    {.title = "segment", .rank = 8},
    {.title = "CFI", .rank = 9},
};

static const char *text_of(int columns, const struct reader_value *values, const char *name)
{
    const struct reader_value *value = quotes_value(values, columns, name);
    return value ? value->text : "";
}

static void put_table(struct instruments_view *view, int columns, const struct reader_value *values)
{
    char text[QUOTES_CELL_BYTES];
    const char *decimals = text_of(columns, values, "price_decimals");
    for (int i = 0; i < SHOWN; i++) {
        const char *value = text_of(columns, values, shown[i].name);
        bool padded = shown[i].price && *value && *decimals;
        table_cell(&view->table, padded ? quotes_number_text(text, value, atoi(decimals)) : value);
    }
}

/* --- JSON and CSV ----------------------------------------------------------------------------- */

static void put_json_value(struct buf *out, const struct reader_value *v)
{
    if (v->type == READER_TEXT && strcmp(v->column, "tick_ranges") != 0)
        json_put_string(out, v->text);
    else
        buf_puts(out, v->type == READER_NULL ? "null" : v->text);
}

static void put_json(struct instruments_view *view, int columns, const struct reader_value *values)
{
    buf_puts(&view->out, view->rows == 1 ? "[\n{" : ",\n{");
    for (int i = 0; i < columns; i++) {
        buf_printf(&view->out, "%s\"%s\":", i ? "," : "", values[i].column);
        put_json_value(&view->out, &values[i]);
    }
    buf_puts(&view->out, "}");
}

static void put_csv(struct instruments_view *view, int columns, const struct reader_value *values)
{
    for (int i = 0; view->rows == 1 && i < columns; i++)
        buf_printf(&view->out, "%s%s", values[i].column, i + 1 < columns ? "," : "\r\n");
    for (int i = 0; i < columns; i++) {
        csv_put(&view->out, values[i].text);
        buf_puts(&view->out, i + 1 < columns ? "," : "\r\n");
    }
}

/* --- the view --------------------------------------------------------------------------------- */

int instruments_view_init(struct instruments_view *view, enum instruments_format format,
                          const struct instrument_filter *filter, struct err *err)
{
    *view = (struct instruments_view){.format = format, .filter = *filter};
    table_init(&view->table, titles, SHOWN);
    buf_init(&view->out, OUT_BYTES);
    view->matching = calloc((size_t)filter->patterns_count + 1, sizeof(*view->matching));
    return view->matching ? 0 : err_set(err, -ENOMEM, "out of memory");
}

void instruments_view_finish(struct instruments_view *view)
{
    table_finish(&view->table);
    buf_finish(&view->out);
    free(view->matching);
    view->matching = NULL;
}

static void count_patterns(struct instruments_view *view, int columns,
                           const struct reader_value *values)
{
    for (int i = 0; i < view->filter.patterns_count; i++)
        view->matching[i] += instrument_filter_matches(view->filter.patterns[i], columns, values);
}

/* Whether only --all would show the row. */
static bool is_hidden(const struct instruments_view *view, int columns,
                      const struct reader_value *values)
{
    struct instrument_filter all = view->filter;
    all.all = true;
    return !view->filter.all && instrument_filter_takes(&all, columns, values);
}

int instruments_view_row(struct instruments_view *view, int columns,
                         const struct reader_value *values)
{
    if (!instrument_filter_takes(&view->filter, columns, values)) {
        view->hidden += is_hidden(view, columns, values);
        return 0;
    }
    view->rows++;
    count_patterns(view, columns, values);
    switch (view->format) {
    case INSTRUMENTS_TABLE:
        put_table(view, columns, values);
        break;
    case INSTRUMENTS_JSON:
        put_json(view, columns, values);
        break;
    case INSTRUMENTS_CSV:
        put_csv(view, columns, values);
        break;
    }
    return buf_failed(&view->out) || buf_failed(&view->table.text);
}

void instruments_view_end(struct instruments_view *view)
{
    if (view->format == INSTRUMENTS_JSON)
        buf_puts(&view->out, view->rows ? "\n]\n" : "[]\n");
}
