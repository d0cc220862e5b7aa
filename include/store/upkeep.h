/*
 * upkeep: what the writer does with the database when nothing waits to be written.
 *
 * Moves snapshots to where they are cheap to read, deletes what is too old, gives room back, and
 * looks how large all of it has become: one short transaction at a time, the most urgent first.
 * Belongs to the writer's thread.
 */
#ifndef STORE_UPKEEP_H
#define STORE_UPKEEP_H

#include "base/clock.h"
#include "base/err.h"
#include "store/growth.h"
#include "store/mover.h"
#include "store/trimmer.h"

#include <stddef.h>

struct sqlite3;

struct upkeep {
    struct sqlite3 *db;
    struct mover mover;
    struct trimmer trimmer;
    struct growth growth;
    int keep_days;                /* 0 = for ever */
    int64_t newest_ns, opened_ms; /* what retention goes by, and since when; see trim_now_ns() */
    bool paused;                  /* the -wal cannot be reset: no more is written than must be */
    int64_t move_from_ms, trim_from_ms, look_from_ms; /* not before */
};

/* `db` must outlive it. -EIO with SQLite's words; then it needs no close. */
int upkeep_open(struct upkeep *upkeep, struct sqlite3 *db, int keep_days, struct err *err);
void upkeep_close(struct upkeep *upkeep);

/* So many snapshots have just been committed. */
void upkeep_written(struct upkeep *upkeep, size_t rows, int64_t now_ms);

/* When there is something to do; INT64_MAX: nothing. */
int64_t upkeep_due_ms(const struct upkeep *upkeep);

struct upkeep_done {
    int64_t moved;   /* snapshots */
    bool trim_ended; /* a pass; upkeep->trimmer.trimmed has what it deleted */
};

/* One step of what is due. What cannot be done now is tried again a second later. */
struct upkeep_done upkeep_step(struct upkeep *upkeep, struct now now);

#endif
