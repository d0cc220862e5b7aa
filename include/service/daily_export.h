/*
 * daily_export: runs `cinta export` once a day, as a child process.
 *
 * The child reads section export of the configuration; its series is named "schedule". Days missed
 * while the service was off are exported at the start, all by one run. A failed run is reported and
 * retried. Owns the timer and the child process, which is ended by daily_export_destroy().
 */
#ifndef SERVICE_DAILY_EXPORT_H
#define SERVICE_DAILY_EXPORT_H

#include "config/config.h"
#include "net/loop.h"
#include "record/events.h"

struct daily_export;

/* `db_path`: the database whose events show the last run. Errors of reader_open; -ENOMEM. */
int daily_export_create(struct daily_export **out, struct loop *loop, struct events *events,
                        const char *db_path, struct err *err);
void daily_export_destroy(struct daily_export *exporter);

/* Uses this configuration from now on (copied); a run in progress continues. */
void daily_export_configure(struct daily_export *exporter, const struct config *config);

struct daily_export_state {
    bool wanted, running;
    int failures;   /* since the last successful run */
    int64_t due_ns; /* wall; when the next run is due, or has been due since */
};
struct daily_export_state daily_export_state(const struct daily_export *exporter);

#endif
