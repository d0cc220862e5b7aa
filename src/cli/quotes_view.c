#include "cli/quotes_view.h"

#include "base/clock.h"
#include "base/csv.h"
#include "base/glob.h"
#include "base/json_write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define OUT_BYTES ((size_t)256 * 1024 * 1024)

/* --- which rows ------------------------------------------------------------------------------- */

static const char *text_of(const struct reader_value *values, int columns, const char *name)
{
    const struct reader_value *value = quotes_value(values, columns, name);
    return value ? value->text : "";
}

static int64_t whole_of(const struct reader_value *values, int columns, const char *name)
{
    return strtoll(text_of(values, columns, name), NULL, 10);
}

/* A database of an older version has no such column; all its instruments count as recorded. */
static bool is_recorded(int columns, const struct reader_value *values)
{
    return strcmp(text_of(values, columns, "recorded"), "0") != 0;
}

/* No price and no size; volumes and open interest absent or zero. */
static bool is_empty(int columns, const struct reader_value *values)
{
    for (int i = 0; i < columns; i++) {
        const char *name = values[i].column;
        enum quotes_unit unit = quotes_unit_of(name);
        bool figure = unit == QUOTES_PRICE || unit == QUOTES_SIZE || unit == QUOTES_MONEY;
        bool amount = strstr(name, "volume") || strcmp(name, "open_interest") == 0;
        if (figure && values[i].type != READER_NULL &&
            !(amount && strtod(values[i].text, NULL) == 0))
            return false;
    }
    return true;
}

static void count(struct quotes_tally *tally, const struct quotes_tally *more)
{
    tally->shown += more->shown;
    tally->unrecorded += more->unrecorded;
    tally->empty += more->empty;
}

/* Counts the row. Returns whether it is shown. */
static bool take(struct quotes_view *view, int columns, const struct reader_value *values)
{
    const struct quotes_request *r = &view->request;
    const char *symbol = text_of(values, columns, "symbol");
    struct quotes_tally one = {0};
    if (!glob_any(r->patterns, r->patterns_count, symbol))
        return false;
    if (!r->all && !is_recorded(columns, values))
        one.unrecorded = 1;
    else if (r->hide_empty && is_empty(columns, values))
        one.empty = 1;
    else
        one.shown = 1;
    count(&view->all, &one);
    for (int i = 0; i < r->patterns_count; i++) {
        if (glob_one(r->patterns[i], symbol))
            count(&view->patterns[i], &one);
    }
    return one.shown;
}

/* --- formats ---------------------------------------------------------------------------------- */

static void put_table(struct quotes_view *view, int columns, const struct reader_value *values)
{
    char text[QUOTES_CELL_BYTES];
    const struct quotes_row row = {values, columns,
                                   quotes_cells_note(&view->cells, columns, values)};
    for (int i = 0; i < view->columns.count; i++)
        table_cell(&view->table, quotes_cell(&view->cells, &view->columns.column[i], &row, text));
}

static void put_json_value(struct buf *out, const struct reader_value *v)
{
    bool is_json = strcmp(v->column, "bids") == 0 || strcmp(v->column, "offers") == 0;
    if (v->type == READER_TEXT && !is_json)
        json_put_string(out, v->text);
    else
        buf_puts(out, v->type == READER_NULL ? "null" : v->text);
}

static void put_json(struct quotes_view *view, int columns, const struct reader_value *values)
{
    bool array = !view->request.follows;
    buf_puts(&view->out, !array ? "{" : view->put == 1 ? "[\n{" : ",\n{");
    for (int i = 0; i < columns; i++) {
        buf_printf(&view->out, "%s\"%s\":", i ? "," : "", values[i].column);
        put_json_value(&view->out, &values[i]);
    }
    buf_puts(&view->out, array ? "}" : "}\n");
}

static void put_csv(struct quotes_view *view, int columns, const struct reader_value *values)
{
    for (int i = 0; !view->header_out && i < columns; i++)
        buf_printf(&view->out, "%s%s", values[i].column, i + 1 < columns ? "," : "\r\n");
    view->header_out = true;
    for (int i = 0; i < columns; i++) {
        csv_put(&view->out, values[i].text);
        buf_puts(&view->out, i + 1 < columns ? "," : "\r\n");
    }
}

/* Copies the chosen values in the chosen order; returns how many. */
static int choose(const struct quotes_view *view, int columns, const struct reader_value *values,
                  struct reader_value *chosen)
{
    int n = 0;
    for (int i = 0; i < view->columns.count; i++) {
        const struct reader_value *value =
            quotes_value(values, columns, view->columns.column[i].name);
        if (value)
            chosen[n++] = *value;
    }
    return n;
}

static void put_row(struct quotes_view *view, int columns, const struct reader_value *values)
{
    struct reader_value chosen[QUOTES_COLUMNS_MAX];
    view->put++;
    if (view->request.format == QUOTES_TABLE) {
        put_table(view, columns, values);
        return;
    }
    if (view->columns.count) {
        columns = choose(view, columns, values, chosen);
        values = chosen;
    }
    if (view->request.format == QUOTES_JSON)
        put_json(view, columns, values);
    else
        put_csv(view, columns, values);
}

/* --- one query -------------------------------------------------------------------------------- */

static bool is_right(enum quotes_unit unit)
{
    return unit != QUOTES_TEXT && unit != QUOTES_YES_NO;
}

static void set_titles(struct quotes_view *view)
{
    for (int i = 0; i < view->columns.count; i++) {
        const struct quotes_column *column = &view->columns.column[i];
        view->titles[i] = (struct table_column){.title = column->title,
                                                .right = is_right(column->unit),
                                                .rank = column->rank,
                                                .width_min = column->width_min};
    }
    table_init(&view->table, view->titles, view->columns.count);
}

int quotes_view_init(struct quotes_view *view, const struct quotes_request *request,
                     const struct quotes_columns *columns, struct err *err)
{
    *view = (struct quotes_view){.request = *request, .last_seq = -1};
    view->cells.stale_ns = request->stale_ns;
    if (columns)
        view->columns = *columns;
    else if (request->format == QUOTES_TABLE)
        quotes_columns_usual(&view->columns, request->all);
    set_titles(view);
    buf_init(&view->out, OUT_BYTES);
    view->patterns = calloc((size_t)request->patterns_count + 1, sizeof(*view->patterns));
    return view->patterns ? 0 : err_set(err, -ENOMEM, "out of memory");
}

void quotes_view_finish(struct quotes_view *view)
{
    table_finish(&view->table);
    buf_finish(&view->out);
    quotes_cells_finish(&view->cells);
    free(view->patterns);
    view->patterns = NULL;
}

void quotes_view_begin(struct quotes_view *view, int64_t now_ns)
{
    bool only_news = view->request.follows && view->request.format != QUOTES_TABLE;
    view->after_seq = only_news ? view->last_seq : -1;
    view->cells.now_ns = now_ns;
    view->all = (struct quotes_tally){0};
    memset(view->patterns, 0, (size_t)view->request.patterns_count * sizeof(*view->patterns));
    view->ahead_ns = 0;
    view->put = 0;
    buf_clear(&view->out);
    table_clear(&view->table);
}

int quotes_view_row(struct quotes_view *view, int columns, const struct reader_value *values)
{
    int64_t seq = whole_of(values, columns, "seq");
    int64_t ahead_ns = whole_of(values, columns, "ts_seen") - view->cells.now_ns;
    if (!take(view, columns, values))
        return 0;
    if (ahead_ns > QUOTES_AHEAD_S * NS_PER_S && ahead_ns > view->ahead_ns)
        view->ahead_ns = ahead_ns;
    if (seq > view->last_seq)
        view->last_seq = seq;
    if (seq > view->after_seq)
        put_row(view, columns, values);
    return buf_failed(&view->out) || buf_failed(&view->table.text);
}

void quotes_view_end(struct quotes_view *view)
{
    if (view->request.format == QUOTES_JSON && !view->request.follows)
        buf_puts(&view->out, view->put ? "\n]\n" : "[]\n");
}
