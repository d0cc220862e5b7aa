-- The broker's list of a day's trades, merged into `trade`: the rows with origin 4 are those that the changes
-- had not shown. Their seq is negative: -1, -2, ... in the order of adding, over all instruments.

ALTER TABLE ledger ADD COLUMN listed INTEGER NOT NULL DEFAULT 0; -- the highest of those numbers, without its sign

CREATE TABLE tape_day (
    day           INTEGER NOT NULL, -- days since 1970-01-01, in Argentina
    instrument_id INTEGER NOT NULL,
    ts_complete   INTEGER NOT NULL, -- `trade` has every trade of that day up to this time, once ts_merged is set
    ts_merged     INTEGER,          -- when the merge ended; NULL: it was begun, and must be repeated
    listed        INTEGER NOT NULL, -- trades in the list up to ts_complete
    unlisted      INTEGER NOT NULL, -- trades of ours up to that time that the list does not have
    PRIMARY KEY (day, instrument_id)
) STRICT, WITHOUT ROWID;

-- The trades that are in snapshot_recent and not yet in `trade`. What a change shows up to ts_complete is in the
-- list, although its time may be another one there.
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
                      AND d.ts_complete >= (q.ts_recv / 1000000 - coalesce(q.last_ago, q.event_ago, 0)) * 1000000)
 GROUP BY 1, 2, 4, 5;
