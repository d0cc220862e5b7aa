#include "store/write/tape_writer.h"

#include "base/array.h"
#include "store/sql.h"

#include <sqlite3.h>
#include <stddef.h>
#include <stdlib.h>

#define AIM_MS     12 /* a quarter of the longest allowed lock: the commit takes as long again */
#define BITE_ROWS  32 /* rows between two checks of the clock */
#define GROUP_ROWS 32 /* rows of one millisecond that are numbered in the order of the list */

#define LISTED "SELECT listed FROM ledger"

#define MEMBER(name) offsetof(struct tape_writer, name)

static const struct sql_statement statements[] = {
    {MEMBER(list_changes),
     "SELECT seq FROM snapshot_recent WHERE instrument_id = ?1 AND changed & 4 ORDER BY seq"},
    {MEMBER(list_trades), "SELECT ts_event, price, size FROM trade WHERE instrument_id = ?1 AND "
                          "ts_event BETWEEN ?2 AND ?3"},
    {MEMBER(begin_day), "INSERT INTO tape_day (day, instrument_id, ts_complete, listed, unlisted) "
                        "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET "
                        "ts_complete = max(ts_complete, excluded.ts_complete), ts_merged = NULL, "
                        "listed = excluded.listed, unlisted = excluded.unlisted"},
    {MEMBER(end_day), "UPDATE tape_day SET ts_merged = ?3 WHERE day = ?1 AND instrument_id = ?2"},
    {MEMBER(keep_listed), "UPDATE ledger SET listed = ?1"},
};
#define STATEMENTS (sizeof(statements) / sizeof(statements[0]))

_Static_assert(TRADE_ENTRIES == 4, "the bit in list_changes");

int tape_writer_open(struct tape_writer *w, sqlite3 *db, struct err *err)
{
    *w = (struct tape_writer){.db = db, .step_ms = AIM_MS};
    int rc = sql_prepare_all(w, statements, STATEMENTS, db, err);
    if (rc == 0)
        rc = tape_rows_open(&w->rows, db, err);
    if (rc == 0 && sql_number(db, LISTED, &w->listed) != SQLITE_OK)
        rc = sql_fail(db, "cannot read the database", err);
    if (rc)
        tape_writer_close(w);
    return rc;
}

static void forget(struct tape_writer *w)
{
    free(w->changes);
    free(w->ours);
    free(w->missing);
    w->changes = NULL;
    w->ours = w->missing = NULL;
    w->changes_count = w->changes_cap = w->changes_at = 0;
    w->ours_count = w->ours_cap = w->missing_count = w->missing_at = 0;
    w->stage = TAPE_BEGIN;
}

void tape_writer_close(struct tape_writer *w)
{
    forget(w);
    sql_finalize_all(w, statements, STATEMENTS);
    tape_rows_close(&w->rows);
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

static int list_changes(struct tape_writer *w, int64_t instrument_id)
{
    int rc;
    sqlite3_bind_int64(w->list_changes, 1, instrument_id);
    while ((rc = sqlite3_step(w->list_changes)) == SQLITE_ROW) {
        rc = add_change(w, sqlite3_column_int64(w->list_changes, 0));
        if (rc != SQLITE_ROW)
            break;
    }
    sqlite3_reset(w->list_changes);
    if (rc != SQLITE_DONE)
        return rc;
    w->stage = w->changes_count ? TAPE_SHOW : TAPE_COMPARE;
    return SQLITE_OK;
}

static int show_until(struct tape_writer *w, int64_t until_ms, size_t *at)
{
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK && *at < w->changes_count) {
        rc = tape_rows_show(&w->rows, w->changes[(*at)++]);
        if (*at % BITE_ROWS == 0 && clock_now().mono_ms >= until_ms)
            break;
    }
    return rc;
}

static int show_some(struct tape_writer *w)
{
    size_t at = w->changes_at;
    int rc = sql_begin(w->db);
    if (rc == SQLITE_OK)
        rc = show_until(w, clock_now().mono_ms + w->step_ms, &at);
    w->changes_at = at;
    if (at == w->changes_count)
        w->stage = TAPE_COMPARE;
    return sql_end(w->db, rc);
}

/* --- comparing -------------------------------------------------------------------------------- */

static int add_ours(struct tape_writer *w, sqlite3_stmt *stmt)
{
    struct tape_item *ours = array_grow(w->ours, &w->ours_cap, w->ours_count + 1, sizeof(*ours));
    if (!ours)
        return SQLITE_NOMEM;
    w->ours = ours;
    w->ours[w->ours_count] =
        (struct tape_item){sqlite3_column_int64(stmt, 0), sqlite3_column_double(stmt, 1),
                           sql_real(stmt, 2), w->ours_count, false};
    w->ours_count++;
    return SQLITE_ROW;
}

static int list_ours(struct tape_writer *w, int64_t instrument_id, int64_t ts_from)
{
    sqlite3_stmt *stmt = w->list_trades;
    int rc;
    sql_bind(stmt, SQL_VALUES(SQL_WHOLE(instrument_id), SQL_WHOLE(ts_from),
                              SQL_WHOLE(w->result.ts_complete)));
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        rc = add_ours(w, stmt);
        if (rc != SQLITE_ROW)
            break;
    }
    sqlite3_reset(stmt);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int list_theirs(struct tape_writer *w, const struct store_tape *tape, int64_t ts_from)
{
    w->missing = calloc(tape->count + 1, sizeof(*w->missing));
    if (!w->missing)
        return SQLITE_NOMEM;
    for (size_t i = 0; i < tape->count; i++) {
        const struct trade *trade = &tape->trades[i];
        int64_t ts = trade->ts_event / NS_PER_MS * NS_PER_MS;
        if (ts >= ts_from && ts <= w->result.ts_complete)
            w->missing[w->missing_count++] =
                (struct tape_item){ts, trade->price, trade->size, i, false};
    }
    return SQLITE_OK;
}

/* Removes the items that were matched. */
static size_t keep_unmatched(struct tape_item *items, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (!items[i].matched)
            items[kept++] = items[i];
    }
    return kept;
}

/* Only this thread writes, so that the table does not change until the missing ones are added. */
static int compare(struct tape_writer *w, const struct store_tape *tape, int64_t instrument_id)
{
    int64_t ts_from = art_day_begins_ns(tape->day), ts_next = art_day_begins_ns(tape->day + 1);
    int64_t until = tape->ts_complete < ts_next ? tape->ts_complete : ts_next - NS_PER_MS;
    w->result = (struct store_tape_result){
        .instrument = tape->instrument, .day = tape->day, .ts_complete = tape_merge_until(until)};
    int rc = list_ours(w, instrument_id, ts_from);
    if (rc == SQLITE_OK)
        rc = list_theirs(w, tape, ts_from);
    if (rc == SQLITE_OK)
        rc = sql_number(w->db, LISTED, &w->listed);
    if (rc != SQLITE_OK)
        return rc;
    size_t listed = w->missing_count;
    tape_merge(w->ours, w->ours_count, w->missing, listed);
    w->missing_count = keep_unmatched(w->missing, listed);
    tape_merge_sort(w->missing, w->missing_count);
    w->result.listed = (int64_t)listed;
    w->result.unlisted = (int64_t)keep_unmatched(w->ours, w->ours_count);
    w->stage = TAPE_ADD;
    return SQLITE_OK;
}

/* --- adding ----------------------------------------------------------------------------------- */

/* The number of missing trades from `at` on in the same millisecond. */
static size_t group_at(const struct tape_writer *w, size_t at)
{
    size_t count = 1;
    while (count < GROUP_ROWS && at + count < w->missing_count &&
           w->missing[at + count].ts_event == w->missing[at].ts_event)
        count++;
    return count;
}

/* Within a millisecond, seq grows in the order of the list. */
static int add_group(struct tape_writer *w, int64_t instrument_id, size_t at, int64_t *listed)
{
    int rc = SQLITE_OK;
    size_t count = group_at(w, at);
    *listed += (int64_t)count;
    for (size_t i = 0; rc == SQLITE_OK && i < count; i++) {
        const struct tape_item *item = &w->missing[at + i];
        const struct store_trade row = {
            instrument_id,
            -*listed + (int64_t)i,
            {item->ts_event, item->price, item->size, TRADE_FROM_HISTORY}};
        rc = tape_rows_add(&w->rows, &row);
    }
    return rc;
}

static int add_until(struct tape_writer *w, int64_t instrument_id, int64_t until_ms, size_t *at)
{
    int rc = SQLITE_OK;
    int64_t listed = w->listed;
    size_t since = 0;
    while (rc == SQLITE_OK && *at < w->missing_count) {
        size_t count = group_at(w, *at);
        rc = add_group(w, instrument_id, *at, &listed);
        *at += count;
        since += count;
        if (since < BITE_ROWS)
            continue;
        since = 0;
        if (clock_now().mono_ms >= until_ms)
            break;
    }
    if (rc == SQLITE_OK && listed > w->listed)
        rc = sql_run(w->keep_listed, SQL_VALUES(SQL_WHOLE(listed)));
    return rc;
}

/* From the first row on, the changes that come later must not add the same trades. */
static int put_day(struct tape_writer *w, int64_t instrument_id)
{
    const struct store_tape_result *r = &w->result;
    return sql_run(w->begin_day, SQL_VALUES(SQL_WHOLE(r->day), SQL_WHOLE(instrument_id),
                                            SQL_WHOLE(r->ts_complete), SQL_WHOLE(r->listed),
                                            SQL_WHOLE(r->unlisted)));
}

static int end_day(struct tape_writer *w, int64_t instrument_id)
{
    return sql_run(w->end_day, SQL_VALUES(SQL_WHOLE(w->result.day), SQL_WHOLE(instrument_id),
                                          SQL_WHOLE(clock_now().wall_ns)));
}

static int add_some(struct tape_writer *w, int64_t instrument_id, bool *done)
{
    size_t at = w->missing_at;
    int rc = sql_begin(w->db);
    if (rc == SQLITE_OK && !at)
        rc = put_day(w, instrument_id);
    if (rc == SQLITE_OK)
        rc = add_until(w, instrument_id, clock_now().mono_ms + w->step_ms, &at);
    bool last = at == w->missing_count;
    if (rc == SQLITE_OK && last)
        rc = end_day(w, instrument_id);
    rc = sql_end(w->db, rc);
    if (rc != SQLITE_OK)
        return rc;
    int64_t added = (int64_t)(at - w->missing_at);
    w->listed += added;
    w->added += added;
    w->missing_at = at;
    *done = last;
    return SQLITE_OK;
}

/* --- a step ----------------------------------------------------------------------------------- */

static int step(struct tape_writer *w, const struct store_tape *tape, int64_t instrument_id,
                bool *done)
{
    switch (w->stage) {
    case TAPE_BEGIN:
        return list_changes(w, instrument_id);
    case TAPE_SHOW:
        return show_some(w);
    case TAPE_COMPARE:
        return compare(w, tape, instrument_id);
    case TAPE_ADD:
        break;
    }
    return add_some(w, instrument_id, done);
}

/* What a step compared or listed may change until it is repeated. */
int tape_writer_step(struct tape_writer *w, const struct store_tape *tape, int64_t instrument_id,
                     bool *done)
{
    *done = false;
    int rc = step(w, tape, instrument_id, done);
    if (rc != SQLITE_OK) {
        forget(w);
        return rc;
    }
    if (*done) {
        w->result.added = w->added;
        w->result.merged = true;
        w->added = 0;
        forget(w);
    }
    return SQLITE_OK;
}
