#include "store/write/mover.h"

#include "base/clock.h"
#include "store/sql.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>

#define PASS_ROWS 32768
#define AIM_MS    12 /* a quarter of the longest allowed lock: the commit takes as long again */

#define MEMBER(name) offsetof(struct mover, name)

static const struct sql_statement statements[] = {
    {MEMBER(list), "SELECT seq, changed FROM (SELECT seq, instrument_id, changed FROM "
                   "snapshot_recent ORDER BY seq LIMIT ?1) ORDER BY instrument_id, seq"},
};
#define STATEMENTS (sizeof(statements) / sizeof(statements[0]))

/* An estimate by seq, because count(*) would take a minute for the rows of a whole day. */
static int64_t about_rows(sqlite3 *db)
{
    int64_t rows = 0;
    sql_number(db,
               "SELECT max(seq) - (SELECT min(seq) FROM snapshot_recent) + 1 FROM snapshot_recent",
               &rows);
    return rows;
}

int mover_open(struct mover *mover, sqlite3 *db, struct err *err)
{
    *mover = (struct mover){.db = db, .rows = about_rows(db), .step_ms = AIM_MS};
    int rc = sql_prepare_all(mover, statements, STATEMENTS, db, err);
    if (rc == 0)
        rc = history_rows_open(&mover->history, db, err);
    mover->pass = calloc(PASS_ROWS, sizeof(*mover->pass));
    if (rc == 0 && !mover->pass)
        rc = err_set(err, -ENOMEM, "out of memory");
    if (rc)
        mover_close(mover);
    return rc;
}

void mover_close(struct mover *mover)
{
    sql_finalize_all(mover, statements, STATEMENTS);
    history_rows_close(&mover->history);
    free(mover->pass);
    *mover = (struct mover){0};
}

/* --- a pass ----------------------------------------------------------------------------------- */

static int begin_pass(struct mover *mover)
{
    int rc;
    size_t count = 0;
    sqlite3_bind_int64(mover->list, 1, PASS_ROWS);
    while ((rc = sqlite3_step(mover->list)) == SQLITE_ROW)
        mover->pass[count++] = (struct mover_row){sqlite3_column_int64(mover->list, 0),
                                                  (uint32_t)sqlite3_column_int64(mover->list, 1)};
    sqlite3_reset(mover->list);
    if (rc != SQLITE_DONE)
        return rc;
    mover->pass_count = count;
    mover->pass_at = 0;
    return SQLITE_OK;
}

/* A row may have been moved since the pass began, by tape_writer. */
static int move_until(struct mover *mover, int64_t until_ms, size_t *at)
{
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK && *at < mover->pass_count) {
        const struct mover_row *row = &mover->pass[(*at)++];
        rc = history_rows_move(&mover->history, row->seq, row->changed);
        if (*at % MOVER_BITE_ROWS == 0 && clock_now().mono_ms >= until_ms)
            break;
    }
    return rc;
}

int mover_step(struct mover *mover, int64_t *moved)
{
    *moved = 0;
    int rc = mover->pass_at < mover->pass_count ? SQLITE_OK : begin_pass(mover);
    size_t at = mover->pass_at;
    if (rc == SQLITE_OK)
        rc = sql_begin(mover->db);
    if (rc == SQLITE_OK)
        rc = move_until(mover, clock_now().mono_ms + mover->step_ms, &at);
    rc = sql_end(mover->db, rc);
    if (rc != SQLITE_OK)
        return rc;
    *moved = (int64_t)(at - mover->pass_at);
    mover->pass_at = at;
    mover->rows -= *moved;
    if (at == mover->pass_count)
        mover->rows = about_rows(mover->db); /* includes rows written during the pass */
    return SQLITE_OK;
}
