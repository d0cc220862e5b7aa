/*
 * trimmer: deletes data older than store.keep_days in short transactions.
 *
 * A pass deletes history, trades with their bars, events, coverage and sessions from before a
 * midnight in Argentina; the current state of each instrument stays. Each step is one transaction
 * of about 20 ms. Then free pages are returned to the file system, also in steps. Used by the
 * writer thread only.
 */
#ifndef STORE_WRITE_TRIMMER_H
#define STORE_WRITE_TRIMMER_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct sqlite3;
struct sqlite3_stmt;

struct trimmed {
    int64_t snapshots, trades, events, spans;
};

enum trim_stage { TRIM_IDLE, TRIM_INSTRUMENTS, TRIM_REST, TRIM_VACUUM };

struct trimmer {
    struct sqlite3 *db;
    struct sqlite3_stmt *next, *history, *first_trade, *trades, *bars, *spans, *watches, *events,
        *tape_days, *sessions, *segment_sessions, *parts, *ledger;
    enum trim_stage stage;
    int64_t before_ns;      /* of the current or the last pass; 0 = none yet */
    int64_t instrument_id;  /* the one being trimmed; 0 = before the first */
    struct trimmed trimmed; /* by this pass */
};

/* `db` must outlive it. -EIO with SQLite's message; on error no close is needed. */
int trimmer_open(struct trimmer *trimmer, struct sqlite3 *db, struct err *err);
void trimmer_close(struct trimmer *trimmer);

/* The midnight before which data is deleted: today and `keep_days` days before it are kept. */
int64_t trim_before_ns(int64_t now_ns, int keep_days);

/*
 * The current time for retention. The wall clock may be wrong by years, so it is limited to the
 * time of the newest data when the database was opened plus twice the time passed since; twice, so
 * that retention catches up after the service was off for long.
 */
int64_t trim_now_ns(int64_t clock_ns, int64_t newest_ns, int64_t open_for_ms);

void trimmer_begin(struct trimmer *trimmer, int64_t before_ns);

/*
 * Returns SQLite's result code; after anything but SQLITE_OK this step deleted nothing. *deleted:
 * the pass has deleted everything, only shrinking the file remains.
 */
int trimmer_step(struct trimmer *trimmer, bool *deleted);

#endif
