/*
 * virtual_store: the database, in memory. Replaces store/write/store and store/read/reader.
 *
 * Keeps what a restart reads again: the last quote of each instrument and the last seq. Passes
 * records to virtual_exchange, coverage to virtual_spans and events to journal.
 */
#ifndef SCENARIO_VIRTUAL_STORE_H
#define SCENARIO_VIRTUAL_STORE_H

#include "store/write/store.h"

#include <stdbool.h>
#include <stdint.h>

/* What the writer thread reports to the service, as the real one does. */
void store_notify(enum event_kind kind, enum log_level level, const char *detail, int64_t dropped);

void store_set_slow(bool slow); /* its backlog is more than half full */
int store_watched(void);        /* instruments to record, by the last list */

#endif
