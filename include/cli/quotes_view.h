/*
 * quotes_view: rows of the view `quotes` as a table, JSON or CSV.
 *
 * One query of the database at a time: begin, a row for each quote in the order of symbols, end.
 * Then `out` has the text or, for a table, `table` has the rows. With `follows`, JSON and CSV have
 * only the quotes changed since the previous query, one per line; a table always has all. The
 * quotes that are not shown are counted by reason, for each pattern.
 */
#ifndef CLI_QUOTES_VIEW_H
#define CLI_QUOTES_VIEW_H

#include "base/table.h"
#include "cli/quotes_cells.h"

enum quotes_format { QUOTES_TABLE, QUOTES_JSON, QUOTES_CSV };

/* The options of the query; the patterns are borrowed. */
struct quotes_request {
    enum quotes_format format;
    bool follows;    /* the query is repeated (--watch) */
    bool all;        /* also instruments that are no longer recorded */
    bool hide_empty; /* without instruments that have no value */
    const char *const *patterns;
    int patterns_count; /* 0 = every symbol */
    int64_t stale_ns;   /* a greater age is marked */
};

/* Counts of the quotes that a pattern matches. */
struct quotes_tally {
    int shown;
    int unrecorded; /* not shown because they are no longer recorded */
    int empty;      /* not shown because they have no value */
};

struct quotes_view {
    struct quotes_request request;
    struct quotes_columns columns;
    struct table_column titles[QUOTES_COLUMNS_MAX];
    struct table table;
    struct buf out;

    struct quotes_cells cells;
    int64_t after_seq, last_seq;
    struct quotes_tally all;       /* of this query, over all patterns */
    struct quotes_tally *patterns; /* of this query, for each pattern */
    int64_t ahead_ns; /* how far the newest time stamp is ahead of our clock; 0 = it is not */
    int put;          /* rows written by this query */
    bool header_out;  /* the CSV header was written */
};

/* 0 or -ENOMEM. `columns` NULL: all of the view for JSON and CSV, the default ones for a table. */
int quotes_view_init(struct quotes_view *view, const struct quotes_request *request,
                     const struct quotes_columns *columns, struct err *err);
void quotes_view_finish(struct quotes_view *view);

void quotes_view_begin(struct quotes_view *view, int64_t now_ns);
/* Nonzero: the output has reached its maximum size. */
int quotes_view_row(struct quotes_view *view, int columns, const struct reader_value *values);
void quotes_view_end(struct quotes_view *view);

#endif
