/*
 * quotes_columns: which columns of the view `quotes` are shown, their order and their format.
 *
 * Pure. Names are those of the view in the database, and for tables a few short names, some of
 * which combine two columns: src, age, bid, offer, last, volume. JSON and CSV have the view's names
 * and values only.
 */
#ifndef CLI_QUOTES_COLUMNS_H
#define CLI_QUOTES_COLUMNS_H

#include "base/buf.h"

#include <stdbool.h>

#define QUOTES_COLUMNS_MAX 64
#define QUOTES_NAME_BYTES  32

/* The kind of value of a column, which decides how a table shows it. */
enum quotes_unit {
    QUOTES_TEXT,
    QUOTES_NUMBER,
    QUOTES_PRICE, /* all prices of one instrument are shown with the same number of decimals; */
    QUOTES_SIZE,  /* so are all its sizes, */
    QUOTES_MONEY, /* and all its amounts */
    QUOTES_TIME,  /* ISO 8601 UTC; shown in local time of Argentina */
    QUOTES_AGE,   /* ns UTC; shown as the time since then */
    QUOTES_YES_NO,
    QUOTES_UNITS
};

struct quotes_column {
    char name[QUOTES_NAME_BYTES]; /* of the view */
    const char *other;            /* column used when the first has no value; may be NULL */
    char title[QUOTES_NAME_BYTES + 8];
    enum quotes_unit unit;
    int rank;         /* as in struct table_column */
    size_t width_min; /* as in struct table_column */
};

struct quotes_columns {
    int count; /* 0 = all columns of the view, for JSON and CSV */
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

/* The default columns of a table; `recorded`: with that column too. */
void quotes_columns_usual(struct quotes_columns *columns, bool recorded);

/*
 * The columns of a comma-separated list. `table`: the short names are allowed too; the first column
 * is always shown, and a narrow screen hides the last ones first. false: `wrong` has the unknown
 * name.
 */
bool quotes_columns_choose(struct quotes_columns *columns, const char *list, bool table,
                           const struct quotes_names *names, char wrong[QUOTES_NAME_BYTES]);

/* "symbol, src, age, ...": the names that may be chosen. */
void quotes_columns_allowed(struct buf *out, bool table, const struct quotes_names *names);

#endif
