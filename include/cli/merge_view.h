/*
 * merge_view: the report of a merge, as text for a terminal and as JSON. Pure.
 */
#ifndef CLI_MERGE_VIEW_H
#define CLI_MERGE_VIEW_H

#include "base/buf.h"
#include "merge/merge.h"

/* A table of what each database has given, then the outages of each, the newest `MERGE_VIEW_MOST`.
 */
#define MERGE_VIEW_MOST 20
void merge_view_text(struct buf *out, const struct merge_parts *parts,
                     const struct merge_report *report);
/* One object, with all outages. */
void merge_view_json(struct buf *out, const struct merge_parts *parts,
                     const struct merge_report *report);

#endif
