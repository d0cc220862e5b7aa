#include "store/write/tape_rows.h"

#include "base/clock.h"
#include "market/tape_merge.h"
#include "store/sql.h"

#include <sqlite3.h>
#include <stddef.h>

#define MEMBER(name) offsetof(struct tape_rows, name)

static const struct sql_statement statements[] = {
    {MEMBER(complete), "SELECT ts_complete FROM tape_day WHERE day = ?1 AND instrument_id = ?2"},
    /* The same rule is in the view trade_recent (schema/017_tape_corrections.sql). */
    {MEMBER(last_listed),
     "SELECT EXISTS (SELECT 1 FROM trade WHERE instrument_id = ?1 AND ts_event <= ?2 "
     "AND ts_event >= (SELECT max(ts_event) - ?5 FROM trade WHERE instrument_id = ?1 "
     "AND ts_event <= ?2) AND price = ?3 AND coalesce(size = ?4, true))"},
};
#define STATEMENTS (sizeof(statements) / sizeof(statements[0]))

int tape_rows_open(struct tape_rows *rows, sqlite3 *db, struct err *err)
{
    int64_t replica = 0;
    *rows = (struct tape_rows){0};
    int rc = sql_prepare_all(rows, statements, STATEMENTS, db, err);
    if (rc == 0 && sql_number(db, "SELECT count(*) FROM replica", &replica) != SQLITE_OK)
        rc = sql_fail(db, "cannot read the database", err);
    rows->given = replica != 0;
    if (rc == 0)
        rc = trades_open(&rows->trades, db, err);
    if (rc == 0)
        rc = bars_open(&rows->bars, db, err);
    if (rc)
        tape_rows_close(rows);
    return rc;
}

void tape_rows_close(struct tape_rows *rows)
{
    sql_finalize_all(rows, statements, STATEMENTS);
    trades_close(&rows->trades);
    bars_close(&rows->bars);
}

/* Whether it is one of the last trades up to `ts_complete`, reported afterwards. */
static int find_last_listed(struct tape_rows *rows, const struct store_trade *row,
                            int64_t ts_complete, bool *listed)
{
    int64_t found = 0;
    int rc = sql_number_of(rows->last_listed,
                           SQL_VALUES(SQL_WHOLE(row->instrument_id), SQL_WHOLE(ts_complete),
                                      SQL_REAL(row->trade.price), SQL_REAL(row->trade.size),
                                      SQL_WHOLE(TAPE_MERGE_BEFORE_NS)),
                           &found);
    *listed = rc == SQLITE_OK && found;
    return rc;
}

/* --- one trade -------------------------------------------------------------------------------- */

int tape_rows_add(struct tape_rows *rows, const struct store_trade *row)
{
    const struct bar bar = bar_of(row);
    int rc = trades_add(&rows->trades, row);
    return rc == SQLITE_OK ? bars_put(&rows->bars, &bar) : rc;
}

int tape_rows_show(struct tape_rows *rows, int64_t seq)
{
    struct store_trade row;
    bool shown;
    int rc = trades_read(&rows->trades, seq, &row, &shown);
    return rc == SQLITE_OK && shown ? tape_rows_show_all(rows, &row, 1) : rc;
}

/* --- many ------------------------------------------------------------------------------------- */

/* What is known of the instrument of the present trade. */
struct showing {
    struct tape_rows *rows;
    int64_t instrument_id;    /* 0: none yet */
    int64_t ts_newest;        /* of its trades in the table */
    int64_t day, ts_complete; /* of its merged list of that day; 0: none */
    struct bar bar;           /* not written yet; trades 0: none */
};

static int put_bar(struct showing *s)
{
    int rc = s->bar.trades ? bars_put(&s->rows->bars, &s->bar) : SQLITE_OK;
    s->bar = (struct bar){0};
    return rc;
}

static int look_up(struct showing *s, const struct store_trade *row)
{
    int64_t day = art_day(row->trade.ts_event);
    bool same = s->instrument_id == row->instrument_id;
    int rc = SQLITE_OK;
    if (!same)
        rc = trades_newest(&s->rows->trades, row->instrument_id, &s->ts_newest);
    if (rc == SQLITE_OK && (!same || s->day != day))
        rc = sql_number_of(s->rows->complete,
                           SQL_VALUES(SQL_WHOLE(day), SQL_WHOLE(row->instrument_id)),
                           &s->ts_complete);
    s->instrument_id = row->instrument_id;
    s->day = day;
    return rc;
}

static int add(struct showing *s, const struct store_trade *row)
{
    int rc = trades_add(&s->rows->trades, row);
    if (row->trade.ts_event > s->ts_newest)
        s->ts_newest = row->trade.ts_event;
    if (rc != SQLITE_OK || (s->bar.trades && bar_join(&s->bar, row)))
        return rc;
    rc = put_bar(s);
    s->bar = bar_of(row);
    return rc;
}

/* Whether the merged list or the table has it. */
static int find(const struct showing *s, const struct store_trade *row, bool *known)
{
    int rc = SQLITE_OK;
    *known = row->trade.ts_event <= s->ts_complete;
    if (!*known && s->ts_complete && row->undated)
        rc = find_last_listed(s->rows, row, s->ts_complete, known);
    if (rc == SQLITE_OK && !*known && row->trade.ts_event <= s->ts_newest)
        rc = trades_find(&s->rows->trades, row, known);
    return rc;
}

static int show(struct showing *s, const struct store_trade *row)
{
    bool known;
    int rc = look_up(s, row);
    if (rc == SQLITE_OK)
        rc = find(s, row, &known);
    return rc == SQLITE_OK && !known ? add(s, row) : rc;
}

int tape_rows_show_all(struct tape_rows *rows, const struct store_trade *shown, size_t count)
{
    struct showing showing = {.rows = rows};
    int rc = SQLITE_OK;
    if (rows->given)
        return SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < count; i++)
        rc = show(&showing, &shown[i]);
    return rc == SQLITE_OK ? put_bar(&showing) : rc;
}

int tape_rows_add_only(struct tape_rows *rows, const struct store_trade *row)
{
    return trades_add(&rows->trades, row);
}

int tape_rows_correct(struct tape_rows *rows, int64_t instrument_id,
                      const struct store_correction *to, int64_t number)
{
    int64_t was = trade_minute(to->ts_shown), is = trade_minute(to->ts_event);
    int rc = trades_correct(&rows->trades, instrument_id, to, number);
    return rc == SQLITE_OK && was != is ? bars_recount(&rows->bars, instrument_id, was, number)
                                        : rc;
}

int tape_rows_recount(struct tape_rows *rows, int64_t instrument_id, int64_t ts_minute,
                      int64_t number)
{
    return bars_recount(&rows->bars, instrument_id, ts_minute, number);
}
