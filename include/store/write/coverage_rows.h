/*
 * coverage_rows: coverage data that waits to be written: the intervals in which quotes were
 * confirmed, the trading hours, and the lists of recorded instruments.
 *
 * Holds, between two transactions, the open intervals by instrument and the ended ones in order.
 * Not thread-safe. coverage_writer writes it.
 */
#ifndef STORE_WRITE_COVERAGE_ROWS_H
#define STORE_WRITE_COVERAGE_ROWS_H

#include "store/write/store.h"

#define SPANS_CLOSED_MAX 65536 /* ended intervals; more are left out and become gaps */
#define SPANS_SESSIONS   (32 * CALENDARS_MAX) /* a month; more are left out */
#define SPANS_WATCHES    64                   /* when full, a later list replaces the last one */

/* The instruments that are recorded from `ts` on. */
struct coverage_rows_watch {
    int32_t *instruments; /* owned */
    size_t count;
    int64_t ts;
};

struct coverage_rows {
    /* Owned, as all; by instrument. Source 0: nothing to write, or with a reason: it has ended. */
    struct store_span *open;
    size_t open_cap;
    struct store_proof proofs[SOURCE_COUNT]; /* by source; written after the intervals */
    bool proved;                             /* there is one */
    struct store_span *closed;
    size_t closed_count, closed_cap;
    struct store_session sessions[SPANS_SESSIONS];
    size_t sessions_count;
    struct coverage_rows_watch *watches; /* in the order of their times */
    size_t watches_count, watches_cap;
    int64_t left_out; /* ended intervals that did not fit */
};

/* When out of memory, the interval is left out. */
void coverage_rows_open(struct coverage_rows *spans, const struct store_span *span);
void coverage_rows_close(struct coverage_rows *spans, const struct store_span *span);
void coverage_rows_proof(struct coverage_rows *spans, const struct store_proof *proof);
void coverage_rows_session(struct coverage_rows *spans, const struct store_session *session);
int coverage_rows_watched(struct coverage_rows *spans, const int32_t *instruments, size_t count,
                          int64_t ts);
bool coverage_rows_empty(const struct coverage_rows *spans);
/* Frees and zeroes; a zeroed struct is empty and valid. */
void coverage_rows_finish(struct coverage_rows *spans);

#endif
