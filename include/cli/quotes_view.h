/*
 * quotes_view: rows of the view `quotes` as a table, JSON or CSV.
 *
 * One look at the database at a time: begin, a row for each quote in the order of symbols, end;
 * then `out` has the text, or, for a table, `table` the rows. When it follows, JSON and CSV give
 * only what changed since the look before, a line each; a table always gives all. What was left
 * out, and why, is counted for each pattern.
 */
#ifndef CLI_QUOTES_VIEW_H
#define CLI_QUOTES_VIEW_H

#include "base/table.h"
#include "cli/quotes_cells.h"

enum quotes_format { QUOTES_TABLE, QUOTES_JSON, QUOTES_CSV };

/* What is asked for; the patterns are borrowed. */
struct quotes_request {
    enum quotes_format format;
    bool follows;
    bool all;        /* what is not recorded any more, too */
    bool hide_empty; /* instruments without any value */
    const char *const *patterns;
    int patterns_count; /* 0 = every symbol */
    int64_t stale_ns;   /* an age beyond it is marked */
};

/* What became of the quotes that a pattern matches. */
struct quotes_tally {
    int shown;
    int unrecorded; /* not shown: not recorded any more */
    int empty;      /* not shown: without any value */
};

struct quotes_view {
    struct quotes_request request;
    struct quotes_columns columns;
    struct table_column titles[QUOTES_COLUMNS_MAX];
    struct table table;
    struct buf out;

    struct quotes_cells cells;
    int64_t after_seq, last_seq;
    struct quotes_tally all;       /* of this look, over all patterns */
    struct quotes_tally *patterns; /* for each pattern */
    int64_t ahead_ns; /* how far the newest stamp is ahead of our clock; 0 = it is not */
    int put;          /* rows given out by this look */
    bool header_out;
};

/* -ENOMEM. `columns` may be NULL: all of the view for JSON and CSV, the usual ones for a table. */
int quotes_view_init(struct quotes_view *view, const struct quotes_request *request,
                     const struct quotes_columns *columns, struct err *err);
void quotes_view_finish(struct quotes_view *view);

void quotes_view_begin(struct quotes_view *view, int64_t now_ns);
/* Nonzero: it has become too much. */
int quotes_view_row(struct quotes_view *view, int columns, const struct reader_value *values);
void quotes_view_end(struct quotes_view *view);

#endif
