#include "store/write/upkeep.h"

#include "store/sql.h"

#include <math.h>
#include <sqlite3.h>

#define MOVE_ROWS    8192  /* with fewer, the same pages of history are written more often */
#define MOVE_IDLE_MS 10000 /* without a new change for this long, all rows are moved */
#define AGAIN_MS     1000  /* after a step that failed: locked, disk full */
#define TRIM_PACE_MS 30    /* between two steps, so that other programs can write */
#define DAY_LOOK_MS  60000 /* between two checks for a new day */
#define SIZE_LOOK_MS 600000

/*
 * The newest time by order of recording (id, seq), which a wrong clock does not change. The last
 * two events are used, because after a correction of the clock its event and the stop have correct
 * times. For an empty database: now.
 */
static int64_t newest(sqlite3 *db)
{
    int64_t ns = 0;
    sql_number(db,
               "SELECT max(coalesce((SELECT max(ts) FROM (SELECT ts FROM feed_event"
               "                                          ORDER BY id DESC LIMIT 2)), 0),"
               "           coalesce((SELECT ts_recv FROM quote ORDER BY seq DESC LIMIT 1), 0))",
               &ns);
    return ns ? ns : clock_now().wall_ns;
}

int upkeep_open(struct upkeep *upkeep, sqlite3 *db, int keep_days, struct err *err)
{
    *upkeep = (struct upkeep){.db = db, .keep_days = keep_days, .growth.bytes_per_day = NAN};
    upkeep->newest_ns = newest(db);
    upkeep->opened_ms = clock_boot_ms();
    int rc = mover_open(&upkeep->mover, db, err);
    if (rc)
        return rc;
    rc = trimmer_open(&upkeep->trimmer, db, err);
    if (rc)
        mover_close(&upkeep->mover);
    return rc;
}

void upkeep_close(struct upkeep *upkeep)
{
    mover_close(&upkeep->mover);
    trimmer_close(&upkeep->trimmer);
}

void upkeep_written(struct upkeep *upkeep, size_t rows, int64_t now_ms)
{
    upkeep->mover.rows += (int64_t)rows;
    upkeep->move_from_ms = now_ms;
}

/* --- due times -------------------------------------------------------------------------------- */

static int64_t move_due_ms(const struct upkeep *upkeep)
{
    const struct mover *mover = &upkeep->mover;
    if (!mover->rows)
        return INT64_MAX;
    bool enough = mover_in_pass(mover) || mover->rows >= MOVE_ROWS;
    return upkeep->move_from_ms + (enough ? 0 : MOVE_IDLE_MS);
}

static int64_t trim_due_ms(const struct upkeep *upkeep)
{
    bool wanted = upkeep->keep_days > 0 || upkeep->trimmer.stage != TRIM_IDLE;
    return wanted ? upkeep->trim_from_ms : INT64_MAX;
}

static int64_t earliest(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t upkeep_due_ms(const struct upkeep *upkeep)
{
    if (upkeep->paused)
        return INT64_MAX;
    return earliest(earliest(move_due_ms(upkeep), trim_due_ms(upkeep)), upkeep->look_from_ms);
}

/* --- steps ------------------------------------------------------------------------------------ */

static void move(struct upkeep *upkeep, int64_t now_ms, struct upkeep_done *done)
{
    if (mover_step(&upkeep->mover, &done->moved) != SQLITE_OK)
        upkeep->move_from_ms = now_ms + AGAIN_MS;
}

static void trim(struct upkeep *upkeep, struct now now, struct upkeep_done *done)
{
    int64_t open_for_ms = clock_boot_ms() - upkeep->opened_ms;
    int64_t before_ns =
        trim_before_ns(trim_now_ns(now.wall_ns, upkeep->newest_ns, open_for_ms), upkeep->keep_days);
    if (upkeep->trimmer.stage == TRIM_IDLE && before_ns <= upkeep->trimmer.before_ns) {
        upkeep->trim_from_ms = now.mono_ms + DAY_LOOK_MS;
        return;
    }
    if (upkeep->trimmer.stage == TRIM_IDLE)
        trimmer_begin(&upkeep->trimmer, before_ns);
    bool failed = trimmer_step(&upkeep->trimmer, &done->trim_ended) != SQLITE_OK;
    upkeep->trim_from_ms = now.mono_ms + (failed ? AGAIN_MS : TRIM_PACE_MS);
}

static void look(struct upkeep *upkeep, struct now now)
{
    bool failed = growth_look(upkeep->db, now.wall_ns, &upkeep->growth) != SQLITE_OK;
    upkeep->look_from_ms = now.mono_ms + (failed ? AGAIN_MS : SIZE_LOOK_MS);
}

struct upkeep_done upkeep_step(struct upkeep *upkeep, struct now now)
{
    struct upkeep_done done = {0};
    if (move_due_ms(upkeep) <= now.mono_ms)
        move(upkeep, now.mono_ms, &done);
    else if (upkeep->look_from_ms <= now.mono_ms)
        look(upkeep, now);
    else if (trim_due_ms(upkeep) <= now.mono_ms)
        trim(upkeep, now, &done);
    return done;
}
