-- A trade that was recorded without a size, or without a time of its own, gets both from the broker's list.

ALTER TABLE trade ADD COLUMN undated INTEGER NOT NULL DEFAULT 0;   -- 1: ts_event is when it was reported
ALTER TABLE trade ADD COLUMN corrected INTEGER NOT NULL DEFAULT 0; -- the number of that (ledger.listed); 0: never

-- The trades that are in snapshot_recent and not yet in `trade`. What a change shows up to ts_complete is in the
-- list, although its time may be another one there. Without a time of its own, a trade may be the last one of the
-- list: one with the same price and size among those of its last 5 s.
DROP VIEW trade_recent;
CREATE VIEW trade_recent AS
SELECT q.instrument_id,
       (q.ts_recv / 1000000 - coalesce(q.last_ago, q.event_ago, 0)) * 1000000 AS ts_event,
       min(q.seq) AS seq,
       iif(typeof(q.last_price) = 'integer', q.last_price * 1.0 / q.unit, q.last_price) AS price,
       q.last_size AS size,
       q.source AS origin
  FROM snapshot_recent q
 WHERE q.changed & 4
   AND q.last_price IS NOT NULL
   AND NOT EXISTS (SELECT 1
                     FROM trade t
                    WHERE t.instrument_id = q.instrument_id
                      AND t.ts_event = (q.ts_recv / 1000000 - coalesce(q.last_ago, q.event_ago, 0)) * 1000000
                      AND t.price = iif(typeof(q.last_price) = 'integer', q.last_price * 1.0 / q.unit, q.last_price)
                      AND t.size IS q.last_size)
   AND NOT EXISTS (SELECT 1
                     FROM tape_day d
                    WHERE d.day = (q.ts_recv / 1000000 - coalesce(q.last_ago, q.event_ago, 0) - 10800000) / 86400000
                      AND d.instrument_id = q.instrument_id
                      AND (d.ts_complete >= (q.ts_recv / 1000000 - coalesce(q.last_ago, q.event_ago, 0)) * 1000000
                           OR q.last_ago IS NULL AND EXISTS (
                              SELECT 1
                                FROM trade t
                               WHERE t.instrument_id = q.instrument_id
                                 AND t.ts_event <= d.ts_complete
                                 AND t.ts_event >= (SELECT max(n.ts_event) - 5000000000
                                                      FROM trade n
                                                     WHERE n.instrument_id = q.instrument_id
                                                       AND n.ts_event <= d.ts_complete)
                                 AND t.price = iif(typeof(q.last_price) = 'integer',
                                                   q.last_price * 1.0 / q.unit, q.last_price)
                                 AND coalesce(t.size = q.last_size, true))))
 GROUP BY 1, 2, 4, 5;

-- A bar whose only trades got a time in another minute stays in bar_1m with trades = 0, so that a series of exports
-- can say so. Its other values are the neutral ones of min() and max().
DROP VIEW bars_1m;
CREATE VIEW bars_1m AS
SELECT i.market_id AS market,
       i.symbol,
       strftime('%Y-%m-%dT%H:%M:00Z', b.ts_minute / 1000000000, 'unixepoch') AS minute,
       b.ts_minute,
       iif(r.ts_open < b.ts_open, r.open, b.open) AS open,
       max(b.high, coalesce(r.high, b.high)) AS high,
       min(b.low, coalesce(r.low, b.low)) AS low,
       iif(r.ts_close >= b.ts_close, r.close, b.close) AS close,
       coalesce(b.volume + r.volume, b.volume, r.volume) AS volume,
       b.trades + coalesce(r.trades, 0) AS trades
  FROM bar_1m b
  JOIN instrument i ON i.id = b.instrument_id
  LEFT JOIN bar_recent r ON r.instrument_id = b.instrument_id AND r.ts_minute = b.ts_minute
 WHERE b.trades + coalesce(r.trades, 0) > 0
UNION ALL
SELECT i.market_id,
       i.symbol,
       strftime('%Y-%m-%dT%H:%M:00Z', r.ts_minute / 1000000000, 'unixepoch'),
       r.ts_minute,
       r.open,
       r.high,
       r.low,
       r.close,
       r.volume,
       r.trades
  FROM bar_recent r
  JOIN instrument i ON i.id = r.instrument_id
 WHERE NOT EXISTS (SELECT 1
                     FROM bar_1m b
                    WHERE b.instrument_id = r.instrument_id AND b.ts_minute = r.ts_minute);
