#include "store/write/mover.h"

#include "base/clock.h"
#include "store/packed.h"
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
    {MEMBER(add_history), "INSERT INTO snapshot_history (" PACKED_COLUMNS ") SELECT " PACKED_COLUMNS
                          " FROM snapshot_recent WHERE seq = ?1"},
    {MEMBER(remove), "DELETE FROM snapshot_recent WHERE seq = ?1"},
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
        rc = tape_rows_open(&mover->tape, db, err);
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
    tape_rows_close(&mover->tape);
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

static int run(sqlite3_stmt *stmt, int64_t seq)
{
    return sql_run(stmt, SQL_VALUES(SQL_WHOLE(seq)));
}

static int move_row(struct mover *mover, const struct mover_row *row)
{
    int rc = run(mover->add_history, row->seq);
    if (rc == SQLITE_OK && row->changed & TRADE_ENTRIES)
        rc = tape_rows_show(&mover->tape, row->seq);
    return rc == SQLITE_OK ? run(mover->remove, row->seq) : rc;
}

static int move_until(struct mover *mover, int64_t until_ms, size_t *at)
{
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK && *at < mover->pass_count) {
        rc = move_row(mover, &mover->pass[(*at)++]);
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
