#include "cli/event_table.h"

#include "base/clock.h"

#define TEXT_BYTES 4096

static const struct table_column columns[] = {
    {.title = "time (ART)"}, {.title = "event"}, {.title = "what happened", .wraps = true}};

void event_table_init(struct event_table *events, int64_t now_ns)
{
    events->now_ns = now_ns;
    table_init(&events->table, columns, sizeof(columns) / sizeof(columns[0]));
}

void event_table_finish(struct event_table *events)
{
    table_finish(&events->table);
}

/* The symbol is part of the detail: in a column of its own it would leave little width for the
 * text.
 */
void event_table_add(struct event_table *events, int64_t ts_ns, const char *kind,
                     const char *symbol, const char *detail)
{
    char time[CLOCK_TEXT];
    struct buf text;
    bool of_one = symbol && *symbol;
    buf_init(&text, TEXT_BYTES);
    buf_printf(&text, "%s%s%s", of_one ? symbol : "", of_one ? ": " : "", detail);
    table_cell(&events->table, art_short_text(time, ts_ns, events->now_ns));
    table_cell(&events->table, kind);
    table_cell(&events->table, buf_text(&text));
    buf_finish(&text);
}

void event_table_print(struct event_table *events, size_t width, struct buf *out)
{
    if (table_rows(&events->table) == 0)
        return;
    table_fit(&events->table, width);
    table_print(&events->table, SIZE_MAX, "\n", out);
}
