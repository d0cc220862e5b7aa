/*
 * store_report: reports events of the store itself (troubles, their ends, the deletion of old
 * data): once in the table feed_event and once to the caller of store_create(), with the same text.
 *
 * Private to store.c and store_thread.c; called on the writer thread, or before it runs.
 */
#ifndef STORE_WRITE_STORE_REPORT_H
#define STORE_WRITE_STORE_REPORT_H

#include "store/write/recovery.h"
#include "store/write/store_thread.h"

/* Written with the next transaction. */
void store_report(struct store *store, enum event_kind kind, enum log_level level,
                  const char *words);

/* For an event that is in feed_event already. */
void store_report_written(struct store *store, enum event_kind kind, enum log_level level,
                          const char *words);

/* A failed attempt to write the batch: reported if it is new, and written with that batch. */
void store_report_trouble(struct store *store, enum trouble_kind kind, const char *why);

/* The events that were written with the batch; `dropped` changes were lost. */
void store_report_recovery(struct store *store, const struct recovery *recovery, int64_t dropped);

/* A pass of the trimmer ended; not reported when it deleted nothing. */
void store_report_trimmed(struct store *store, const struct trimmer *trimmer);

#endif
