#include "store/write/mover.h"

#include "base/clock.h"
#include "store/packed.h"
#include "store/sql.h"
#include "store/write/history_rows.h"

#include <sqlite3.h>

#define PASS_ROWS 32768
#define AIM_MS    12 /* a quarter of the longest allowed lock: the commit takes as long again */

/* The rows of the current pass in the order of copying; shows: the change can show a trade. */
#define PASS_TABLE                                                                                 \
    "CREATE TEMP TABLE IF NOT EXISTS moving (n INTEGER PRIMARY KEY, moving_seq INTEGER NOT NULL, " \
    "shows INTEGER NOT NULL)"

#define BITE "FROM moving CROSS JOIN snapshot_recent ON seq = moving_seq WHERE n > ?1 AND n <= ?2"

#define MEMBER(name) offsetof(struct mover, name)

static const struct sql_statement statements[] = {
    {MEMBER(forget), "DELETE FROM moving"},
    {MEMBER(list), "INSERT INTO moving (moving_seq, shows) SELECT seq, changed & 4 FROM "
                   "(SELECT seq, instrument_id, changed FROM snapshot_recent ORDER BY seq LIMIT ?1)"
                   " ORDER BY instrument_id, seq"},
    {MEMBER(last), "SELECT max(moving_seq) FROM moving"},
    /* A row that a crash left in both tables is replaced by itself. */
    {MEMBER(copy), "INSERT OR REPLACE INTO snapshot_history (" PACKED_COLUMNS
                   ") SELECT " PACKED_COLUMNS " " BITE},
    {MEMBER(shown), "SELECT " TRADES_COLUMNS " " BITE " AND shows ORDER BY n"},
    {MEMBER(cover),
     "INSERT INTO history_seq SELECT seq / 32768, max(seq), min(ts_recv), "
     "max(ts_recv) FROM snapshot_recent WHERE seq <= ?1 GROUP BY 1" HISTORY_SEQ_EXTEND},
    {MEMBER(first), "SELECT min(seq) FROM snapshot_recent"},
    {MEMBER(remove), "DELETE FROM snapshot_recent WHERE seq <= ?1"},
};
#define STATEMENTS (sizeof(statements) / sizeof(statements[0]))

_Static_assert(TRADE_ENTRIES == 4, "the bit in `list`");

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
    if (sql_exec(db, PASS_TABLE) != SQLITE_OK)
        return sql_fail(db, "cannot create a temporary table", err);
    int rc = sql_prepare_all(mover, statements, STATEMENTS, db, err);
    if (rc == 0)
        rc = tape_rows_open(&mover->tape, db, err);
    if (rc)
        mover_close(mover);
    return rc;
}

void mover_close(struct mover *mover)
{
    sql_finalize_all(mover, statements, STATEMENTS);
    tape_rows_close(&mover->tape);
    *mover = (struct mover){0};
}

bool mover_in_pass(const struct mover *mover)
{
    return mover->pass_last != 0;
}

/* Without a write lock on the database: it is only read. */
static int begin_pass(struct mover *mover)
{
    int64_t count = 0, last = 0;
    int rc = sql_run(mover->forget, SQL_NONE);
    if (rc == SQLITE_OK)
        rc = sql_run(mover->list, SQL_VALUES(SQL_WHOLE(PASS_ROWS)));
    if (rc == SQLITE_OK) {
        count = sqlite3_changes64(mover->db);
        rc = sql_number_of(mover->last, SQL_NONE, &last);
    }
    if (rc != SQLITE_OK)
        return rc;
    mover->pass_count = count;
    mover->pass_copied = 0;
    mover->pass_last = last;
    return SQLITE_OK;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static bool is_past(int64_t until_ms)
{
    return clock_now().mono_ms >= until_ms;
}

/* --- copying ---------------------------------------------------------------------------------- */

static int add_trades(struct mover *mover, int64_t from, int64_t to)
{
    int rc;
    size_t count = 0;
    sql_bind(mover->shown, SQL_VALUES(SQL_WHOLE(from), SQL_WHOLE(to)));
    while ((rc = sqlite3_step(mover->shown)) == SQLITE_ROW)
        count += trades_shown(mover->shown, &mover->trades[count]);
    sqlite3_reset(mover->shown);
    return rc == SQLITE_DONE ? tape_rows_show_all(&mover->tape, mover->trades, count) : rc;
}

/* Rows that tape_writer has moved since the pass began are not in snapshot_recent any more. */
static int copy_until(struct mover *mover, int64_t until_ms, int64_t *copied)
{
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK && *copied < mover->pass_count) {
        int64_t from = *copied, to = smaller(from + MOVER_BITE_ROWS, mover->pass_count);
        rc = sql_run(mover->copy, SQL_VALUES(SQL_WHOLE(from), SQL_WHOLE(to)));
        if (rc == SQLITE_OK)
            rc = add_trades(mover, from, to);
        *copied = to;
        if (is_past(until_ms))
            break;
    }
    return rc;
}

/* --- removing --------------------------------------------------------------------------------- */

static int remove_until(struct mover *mover, int64_t until_ms, int64_t *removed, bool *all)
{
    int64_t first = 0;
    int rc = sql_number_of(mover->first, SQL_NONE, &first);
    while (rc == SQLITE_OK && first && first <= mover->pass_last) {
        int64_t to = smaller(first + MOVER_BITE_ROWS - 1, mover->pass_last);
        rc = sql_run(mover->remove, SQL_VALUES(SQL_WHOLE(to)));
        *removed += sqlite3_changes64(mover->db);
        if (rc == SQLITE_OK)
            rc = sql_number_of(mover->first, SQL_NONE, &first);
        if (is_past(until_ms))
            break;
    }
    *all = rc == SQLITE_OK && (!first || first > mover->pass_last);
    return rc;
}

/* --- a step ----------------------------------------------------------------------------------- */

struct step {
    int64_t copied, removed;
    bool all_removed;
};

static int run_step(struct mover *mover, struct step *step)
{
    int64_t until_ms = clock_now().mono_ms + mover->step_ms;
    int rc = sql_begin(mover->db);
    bool copying = step->copied < mover->pass_count;
    if (rc == SQLITE_OK && copying && !step->copied)
        rc = sql_run(mover->cover, SQL_VALUES(SQL_WHOLE(mover->pass_last)));
    if (rc == SQLITE_OK && copying)
        rc = copy_until(mover, until_ms, &step->copied);
    bool copied = step->copied == mover->pass_count;
    if (rc == SQLITE_OK && copied && !(copying && is_past(until_ms)))
        rc = remove_until(mover, until_ms, &step->removed, &step->all_removed);
    return sql_end(mover->db, rc);
}

int mover_step(struct mover *mover, int64_t *moved)
{
    *moved = 0;
    int rc = mover_in_pass(mover) ? SQLITE_OK : begin_pass(mover);
    struct step step = {.copied = mover->pass_copied};
    if (rc == SQLITE_OK)
        rc = run_step(mover, &step);
    if (rc != SQLITE_OK)
        return rc;
    mover->pass_copied = step.copied;
    mover->rows -= step.removed;
    *moved = step.removed;
    if (step.all_removed) {
        mover->pass_last = 0;
        mover->rows = about_rows(mover->db); /* includes rows written during the pass */
    }
    return SQLITE_OK;
}
