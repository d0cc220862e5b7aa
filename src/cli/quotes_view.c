#include "cli/quotes_view.h"

#include "base/clock.h"
#include "base/csv.h"
#include "base/glob.h"
#include "base/json_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define OUT_BYTES ((size_t)256 * 1024 * 1024)

/* --- values -------------------------------------------------------------------------------------
 */

static const struct reader_value *find(const struct reader_value *values, int columns,
                                       const char *name)
{
    for (int i = 0; i < columns; i++) {
        if (strcmp(values[i].column, name) == 0)
            return &values[i];
    }
    return NULL;
}

static const char *text_of(const struct reader_value *values, int columns, const char *name)
{
    const struct reader_value *value = find(values, columns, name);
    return value ? value->text : "";
}

static int64_t whole_of(const struct reader_value *values, int columns, const char *name)
{
    return strtoll(text_of(values, columns, name), NULL, 10);
}

static const char *age_text(char *out, size_t out_bytes, int64_t age_ns, int64_t stale_ns)
{
    double s = age_ns > 0 ? (double)age_ns / (double)NS_PER_S : 0;
    const char *mark = age_ns > stale_ns ? "! " : "";
    if (s < 9.95)
        snprintf(out, out_bytes, "%s%.1fs", mark, s);
    else if (s < 120)
        snprintf(out, out_bytes, "%s%.0fs", mark, s);
    else if (s < 2 * 3600)
        snprintf(out, out_bytes, "%s%.0fm", mark, s / 60);
    else if (s < 48 * 3600)
        snprintf(out, out_bytes, "%s%.0fh", mark, s / 3600);
    else
        snprintf(out, out_bytes, "%s%.0fd", mark, s / 86400);
    return out;
}

/* The time of a trade as a clock in Argentina shows it; the day too, when it is not today's. */
static const char *art_text(char *out, size_t out_bytes, int64_t ts_ns, int64_t now_ns)
{
    time_t art = (time_t)(ts_ns / NS_PER_S - 3 * 3600);
    struct tm tm;
    if (ts_ns == 0 || !gmtime_r(&art, &tm))
        return "";
    if (art_day(ts_ns) == art_day(now_ns))
        strftime(out, out_bytes, "%H:%M:%S", &tm);
    else
        strftime(out, out_bytes, "%Y-%m-%d %H:%M", &tm);
    return out;
}

/* The age stands in front: it must be seen on a narrow screen, too. */
static const struct table_column table_columns[] = {
    {"symbol", false},   {"src", false},       {"age", true},        {"bid size", true},
    {"bid", true},       {"offer", true},      {"offer size", true}, {"last", true},
    {"last size", true}, {"last (ART)", true}, {"volume", true},
};

/* What each market publishes differs: an index has a value and no trades, BYMA a nominal volume. */
static const char *first_of(const struct reader_value *values, int columns, const char *name,
                            const char *other)
{
    const char *text = text_of(values, columns, name);
    return *text ? text : text_of(values, columns, other);
}

static void put_table(struct quotes_view *view, int columns, const struct reader_value *values)
{
    static const char *const book[] = {"bid_size", "bid_price", "offer_price", "offer_size"};
    struct table *table = &view->table;
    char time[32], age[32];
    int64_t age_ns = view->now_ns - whole_of(values, columns, "ts_seen");
    int64_t ts_last = whole_of(values, columns, "ts_last");

    table_cell(table, text_of(values, columns, "symbol"));
    table_cell(table, text_of(values, columns, "source"));
    table_cell(table, age_text(age, sizeof(age), age_ns, view->stale_ns));
    for (size_t i = 0; i < sizeof(book) / sizeof(book[0]); i++)
        table_cell(table, text_of(values, columns, book[i]));
    table_cell(table, first_of(values, columns, "last_price", "index_value"));
    table_cell(table, text_of(values, columns, "last_size"));
    table_cell(table, art_text(time, sizeof(time), ts_last, view->now_ns));
    table_cell(table, first_of(values, columns, "trade_volume", "nominal_volume"));
}

static void put_json(struct quotes_view *view, int columns, const struct reader_value *values)
{
    bool array = !view->follows;
    buf_puts(&view->out, !array ? "{" : view->matches == 1 ? "[\n{" : ",\n{");
    for (int i = 0; i < columns; i++) {
        const struct reader_value *v = &values[i];
        bool is_json = strcmp(v->column, "bids") == 0 || strcmp(v->column, "offers") == 0;
        buf_printf(&view->out, "%s\"%s\":", i ? "," : "", v->column);
        if (v->type == READER_TEXT && !is_json)
            json_put_string(&view->out, v->text);
        else
            buf_puts(&view->out, v->type == READER_NULL ? "null" : v->text);
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

/* --- one look --------------------------------------------------------------------------------- */

void quotes_view_init(struct quotes_view *view, enum quotes_format format, bool follows)
{
    *view = (struct quotes_view){.format = format, .follows = follows, .last_seq = -1};
    table_init(&view->table, table_columns, sizeof(table_columns) / sizeof(table_columns[0]));
    buf_init(&view->out, OUT_BYTES);
}

void quotes_view_finish(struct quotes_view *view)
{
    table_finish(&view->table);
    buf_finish(&view->out);
}

void quotes_view_begin(struct quotes_view *view, int64_t now_ns)
{
    bool only_news = view->follows && view->format != QUOTES_TABLE;
    view->after_seq = only_news ? view->last_seq : -1;
    view->now_ns = now_ns;
    view->matches = 0;
    buf_clear(&view->out);
    table_clear(&view->table);
}

int quotes_view_row(struct quotes_view *view, int columns, const struct reader_value *values)
{
    int64_t seq = whole_of(values, columns, "seq");
    if (!glob_any(view->patterns, view->patterns_count, text_of(values, columns, "symbol")))
        return 0;
    view->matches++;
    if (seq > view->last_seq)
        view->last_seq = seq;
    if (seq <= view->after_seq)
        return 0;
    switch (view->format) {
    case QUOTES_TABLE:
        put_table(view, columns, values);
        break;
    case QUOTES_JSON:
        put_json(view, columns, values);
        break;
    case QUOTES_CSV:
        put_csv(view, columns, values);
        break;
    }
    return buf_failed(&view->out) || buf_failed(&view->table.text);
}

void quotes_view_end(struct quotes_view *view)
{
    if (view->format == QUOTES_JSON && !view->follows)
        buf_puts(&view->out, view->matches ? "\n]\n" : "[]\n");
}
