/*
 * tape_compare: compares the broker's list of the trades of one instrument and day with the table
 * `trade` (market/tape_merge): what the table lacks, and which of its rows must be corrected.
 *
 * Only reads. Owns its statement and what it found. Used by the writer thread only.
 */
#ifndef STORE_WRITE_TAPE_COMPARE_H
#define STORE_WRITE_TAPE_COMPARE_H

#include "base/err.h"
#include "market/tape_merge.h"
#include "store/trade.h"
#include "store/write/store.h"

#include <stddef.h>
#include <stdint.h>

struct sqlite3;
struct sqlite3_stmt;

struct tape_compare {
    struct sqlite3_stmt *list_trades;
    /* Owned; what was found, both in the order of time of the rows. */
    struct tape_item *missing; /* `at` is the index in the list */
    size_t missing_count;
    struct store_correction *corrections;
    size_t corrections_count;
    int64_t ts_complete; /* the list was compared up to this time, ns UTC */
    int64_t listed;      /* trades of the list up to that time */
    int64_t unlisted;    /* rows up to that time that the list does not have */
    /* Owned; during the comparison. */
    struct tape_item *ours;
    size_t ours_count, ours_cap;
};

/* `db` must outlive it. -EIO with SQLite's message; on error no close is needed. */
int tape_compare_open(struct tape_compare *compare, struct sqlite3 *db, struct err *err);
void tape_compare_close(struct tape_compare *compare);

/* Up to when a list is compared, which has every trade of its day up to list->ts_complete. */
int64_t tape_compare_until(const struct store_tape *list);

/* Returns SQLite's result code. */
int tape_compare_run(struct tape_compare *compare, const struct store_tape *list,
                     int64_t instrument_id);

/* Frees what was found. */
void tape_compare_forget(struct tape_compare *compare);

#endif
