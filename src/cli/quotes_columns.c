#include "cli/quotes_columns.h"

#include <stdio.h>
#include <string.h>

/*
 * The default columns of a table. `other` is used when a market does not publish the first: an
 * index has a value and no trades, BYMA a nominal volume. Rank: a narrow screen hides the least
 * important columns first; the age is hidden after all prices, because it shows whether a price is
 * current.
 */
static const struct own {
    const char *name, *view, *other, *title;
    enum quotes_unit unit;
    int rank;
    size_t width_min;
} own[] = {
    // clang-format off
    {"symbol",     "symbol",       NULL,             "symbol",     QUOTES_TEXT,  0, 0},
    {"src",        "source",       NULL,             "src",        QUOTES_TEXT,  4, sizeof("stream") - 1},
    {"age",        "ts_seen",      NULL,             "age",        QUOTES_AGE,   1, sizeof("! 119s") - 1},
    {"bid_size",   "bid_size",     NULL,             "bid size",   QUOTES_SIZE,  5, 0},
    {"bid",        "bid_price",    NULL,             "bid",        QUOTES_PRICE, 2, 0},
    {"offer",      "offer_price",  NULL,             "offer",      QUOTES_PRICE, 2, 0},
    {"offer_size", "offer_size",   NULL,             "offer size", QUOTES_SIZE,  5, 0},
    {"last",       "last_price",   "index_value",    "last",       QUOTES_PRICE, 3, 0},
    {"last_size",  "last_size",    NULL,             "last size",  QUOTES_SIZE,  8, 0},
    {"last_time",  "last_time",    NULL,             "last (ART)", QUOTES_TIME,  6, 0},
    {"volume",     "trade_volume", "nominal_volume", "volume",     QUOTES_SIZE,  7, 0},
    // clang-format on
};
#define OWN ((int)(sizeof(own) / sizeof(own[0])))

/* --- names ------------------------------------------------------------------------------------ */

void quotes_names_add(struct quotes_names *names, const char *name)
{
    if (names->count < QUOTES_COLUMNS_MAX && strlen(name) < QUOTES_NAME_BYTES)
        snprintf(names->name[names->count++], QUOTES_NAME_BYTES, "%s", name);
}

bool quotes_names_have(const struct quotes_names *names, const char *name)
{
    for (int i = 0; i < names->count; i++) {
        if (strcmp(names->name[i], name) == 0)
            return true;
    }
    return false;
}

static bool ends_in(const char *name, const char *end)
{
    size_t name_bytes = strlen(name), end_bytes = strlen(end);
    return name_bytes >= end_bytes && strcmp(name + name_bytes - end_bytes, end) == 0;
}

enum quotes_unit quotes_unit_of(const char *name)
{
    static const struct {
        const char *end;
        enum quotes_unit unit;
    } ends[] = {
        {"_time", QUOTES_TIME},         {"_price", QUOTES_PRICE},
        {"index_value", QUOTES_PRICE},  {"_size", QUOTES_SIZE},
        {"trade_volume", QUOTES_SIZE},  {"nominal_volume", QUOTES_SIZE},
        {"open_interest", QUOTES_SIZE}, {"_volume", QUOTES_MONEY},
        {"recorded", QUOTES_YES_NO},    {"market", QUOTES_TEXT},
        {"symbol", QUOTES_TEXT},        {"source", QUOTES_TEXT},
        {"bids", QUOTES_TEXT},          {"offers", QUOTES_TEXT},
        {"_date", QUOTES_TEXT},
    };
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (ends_in(name, ends[i].end))
            return ends[i].unit;
    }
    return QUOTES_NUMBER;
}

/* --- choosing --------------------------------------------------------------------------------- */

static void add_own(struct quotes_columns *columns, const struct own *o, bool table)
{
    struct quotes_column *column = &columns->column[columns->count++];
    *column = (struct quotes_column){
        .other = o->other, .unit = o->unit, .rank = o->rank, .width_min = o->width_min};
    snprintf(column->name, sizeof(column->name), "%s", o->view);
    snprintf(column->title, sizeof(column->title), "%s", table ? o->title : o->view);
}

static void add_of_view(struct quotes_columns *columns, const char *name, int rank)
{
    struct quotes_column *column = &columns->column[columns->count++];
    *column = (struct quotes_column){.unit = quotes_unit_of(name), .rank = rank};
    snprintf(column->name, sizeof(column->name), "%s", name);
    snprintf(column->title, sizeof(column->title), "%s%s", name,
             column->unit == QUOTES_TIME ? " (ART)" : "");
}

void quotes_columns_usual(struct quotes_columns *columns, bool recorded)
{
    columns->count = 0;
    for (int i = 0; i < OWN; i++)
        add_own(columns, &own[i], true);
    if (recorded)
        add_of_view(columns, "recorded", 1);
}

/* JSON and CSV do not have the short names that combine two columns, or that depend on the clock.
 */
static bool is_allowed(const struct own *o, bool table, const struct quotes_names *names)
{
    return quotes_names_have(names, o->view) && (table || (!o->other && o->unit != QUOTES_AGE));
}

static const struct own *find_own(const char *name, bool table, const struct quotes_names *names)
{
    for (int i = 0; i < OWN; i++) {
        if (strcmp(own[i].name, name) == 0)
            return is_allowed(&own[i], table, names) ? &own[i] : NULL;
    }
    return NULL;
}

static bool choose_one(struct quotes_columns *columns, const char *name, bool table,
                       const struct quotes_names *names)
{
    const struct own *found = find_own(name, table, names);
    if (columns->count == QUOTES_COLUMNS_MAX || (!found && !quotes_names_have(names, name)))
        return false;
    if (found)
        add_own(columns, found, table);
    else
        add_of_view(columns, name, 0);
    columns->column[columns->count - 1].rank = columns->count - 1;
    return true;
}

bool quotes_columns_choose(struct quotes_columns *columns, const char *list, bool table,
                           const struct quotes_names *names, char wrong[QUOTES_NAME_BYTES])
{
    columns->count = 0;
    for (;;) {
        list += strspn(list, " ");
        size_t bytes = strcspn(list, ",");
        snprintf(wrong, QUOTES_NAME_BYTES, "%.*s", (int)bytes, list);
        for (size_t end = strlen(wrong); end > 0 && wrong[end - 1] == ' '; end--)
            wrong[end - 1] = '\0';
        if (bytes >= QUOTES_NAME_BYTES || !choose_one(columns, wrong, table, names))
            return false;
        if (list[bytes] == '\0')
            return true;
        list += bytes + 1;
    }
}

void quotes_columns_allowed(struct buf *out, bool table, const struct quotes_names *names)
{
    const char *comma = "";
    for (int i = 0; i < OWN; i++) {
        if (!is_allowed(&own[i], table, names) || quotes_names_have(names, own[i].name))
            continue;
        buf_printf(out, "%s%s", comma, own[i].name);
        comma = ", ";
    }
    for (int i = 0; i < names->count; i++) {
        buf_printf(out, "%s%s", comma, names->name[i]);
        comma = ", ";
    }
}
