/*
 * trimmer: deletes what is older than the user wants to keep, a little at a time.
 *
 * A pass takes all of history, trades with their bars, events, coverage and sessions from before
 * one midnight in Argentina; the present state of each instrument stays. One step is one
 * transaction of some 20 ms. Then the file gives back what it has no use for, also in steps.
 * Belongs to the writer's thread.
 */
#ifndef STORE_TRIMMER_H
#define STORE_TRIMMER_H

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
        *sessions, *ledger;
    enum trim_stage stage;
    int64_t before_ns;      /* of the pass under way, or of the last one; 0 = none yet */
    int64_t instrument_id;  /* the one it is at; 0 = before the first */
    struct trimmed trimmed; /* by this pass */
};

/* `db` must outlive it. -EIO with SQLite's words; then it needs no close. */
int trimmer_open(struct trimmer *trimmer, struct sqlite3 *db, struct err *err);
void trimmer_close(struct trimmer *trimmer);

/* The midnight before which nothing is kept: today and `keep_days` whole days before it are. */
int64_t trim_before_ns(int64_t now_ns, int keep_days);

/*
 * The time that retention goes by. Not the clock alone, which may be years ahead: what is newest in
 * the database when it is opened, and twice the time that has passed since, so that the service
 * catches up after a long pause.
 */
int64_t trim_now_ns(int64_t clock_ns, int64_t newest_ns, int64_t open_for_ms);

void trimmer_begin(struct trimmer *trimmer, int64_t before_ns);

/*
 * SQLite's result code; after anything but SQLITE_OK nothing was deleted by this step. *deleted:
 * the pass has deleted all there was, what is left of it is to make the file smaller.
 */
int trimmer_step(struct trimmer *trimmer, bool *deleted);

#endif
