#include "store/write/trades.h"

#include "store/sql.h"
#include "store/unpack.h"

#include <sqlite3.h>
#include <stddef.h>

#define MEMBER(name) offsetof(struct trades, name)

static const struct sql_statement statements[] = {
    {MEMBER(read_change), "SELECT " TRADES_COLUMNS " FROM snapshot_recent WHERE seq = ?1"},
    {MEMBER(find_newest), "SELECT max(ts_event) FROM trade WHERE instrument_id = ?1"},
    {MEMBER(list_at), "SELECT price, size FROM trade WHERE instrument_id = ?1 AND ts_event = ?2"},
    {MEMBER(add), "INSERT INTO trade (instrument_id, ts_event, seq, price, size, origin, undated) "
                  "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"},
    {MEMBER(correct), "UPDATE trade SET ts_event = ?4, size = ?5, undated = 0, corrected = ?6 "
                      "WHERE instrument_id = ?1 AND ts_event = ?2 AND seq = ?3"},
};
#define STATEMENTS (sizeof(statements) / sizeof(statements[0]))

int trades_open(struct trades *trades, sqlite3 *db, struct err *err)
{
    return sql_prepare_all(trades, statements, STATEMENTS, db, err);
}

void trades_close(struct trades *trades)
{
    sql_finalize_all(trades, statements, STATEMENTS);
}

/* --- the trade of a change -------------------------------------------------------------------- */

static int64_t read_ts(sqlite3_stmt *stmt, int ago_column, int64_t ts_recv)
{
    if (sqlite3_column_type(stmt, ago_column) == SQLITE_NULL)
        return 0;
    return unpack_ts(ts_recv, sqlite3_column_int64(stmt, ago_column));
}

bool trades_shown(sqlite3_stmt *row, struct store_trade *out)
{
    int64_t ts_recv = sqlite3_column_int64(row, 4);
    const struct trade_report report = {
        .changed = (uint32_t)sqlite3_column_int64(row, 2),
        .source = (enum source)sqlite3_column_int(row, 3),
        .ts_recv = ts_recv,
        .ts_event = read_ts(row, 5, ts_recv),
        .ts_last = read_ts(row, 6, ts_recv),
        .price = unpack_price(row, 8, sqlite3_column_int64(row, 7)),
        .size = sql_real(row, 9),
    };
    out->seq = sqlite3_column_int64(row, 0);
    out->instrument_id = sqlite3_column_int64(row, 1);
    out->undated = report.ts_last == 0;
    return trade_shown(&report, &out->trade);
}

int trades_read(struct trades *trades, int64_t seq, struct store_trade *out, bool *shown)
{
    sqlite3_stmt *stmt = trades->read_change;
    sqlite3_bind_int64(stmt, 1, seq);
    int rc = sqlite3_step(stmt);
    *shown = rc == SQLITE_ROW && trades_shown(stmt, out);
    sqlite3_reset(stmt);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* --- a row ------------------------------------------------------------------------------------ */

int trades_newest(struct trades *trades, int64_t instrument_id, int64_t *ts_event)
{
    return sql_number_of(trades->find_newest, SQL_VALUES(SQL_WHOLE(instrument_id)), ts_event);
}

int trades_find(struct trades *trades, const struct store_trade *row, bool *found)
{
    sqlite3_stmt *stmt = trades->list_at;
    struct trade there = {.ts_event = row->trade.ts_event};
    int rc = SQLITE_DONE;
    *found = false;
    sqlite3_bind_int64(stmt, 1, row->instrument_id);
    sqlite3_bind_int64(stmt, 2, row->trade.ts_event);
    while (!*found && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        there.price = sqlite3_column_double(stmt, 0);
        there.size = sql_real(stmt, 1);
        *found = trade_same(&there, &row->trade);
    }
    sqlite3_reset(stmt);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int trades_add(struct trades *trades, const struct store_trade *row)
{
    const struct trade *trade = &row->trade;
    return sql_run(trades->add,
                   SQL_VALUES(SQL_WHOLE(row->instrument_id), SQL_WHOLE(trade->ts_event),
                              SQL_WHOLE(row->seq), SQL_REAL(trade->price), SQL_REAL(trade->size),
                              SQL_WHOLE(trade->origin), SQL_WHOLE(row->undated)));
}

int trades_correct(struct trades *trades, int64_t instrument_id, const struct store_correction *to,
                   int64_t number)
{
    return sql_run(trades->correct,
                   SQL_VALUES(SQL_WHOLE(instrument_id), SQL_WHOLE(to->ts_shown), SQL_WHOLE(to->seq),
                              SQL_WHOLE(to->ts_event), SQL_REAL(to->size), SQL_WHOLE(number)));
}
