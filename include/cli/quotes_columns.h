/*
 * quotes_columns: which columns of the view `quotes` are shown, in which order, and as what.
 *
 * Pure. The names are those of the view, as the database has it, and a few of the table's own that
 * are shorter or say more than one column does: src, age, bid, offer, last, volume. JSON and CSV
 * have the view's names and values only.
 */
#ifndef CLI_QUOTES_COLUMNS_H
#define CLI_QUOTES_COLUMNS_H

#include "base/buf.h"

#include <stdbool.h>

#define QUOTES_COLUMNS_MAX 64
#define QUOTES_NAME_BYTES  32

/* What a column holds, which decides how a table shows it. */
enum quotes_unit {
    QUOTES_TEXT,
    QUOTES_NUMBER,
    QUOTES_PRICE, /* prices of one instrument have as many decimals as any of them; so have */
    QUOTES_SIZE,  /* sizes, */
    QUOTES_MONEY, /* and amounts */
    QUOTES_TIME,  /* ISO 8601 UTC; shown in Argentina */
    QUOTES_AGE,   /* ns UTC; shown as how long ago */
    QUOTES_YES_NO,
    QUOTES_UNITS
};

struct quotes_column {
    char name[QUOTES_NAME_BYTES]; /* of the view */
    const char *other;            /* taken when the first is NULL; may be NULL */
    char title[QUOTES_NAME_BYTES + 8];
    enum quotes_unit unit;
    int rank;         /* as in struct table_column */
    size_t width_min; /* likewise */
};

struct quotes_columns {
    int count; /* 0 = all of the view, for JSON and CSV */
    struct quotes_column column[QUOTES_COLUMNS_MAX];
};

/* The names of the view's columns, in its order. */
struct quotes_names {
    int count;
    char name[QUOTES_COLUMNS_MAX][QUOTES_NAME_BYTES];
};

void quotes_names_add(struct quotes_names *names, const char *name);
bool quotes_names_have(const struct quotes_names *names, const char *name);

enum quotes_unit quotes_unit_of(const char *name);

/* What a table shows unless told otherwise; `recorded` as well. */
void quotes_columns_usual(struct quotes_columns *columns, bool recorded);

/*
 * Those of a list with commas. `table`: the table's own names are known too, the first column is
 * always shown and of the others the first come first. false: `wrong` has the name that is not
 * known.
 */
bool quotes_columns_choose(struct quotes_columns *columns, const char *list, bool table,
                           const struct quotes_names *names, char wrong[QUOTES_NAME_BYTES]);

/* "symbol, src, age, ...": the names that may be chosen. */
void quotes_columns_allowed(struct buf *out, bool table, const struct quotes_names *names);

#endif
