/*
 * exporter: starts `cinta export` once a day, as a program of its own.
 *
 * What it writes and where is that program's business and section export's; its series is called
 * "schedule". A day that passed while the service was off is made up for at the start, all such
 * days by one run. A run that fails is told and tried again. Owns the timer and the running
 * program, which ends with the exporter.
 */
#ifndef APP_EXPORTER_H
#define APP_EXPORTER_H

#include "app/config.h"
#include "app/events.h"
#include "net/loop.h"

struct exporter;

/* `db_path`: where the last run is remembered. Errors of reader_open; -ENOMEM. */
int exporter_create(struct exporter **out, struct loop *loop, struct events *events,
                    const char *db_path, struct err *err);
void exporter_destroy(struct exporter *exporter);

/* By this configuration from now on (copied); a run under way goes on. */
void exporter_configure(struct exporter *exporter, const struct config *config);

struct exporter_state {
    bool wanted, running;
    int failures;   /* of tries, since the last good one */
    int64_t due_ns; /* wall; of the next run, or since when one is due */
};
struct exporter_state exporter_state(const struct exporter *exporter);

#endif
