/*
 * instruments_view: rows of the view `instruments` as a table, JSON or CSV.
 *
 * A table has the columns that people compare, prices with the instrument's decimals; JSON and CSV
 * have all columns of the view, unchanged.
 */
#ifndef CLI_INSTRUMENTS_VIEW_H
#define CLI_INSTRUMENTS_VIEW_H

#include "base/table.h"
#include "cli/instrument_filter.h"

enum instruments_format { INSTRUMENTS_TABLE, INSTRUMENTS_JSON, INSTRUMENTS_CSV };

struct instruments_view {
    enum instruments_format format;
    struct instrument_filter filter;
    struct table table;
    struct buf out;   /* JSON and CSV */
    int rows, hidden; /* shown; those that match, but are not listed any more */
    int *matching;    /* owned; by pattern: shown and hidden rows that it matches */
};

int instruments_view_init(struct instruments_view *view, enum instruments_format format,
                          const struct instrument_filter *filter, struct err *err);
void instruments_view_finish(struct instruments_view *view);

/* A row of the view; nonzero: too much to show. */
int instruments_view_row(struct instruments_view *view, int columns,
                         const struct reader_value *values);
void instruments_view_end(struct instruments_view *view); /* after the last row */

#endif
