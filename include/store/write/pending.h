/*
 * pending: what waits to be written besides the changes: events, new instruments, confirmations,
 * states and coverage.
 *
 * The inbox fills it, and the next batch takes it as a whole. Owns all it points to. Plain data,
 * not thread-safe. Filling it aborts the process when out of memory, because the data may not be
 * lost.
 */
#ifndef STORE_WRITE_PENDING_H
#define STORE_WRITE_PENDING_H

#include "store/write/coverage_rows.h"
#include "store/write/store.h"

struct pending_event {
    int64_t ts;
    enum event_kind kind;
    char *symbol, *detail; /* owned; symbol may be NULL */
};

struct pending_instrument {
    char *market_id, *symbol; /* owned */
};

struct pending {
    struct pending_event *events;
    size_t events_count, events_cap;
    struct pending_instrument *instruments; /* they follow those that are in the database */
    size_t instruments_count, instruments_cap;
    int64_t *seen;     /* by instrument, 0 = no new confirmation */
    size_t seen_count; /* as all counts by instrument, it may be larger than needed */
    /* By instrument, seq 0 = none: the last state of instruments whose changes were dropped. Older
     * than the changes that wait; written to the table quote only. */
    struct store_snapshot *kept;
    size_t kept_count;
    struct store_known *known; /* already in the database, see carried_state */
    size_t known_count, known_cap;
    int64_t skipped_seqs;      /* numbers that were never assigned, and */
    int64_t skipped_to;        /* the last one of them */
    struct store_given *given; /* owned, with its texts */
    size_t given_count, given_cap;
    struct coverage_rows spans;
};

void pending_event_add(struct pending *pending, int64_t ts, enum event_kind kind,
                       const char *symbol, const char *detail);
void pending_instrument_add(struct pending *pending, const char *market_id, const char *symbol);
void pending_seen(struct pending *pending, size_t instrument, int64_t ts_seen);
void pending_keep(struct pending *pending, const struct store_snapshot *state);
void pending_given_add(struct pending *pending, const struct store_given *given);
void pending_known_add(struct pending *pending, const struct store_known *known);

/* The numbers after `from`, up to `to`, have no changes. */
void pending_skip(struct pending *pending, int64_t from, int64_t to);

bool pending_empty(const struct pending *pending);
void pending_instrument_finish(struct pending_instrument *instrument);
void pending_finish(
    struct pending *pending); /* frees and zeroes; a zeroed one is empty and valid */

#endif
