/*
 * series: what the next export of a series (`cinta export --since-last NAME`) contains. A series
 * exports each row once: every run writes the rows that are new since the one before, as part-0,
 * part-1 and so on.
 *
 * Pure: from how far the series has got (its mark, see export_marks), the newest data and the time.
 * Each row of a table is in exactly one part, except trades and bars that change:
 *
 * - snapshots and trades by seq, up to the last committed one; trades of the broker's list, which
 *   have a negative seq, by that, in the order of adding; and again trades that the list corrected:
 *   the row in the last part is valid;
 * - events by id;
 * - bars by minute, one minute after the end of that minute, and again after each run before which
 *   a trade was added to it: the row in the last part is valid;
 * - coverage by day (in Argentina), one minute after the end of that day.
 */
#ifndef EXPORT_SERIES_H
#define EXPORT_SERIES_H

#include "store/read/extract.h"
#include "store/write/export_marks.h"

struct series_step {
    struct extract_query query;
    struct mark to; /* to be stored once the files are on the disk; without rows `part` stays */
};

struct series_step series_next(enum extract_table table, const struct mark *mark,
                               const struct extract_bounds *bounds, int64_t now_ns);

#endif
