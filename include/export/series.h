/*
 * series: what the next part of a `--since-last` series holds, and where its mark goes then.
 *
 * Pure. Each row of a table is in exactly one part:
 *
 *   snapshots, trades  by seq, up to the last that is committed
 *   events             by id
 *   bars               by minute, once it has been over for a minute: a trade that is reported
 * later than that is in `trades`, and changes the bar in the database only coverage           by
 * day (of Argentina), once it has been over for a minute
 */
#ifndef EXPORT_SERIES_H
#define EXPORT_SERIES_H

#include "store/extract.h"
#include "store/marks.h"

struct series_step {
    struct extract_query query;
    struct mark to; /* once it is on the disk and has rows; without rows `part` stays */
};

struct series_step series_next(enum extract_table table, const struct mark *mark,
                               const struct extract_bounds *bounds, int64_t now_ns);

#endif
