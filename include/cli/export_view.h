/*
 * export_view: the progress bar of an export, its summary, and its result as JSON.
 *
 * The bar is drawn on standard error, a few times a second, when that is a terminal.
 */
#ifndef CLI_EXPORT_VIEW_H
#define CLI_EXPORT_VIEW_H

#include "base/buf.h"
#include "export/job.h"

struct export_view {
    bool bar;
    int64_t began_ms, drawn_ms; /* monotonic; drawn_ms 0 = no bar on the screen */
    struct buf written;         /* JSON objects of the files, separated by commas */
};

void export_view_init(struct export_view *view, bool bar);
void export_view_finish(struct export_view *view);

void export_view_progress(struct export_view *view, const struct job_progress *progress);
void export_view_file(struct export_view *view, const struct manifest_entry *entry);
/* Clears the bar. */
void export_view_end(struct export_view *view);

/* "1,234 rows in 5 files, 1.2 MB, 0.4 s". */
void export_view_summary(struct buf *out, const struct job_summary *summary, double seconds);
/* One JSON object and a line feed. */
void export_view_json(struct buf *out, const struct export_view *view,
                      const struct job_options *options, const struct job_summary *summary,
                      double seconds);

#endif
