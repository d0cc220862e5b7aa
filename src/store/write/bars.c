#include "store/write/bars.h"

#include "store/sql.h"

#include <stddef.h>

static const struct sql_statement statements[] = {
    {offsetof(struct bars, add),
     "INSERT INTO bar_1m (instrument_id, ts_minute, ts_open, ts_close, open, high, low, close, "
     "volume, trades, last_seq, last_listed) VALUES (?1, ?2, ?3, ?3, ?4, ?4, ?4, ?4, ?5, 1, "
     "max(?6, 0), max(-?6, 0)) ON CONFLICT DO UPDATE SET "
     "open = iif(excluded.ts_open < ts_open, excluded.open, open), "
     "close = iif(excluded.ts_close >= ts_close, excluded.close, close), "
     "high = max(high, excluded.high), low = min(low, excluded.low), "
     "ts_open = min(ts_open, excluded.ts_open), ts_close = max(ts_close, excluded.ts_close), "
     "volume = coalesce(volume + excluded.volume, volume, excluded.volume), trades = trades + 1, "
     "last_seq = max(last_seq, excluded.last_seq), "
     "last_listed = max(last_listed, excluded.last_listed)"},
};

int bars_open(struct bars *bars, struct sqlite3 *db, struct err *err)
{
    return sql_prepare_all(bars, statements, 1, db, err);
}

void bars_close(struct bars *bars)
{
    sql_finalize_all(bars, statements, 1);
}

int bars_add(struct bars *bars, const struct store_trade *row)
{
    const struct trade *trade = &row->trade;
    return sql_run(bars->add,
                   SQL_VALUES(SQL_WHOLE(row->instrument_id),
                              SQL_WHOLE(trade_minute(trade->ts_event)), SQL_WHOLE(trade->ts_event),
                              SQL_REAL(trade->price), SQL_REAL(trade->size), SQL_WHOLE(row->seq)));
}
