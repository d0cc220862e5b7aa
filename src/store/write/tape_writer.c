#include "store/write/tape_writer.h"

#include "base/array.h"
#include "base/clock.h"
#include "market/trade.h"
#include "store/sql.h"

#include <sqlite3.h>
#include <stdlib.h>

#define AIM_MS     12  /* a quarter of the longest allowed lock: the commit takes as long again */
#define BITE_ROWS  32  /* rows between two checks of the clock, when they are moved */
#define GROUP_ROWS 32  /* rows of one millisecond that are numbered in the order of the list */
#define RUN_ROWS   256 /* rows between two checks of the clock, when they are written */

#define LISTED "SELECT listed FROM ledger"

#define MEMBER(name) offsetof(struct tape_writer, name)

static const struct sql_statement statements[] = {
    {MEMBER(newest), "SELECT max(seq) FROM snapshot_recent"},
    {MEMBER(list_changes),
     "SELECT seq FROM snapshot_recent WHERE instrument_id = ?1 AND changed & 4 ORDER BY seq"},
    {MEMBER(list_late),
     "SELECT seq FROM snapshot_recent WHERE instrument_id = ?1 AND changed & 4 AND seq > ?2 AND "
     "(last_ago IS NULL OR (ts_recv / 1000000 - last_ago) * 1000000 <= ?3) ORDER BY seq"},
    {MEMBER(begin_day), "INSERT INTO tape_day (day, instrument_id, ts_complete, listed, unlisted) "
                        "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET "
                        "ts_complete = max(ts_complete, excluded.ts_complete), ts_merged = NULL, "
                        "listed = excluded.listed, unlisted = excluded.unlisted"},
    {MEMBER(end_day), "UPDATE tape_day SET ts_merged = ?3 WHERE day = ?1 AND instrument_id = ?2"},
    {MEMBER(keep_listed), "UPDATE ledger SET listed = ?1"},
};
#define STATEMENTS (sizeof(statements) / sizeof(statements[0]))

_Static_assert(TRADE_ENTRIES == 4, "the bit in list_changes and list_late");

int tape_writer_open(struct tape_writer *w, sqlite3 *db, struct err *err)
{
    *w = (struct tape_writer){.db = db, .step_ms = AIM_MS};
    int rc = sql_prepare_all(w, statements, STATEMENTS, db, err);
    if (rc == 0)
        rc = history_rows_open(&w->history, db, err);
    if (rc == 0)
        rc = tape_compare_open(&w->compare, db, err);
    if (rc == 0 && sql_number(db, LISTED, &w->listed) != SQLITE_OK)
        rc = sql_fail(db, "cannot read the database", err);
    if (rc)
        tape_writer_close(w);
    return rc;
}

static void forget(struct tape_writer *w)
{
    free(w->changes);
    w->changes = NULL;
    w->changes_count = w->changes_cap = w->changes_at = w->written = 0;
    tape_compare_forget(&w->compare);
    w->stage = TAPE_BEGIN;
}

void tape_writer_close(struct tape_writer *w)
{
    forget(w);
    sql_finalize_all(w, statements, STATEMENTS);
    history_rows_close(&w->history);
    tape_compare_close(&w->compare);
}

/* --- the trades that changes show ------------------------------------------------------------- */

static int add_change(struct tape_writer *w, int64_t seq)
{
    int64_t *changes =
        array_grow(w->changes, &w->changes_cap, w->changes_count + 1, sizeof(*changes));
    if (!changes)
        return SQLITE_NOMEM;
    w->changes = changes;
    w->changes[w->changes_count++] = seq;
    return SQLITE_ROW;
}

/* Appends what `stmt` lists. */
static int add_changes(struct tape_writer *w, sqlite3_stmt *stmt)
{
    int rc;
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        rc = add_change(w, sqlite3_column_int64(stmt, 0));
        if (rc != SQLITE_ROW)
            break;
    }
    sqlite3_reset(stmt);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int list_changes(struct tape_writer *w, int64_t instrument_id)
{
    int rc = sql_number_of(w->newest, SQL_NONE, &w->newest_seq);
    if (rc != SQLITE_OK)
        return rc;
    sql_bind(w->list_changes, SQL_VALUES(SQL_WHOLE(instrument_id)));
    w->stage = TAPE_MOVE;
    return add_changes(w, w->list_changes);
}

static int move_until(struct tape_writer *w, int64_t until_ms, size_t *at)
{
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK && *at < w->changes_count) {
        rc = history_rows_move(&w->history, w->changes[(*at)++], TRADE_ENTRIES);
        if (*at % BITE_ROWS == 0 && clock_now().mono_ms >= until_ms)
            break;
    }
    return rc;
}

static int move_some(struct tape_writer *w)
{
    size_t at = w->changes_at;
    int rc = SQLITE_OK;
    if (at < w->changes_count) {
        rc = sql_begin(w->db);
        if (rc == SQLITE_OK)
            rc = move_until(w, clock_now().mono_ms + w->step_ms, &at);
        rc = sql_end(w->db, rc);
    }
    w->changes_at = at;
    if (at == w->changes_count)
        w->stage = TAPE_COMPARE;
    return rc;
}

/*
 * Changes that were written since: those that show a trade up to the time of the list, or a trade
 * without a time of its own, have been visible and may have been exported. From now on they would
 * not be: so they are moved too, and the list is compared again, within the transaction.
 */
static int move_late(struct tape_writer *w, const struct store_tape *tape, int64_t instrument_id)
{
    sql_bind(w->list_late, SQL_VALUES(SQL_WHOLE(instrument_id), SQL_WHOLE(w->newest_seq),
                                      SQL_WHOLE(w->compare.ts_complete)));
    int rc = add_changes(w, w->list_late);
    if (rc != SQLITE_OK || w->changes_at == w->changes_count)
        return rc;
    rc = move_until(w, INT64_MAX, &w->changes_at);
    return rc == SQLITE_OK ? tape_compare_run(&w->compare, tape, instrument_id) : rc;
}

/* --- adding ----------------------------------------------------------------------------------- */

/* What a transaction writes, before it is committed. */
struct progress {
    int64_t instrument_id;
    int64_t until_ms;
    size_t written;
    int64_t listed; /* ledger.listed */
};

/* The number of missing trades from `at` on in the same millisecond. */
static size_t group_at(const struct tape_compare *c, size_t at)
{
    size_t count = 1;
    while (count < GROUP_ROWS && at + count < c->missing_count &&
           c->missing[at + count].ts_event == c->missing[at].ts_event)
        count++;
    return count;
}

/* Within a millisecond, seq grows in the order of the list. */
static int add_group(struct tape_writer *w, struct progress *p)
{
    int rc = SQLITE_OK;
    size_t count = group_at(&w->compare, p->written);
    p->listed += (int64_t)count;
    for (size_t i = 0; rc == SQLITE_OK && i < count; i++) {
        const struct tape_item *item = &w->compare.missing[p->written++];
        const struct store_trade row = {
            .instrument_id = p->instrument_id,
            .seq = -p->listed + (int64_t)i,
            .trade = {item->ts_event, item->price, item->size, TRADE_FROM_HISTORY}};
        rc = tape_rows_add_only(&w->history.tape, &row);
    }
    return rc;
}

/* Of the missing trade or the correction number `at`. */
static int64_t minute_at(const struct tape_compare *c, size_t at)
{
    return trade_minute(at < c->missing_count ? c->missing[at].ts_event
                                              : c->corrections[at - c->missing_count].ts_event);
}

static int correct_one(struct tape_writer *w, struct progress *p)
{
    size_t at = p->written++ - w->compare.missing_count;
    return tape_rows_correct(&w->history.tape, p->instrument_id, &w->compare.corrections[at],
                             ++p->listed);
}

/* From p->written on, trades of one minute, whose bar is counted once. */
static int write_run(struct tape_writer *w, struct progress *p)
{
    const struct tape_compare *c = &w->compare;
    size_t end = c->missing_count + c->corrections_count, begin = p->written;
    int64_t minute = minute_at(c, begin);
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK && p->written < end && p->written < begin + RUN_ROWS &&
           minute_at(c, p->written) == minute)
        rc = p->written < c->missing_count ? add_group(w, p) : correct_one(w, p);
    return rc == SQLITE_OK
               ? tape_rows_recount(&w->history.tape, p->instrument_id, minute, p->listed)
               : rc;
}

static int write_until(struct tape_writer *w, struct progress *p)
{
    size_t end = w->compare.missing_count + w->compare.corrections_count;
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK && p->written < end) {
        rc = write_run(w, p);
        if (clock_now().mono_ms >= p->until_ms)
            break;
    }
    return rc;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* From the first row on, the changes that come later must not add the same trades. */
static int begin_day(struct tape_writer *w, const struct store_tape *tape, int64_t instrument_id)
{
    const struct tape_compare *c = &w->compare;
    int rc = move_late(w, tape, instrument_id);
    if (rc != SQLITE_OK)
        return rc;
    return sql_run(w->begin_day, SQL_VALUES(SQL_WHOLE(tape->day), SQL_WHOLE(instrument_id),
                                            SQL_WHOLE(c->ts_complete), SQL_WHOLE(c->listed),
                                            SQL_WHOLE(c->unlisted)));
}

static int end_day(struct tape_writer *w, const struct store_tape *tape, int64_t instrument_id)
{
    return sql_run(w->end_day, SQL_VALUES(SQL_WHOLE(tape->day), SQL_WHOLE(instrument_id),
                                          SQL_WHOLE(clock_now().wall_ns)));
}

static int write_rows(struct tape_writer *w, struct progress *p)
{
    int rc = write_until(w, p);
    if (rc == SQLITE_OK && p->listed > w->listed)
        rc = sql_run(w->keep_listed, SQL_VALUES(SQL_WHOLE(p->listed)));
    return rc;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void count_written(struct tape_writer *w, const struct progress *p)
{
    size_t missing = w->compare.missing_count;
    size_t added = smaller(p->written, missing) - smaller(w->written, missing);
    w->added += (int64_t)added;
    w->corrected += (int64_t)(p->written - w->written - added);
    w->listed = p->listed;
    w->written = p->written;
}

static int write_some(struct tape_writer *w, const struct store_tape *tape, int64_t instrument_id,
                      bool *done)
{
    struct progress p = {instrument_id, clock_now().mono_ms + w->step_ms, w->written, 0};
    int rc = sql_begin(w->db);
    if (rc == SQLITE_OK && !w->written)
        rc = begin_day(w, tape, instrument_id);
    if (rc == SQLITE_OK)
        rc = sql_number(w->db, LISTED, &p.listed);
    if (rc == SQLITE_OK)
        rc = write_rows(w, &p);
    bool last = p.written == w->compare.missing_count + w->compare.corrections_count;
    if (rc == SQLITE_OK && last)
        rc = end_day(w, tape, instrument_id);
    rc = sql_end(w->db, rc);
    if (rc != SQLITE_OK)
        return rc;
    count_written(w, &p);
    *done = last;
    return SQLITE_OK;
}

/* --- a step ----------------------------------------------------------------------------------- */

static int compare(struct tape_writer *w, const struct store_tape *tape, int64_t instrument_id)
{
    w->stage = TAPE_WRITE;
    return tape_compare_run(&w->compare, tape, instrument_id);
}

static int step(struct tape_writer *w, const struct store_tape *tape, int64_t instrument_id,
                bool *done)
{
    switch (w->stage) {
    case TAPE_BEGIN:
        return list_changes(w, instrument_id);
    case TAPE_MOVE:
        return move_some(w);
    case TAPE_COMPARE:
        return compare(w, tape, instrument_id);
    case TAPE_WRITE:
        break;
    }
    return write_some(w, tape, instrument_id, done);
}

static void end(struct tape_writer *w, const struct store_tape *tape)
{
    w->result = (struct store_tape_result){
        .merged = true,
        .instrument = tape->instrument,
        .day = tape->day,
        .ts_complete = w->compare.ts_complete,
        .listed = w->compare.listed,
        .unlisted = w->compare.unlisted,
        .added = w->added,
        .corrected = w->corrected,
    };
    w->added = w->corrected = 0;
    forget(w);
}

/* What a step compared or listed may change until it is repeated. */
int tape_writer_step(struct tape_writer *w, const struct store_tape *tape, int64_t instrument_id,
                     bool *done)
{
    *done = false;
    int rc = step(w, tape, instrument_id, done);
    if (rc != SQLITE_OK)
        forget(w);
    else if (*done)
        end(w, tape);
    return rc;
}
