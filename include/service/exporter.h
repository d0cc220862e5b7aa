/*
 * exporter: runs `cinta export` once a day, as a child process.
 *
 * The child reads section export of the configuration; its series is named "schedule". Days missed
 * while the service was off are exported at the start, all by one run. A failed run is reported and
 * retried. Owns the timer and the child process, which is ended by exporter_destroy().
 */
#ifndef SERVICE_EXPORTER_H
#define SERVICE_EXPORTER_H

#include "config/config.h"
#include "net/loop.h"
#include "record/events.h"

struct exporter;

/* `db_path`: the database whose events show the last run. Errors of reader_open; -ENOMEM. */
int exporter_create(struct exporter **out, struct loop *loop, struct events *events,
                    const char *db_path, struct err *err);
void exporter_destroy(struct exporter *exporter);

/* Uses this configuration from now on (copied); a run in progress continues. */
void exporter_configure(struct exporter *exporter, const struct config *config);

struct exporter_state {
    bool wanted, running;
    int failures;   /* since the last successful run */
    int64_t due_ns; /* wall; when the next run is due, or has been due since */
};
struct exporter_state exporter_state(const struct exporter *exporter);

#endif
