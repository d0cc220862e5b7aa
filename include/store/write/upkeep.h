/*
 * upkeep: maintenance of the database while nothing waits to be written.
 *
 * Moves snapshots to snapshot_history, deletes old data, shrinks the file and measures its size:
 * one short transaction at a time, the most urgent first. Used by the writer thread only.
 */
#ifndef STORE_WRITE_UPKEEP_H
#define STORE_WRITE_UPKEEP_H

#include "base/clock.h"
#include "base/err.h"
#include "store/write/growth.h"
#include "store/write/mover.h"
#include "store/write/trimmer.h"

#include <stddef.h>

struct sqlite3;

struct upkeep {
    struct sqlite3 *db;
    struct mover mover;
    struct trimmer trimmer;
    struct growth growth;
    int keep_days;                /* 0 = no limit */
    int64_t newest_ns, opened_ms; /* the arguments of trim_now_ns(), at the opening */
    bool paused;                  /* the -wal cannot be reset: write only new data */
    int64_t move_from_ms, trim_from_ms, look_from_ms; /* earliest next step */
};

/* `db` must outlive it. -EIO with SQLite's message; on error no close is needed. */
int upkeep_open(struct upkeep *upkeep, struct sqlite3 *db, int keep_days, struct err *err);
void upkeep_close(struct upkeep *upkeep);

/* `rows` snapshots have just been committed. */
void upkeep_written(struct upkeep *upkeep, size_t rows, int64_t now_ms);

/* When the next step is due; INT64_MAX: never. */
int64_t upkeep_due_ms(const struct upkeep *upkeep);

struct upkeep_done {
    int64_t moved;   /* snapshots */
    bool trim_ended; /* a trim pass ended; upkeep->trimmer.trimmed has its counts */
};

/* Runs one step that is due. A step that fails is retried a second later. */
struct upkeep_done upkeep_step(struct upkeep *upkeep, struct now now);

#endif
