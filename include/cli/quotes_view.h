/*
 * quotes_view: rows of the view `quotes` as a table, JSON or CSV.
 *
 * One look at the database at a time: begin, a row for each quote, end; then `out` has the text,
 * or, for a table, `table` the rows. When it follows, JSON and CSV give only what changed since the
 * look before, a line each; a table always gives all.
 */
#ifndef CLI_QUOTES_VIEW_H
#define CLI_QUOTES_VIEW_H

#include "base/table.h"
#include "store/reader.h"

enum quotes_format { QUOTES_TABLE, QUOTES_JSON, QUOTES_CSV };

struct quotes_view {
    enum quotes_format format;
    bool follows;
    int64_t stale_ns; /* an age beyond it is marked */
    const char *const *patterns;
    int patterns_count; /* 0 = all */

    struct table table;
    struct buf out;
    int64_t now_ns;
    int64_t after_seq, last_seq;
    int matches; /* rows the patterns let through */
    bool header_out;
};

void quotes_view_init(struct quotes_view *view, enum quotes_format format, bool follows);
void quotes_view_finish(struct quotes_view *view);

void quotes_view_begin(struct quotes_view *view, int64_t now_ns);
/* Nonzero: it has become too much. */
int quotes_view_row(struct quotes_view *view, int columns, const struct reader_value *values);
void quotes_view_end(struct quotes_view *view);

#endif
