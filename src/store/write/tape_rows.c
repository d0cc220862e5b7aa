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
    *rows = (struct tape_rows){0};
    int rc = sql_prepare_all(rows, statements, STATEMENTS, db, err);
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

static int find_listed(struct tape_rows *rows, const struct store_trade *row, bool *listed)
{
    int64_t ts = row->trade.ts_event, ts_complete = 0;
    int rc = sql_number_of(rows->complete,
                           SQL_VALUES(SQL_WHOLE(art_day(ts)), SQL_WHOLE(row->instrument_id)),
                           &ts_complete);
    *listed = rc == SQLITE_OK && ts <= ts_complete;
    if (rc == SQLITE_OK && ts_complete && !*listed && row->undated)
        rc = find_last_listed(rows, row, ts_complete, listed);
    return rc;
}

int tape_rows_show(struct tape_rows *rows, int64_t seq)
{
    struct store_trade row;
    bool shown, listed = false, known = false;
    int rc = trades_read(&rows->trades, seq, &row, &shown);
    if (rc == SQLITE_OK && shown)
        rc = find_listed(rows, &row, &listed);
    if (rc == SQLITE_OK && shown && !listed)
        rc = trades_find(&rows->trades, &row, &known);
    return rc == SQLITE_OK && shown && !listed && !known ? tape_rows_add(rows, &row) : rc;
}

int tape_rows_add(struct tape_rows *rows, const struct store_trade *row)
{
    int rc = trades_add(&rows->trades, row);
    return rc == SQLITE_OK ? bars_add(&rows->bars, row) : rc;
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
