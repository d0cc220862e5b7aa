#include "store/write/bars.h"

#include "store/sql.h"

#include <stddef.h>

#define OF_MINUTE                                                                                  \
    "FROM trade WHERE instrument_id = ?1 AND ts_event >= ?2 AND ts_event < ?2 + 60000000000"

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
    /* Without a trade: the neutral values of the statement above. */
    {offsetof(struct bars, recount),
     "INSERT OR REPLACE INTO bar_1m (instrument_id, ts_minute, ts_open, ts_close, open, high, low, "
     "close, volume, trades, last_seq, last_listed) SELECT ?1, ?2, "
     "coalesce(min(ts_event), 9223372036854775807), coalesce(max(ts_event), 0), "
     "coalesce((SELECT price " OF_MINUTE " ORDER BY ts_event, seq LIMIT 1), 0), "
     "coalesce(max(price), -9e999), coalesce(min(price), 9e999), "
     "coalesce((SELECT price " OF_MINUTE " ORDER BY ts_event DESC, seq DESC LIMIT 1), 0), "
     "sum(size), count(*), max(coalesce(max(seq), 0), 0), ?3 " OF_MINUTE
     " HAVING count(*) > 0 OR EXISTS (SELECT 1 FROM bar_1m WHERE instrument_id = ?1 "
     "AND ts_minute = ?2)"},
};
#define STATEMENTS (sizeof(statements) / sizeof(statements[0]))

int bars_open(struct bars *bars, struct sqlite3 *db, struct err *err)
{
    return sql_prepare_all(bars, statements, STATEMENTS, db, err);
}

void bars_close(struct bars *bars)
{
    sql_finalize_all(bars, statements, STATEMENTS);
}

int bars_add(struct bars *bars, const struct store_trade *row)
{
    const struct trade *trade = &row->trade;
    return sql_run(bars->add,
                   SQL_VALUES(SQL_WHOLE(row->instrument_id),
                              SQL_WHOLE(trade_minute(trade->ts_event)), SQL_WHOLE(trade->ts_event),
                              SQL_REAL(trade->price), SQL_REAL(trade->size), SQL_WHOLE(row->seq)));
}

int bars_recount(struct bars *bars, int64_t instrument_id, int64_t ts_minute, int64_t number)
{
    return sql_run(bars->recount,
                   SQL_VALUES(SQL_WHOLE(instrument_id), SQL_WHOLE(ts_minute), SQL_WHOLE(number)));
}
