#include "store/write/tape_rows.h"

#include "base/clock.h"
#include "store/sql.h"

#include <sqlite3.h>
#include <stddef.h>

static const struct sql_statement statements[] = {
    {offsetof(struct tape_rows, complete),
     "SELECT ts_complete FROM tape_day WHERE day = ?1 AND instrument_id = ?2"},
};

int tape_rows_open(struct tape_rows *rows, sqlite3 *db, struct err *err)
{
    *rows = (struct tape_rows){0};
    int rc = sql_prepare_all(rows, statements, 1, db, err);
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
    sql_finalize_all(rows, statements, 1);
    trades_close(&rows->trades);
    bars_close(&rows->bars);
}

static int find_listed(struct tape_rows *rows, const struct store_trade *row, bool *listed)
{
    int64_t ts = row->trade.ts_event, ts_complete;
    int rc = sql_number_of(rows->complete,
                           SQL_VALUES(SQL_WHOLE(art_day(ts)), SQL_WHOLE(row->instrument_id)),
                           &ts_complete);
    *listed = rc == SQLITE_OK && ts <= ts_complete;
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
