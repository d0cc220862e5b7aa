-- A database that is filled from a stream of NATS with what recorders have published: then this table has one row,
-- which says how far the stream was read.
CREATE TABLE replica (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    ts_created INTEGER NOT NULL, -- of the stream; 0 = nothing was read yet
    number     INTEGER NOT NULL, -- of the last message of the stream whose content is here
    ts_stored  INTEGER NOT NULL  -- when the stream took that message
) STRICT;

-- What is here of each recorder, by its own numbers, so that nothing is added twice.
CREATE TABLE replica_recorder (
    name   TEXT PRIMARY KEY,
    shown  INTEGER NOT NULL, -- seq of the last change whose trade is here
    listed INTEGER NOT NULL, -- number of the last trade of the broker's lists
    event  INTEGER NOT NULL  -- id of the last event
) STRICT, WITHOUT ROWID;

-- Whose event it is: NULL = of this service; else the name of the recorder that published it.
ALTER TABLE feed_event ADD COLUMN recorder TEXT;

DROP VIEW feed_log;
CREATE VIEW feed_log AS
SELECT strftime('%Y-%m-%dT%H:%M:%S', e.ts / 1000000000, 'unixepoch')
           || printf('.%03dZ', e.ts / 1000000 % 1000) AS time,
       e.ts,
       e.kind,
       e.symbol,
       e.detail,
       k.meaning,
       e.recorder
  FROM feed_event e
  LEFT JOIN event_kind k ON k.kind = e.kind;

-- The trades that are in snapshot_recent and not yet in `trade`, as before. In a replica there are none: its trades
-- are those that the recorder published, because only the recorder knows which ones the broker's lists had.
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
   AND NOT EXISTS (SELECT 1 FROM replica)
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
