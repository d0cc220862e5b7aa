#include "store/write/bars.h"

#include "store/sql.h"

#include <math.h>
#include <stddef.h>

#define OF_MINUTE                                                                                  \
    "FROM trade WHERE instrument_id = ?1 AND ts_event >= ?2 AND ts_event < ?2 + 60000000000"

static const struct sql_statement statements[] = {
    {offsetof(struct bars, put),
     "INSERT INTO bar_1m (instrument_id, ts_minute, ts_open, ts_close, open, high, low, close, "
     "volume, trades, last_seq, last_listed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
     "?12) ON CONFLICT DO UPDATE SET "
     "open = iif(excluded.ts_open < ts_open, excluded.open, open), "
     "close = iif(excluded.ts_close >= ts_close, excluded.close, close), "
     "high = max(high, excluded.high), low = min(low, excluded.low), "
     "ts_open = min(ts_open, excluded.ts_open), ts_close = max(ts_close, excluded.ts_close), "
     "volume = coalesce(volume + excluded.volume, volume, excluded.volume), "
     "trades = trades + excluded.trades, last_seq = max(last_seq, excluded.last_seq), "
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

/* --- collecting ------------------------------------------------------------------------------- */

struct bar bar_of(const struct store_trade *row)
{
    const struct trade *trade = &row->trade;
    return (struct bar){
        .instrument_id = row->instrument_id,
        .ts_minute = trade_minute(trade->ts_event),
        .ts_open = trade->ts_event,
        .ts_close = trade->ts_event,
        .open = trade->price,
        .high = trade->price,
        .low = trade->price,
        .close = trade->price,
        .volume = trade->size,
        .trades = 1,
        .last_seq = row->seq > 0 ? row->seq : 0,
        .last_listed = row->seq < 0 ? -row->seq : 0,
    };
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* The same rules as in the statement. */
bool bar_join(struct bar *bar, const struct store_trade *row)
{
    const struct bar one = bar_of(row);
    if (one.instrument_id != bar->instrument_id || one.ts_minute != bar->ts_minute)
        return false;
    if (one.ts_open < bar->ts_open) {
        bar->ts_open = one.ts_open;
        bar->open = one.open;
    }
    if (one.ts_close >= bar->ts_close) {
        bar->ts_close = one.ts_close;
        bar->close = one.close;
    }
    bar->high = fmax(bar->high, one.high);
    bar->low = fmin(bar->low, one.low);
    if (isnan(bar->volume))
        bar->volume = one.volume;
    else if (!isnan(one.volume))
        bar->volume += one.volume;
    bar->trades++;
    bar->last_seq = larger(bar->last_seq, one.last_seq);
    bar->last_listed = larger(bar->last_listed, one.last_listed);
    return true;
}

int bars_put(struct bars *bars, const struct bar *bar)
{
    return sql_run(bars->put,
                   SQL_VALUES(SQL_WHOLE(bar->instrument_id), SQL_WHOLE(bar->ts_minute),
                              SQL_WHOLE(bar->ts_open), SQL_WHOLE(bar->ts_close),
                              SQL_REAL(bar->open), SQL_REAL(bar->high), SQL_REAL(bar->low),
                              SQL_REAL(bar->close), SQL_REAL(bar->volume), SQL_WHOLE(bar->trades),
                              SQL_WHOLE(bar->last_seq), SQL_WHOLE(bar->last_listed)));
}

int bars_recount(struct bars *bars, int64_t instrument_id, int64_t ts_minute, int64_t number)
{
    return sql_run(bars->recount,
                   SQL_VALUES(SQL_WHOLE(instrument_id), SQL_WHOLE(ts_minute), SQL_WHOLE(number)));
}
