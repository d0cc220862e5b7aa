-- Snapshots in two tables with the same columns: snapshot_recent for new rows (append-only by seq, cheap to
-- write) and snapshot_history (clustered by instrument and time, cheap to read). A row is in exactly one.
--
-- Prices are integers in units of 1/unit, where unit is a power of ten: half the bytes, and
-- value * 1.0 / unit is exactly the double that was received. Other prices are stored as REAL.
-- bids, offers: the levels from the second on as "distance from the best in 1/unit, size, ...", or all
-- levels as JSON where that is not exact; NULL when there is only one.

ALTER TABLE snapshot_recent RENAME TO snapshot_v1;

CREATE TABLE snapshot_recent (
    seq              INTEGER PRIMARY KEY,
    instrument_id    INTEGER NOT NULL,
    ts_recv          INTEGER NOT NULL,
    source           INTEGER NOT NULL, -- 1 rest, 2 stream, 3 matriz
    changed          INTEGER NOT NULL, -- bits: 1 BI, 2 OF, 4 LA, 8 OP, 16 CL, 32 SE, 64 HI, ...
    event_ago        INTEGER, -- milliseconds from ts_event to ts_recv, both in whole milliseconds
    last_ago         INTEGER, -- the same from ts_last
    unit             INTEGER NOT NULL,
    bid_price        ANY,
    bid_size         REAL,
    offer_price      ANY,
    offer_size       REAL,
    last_price       ANY,
    last_size        REAL,
    open_price       ANY,
    high_price       ANY,
    low_price        ANY,
    close_price      ANY,
    close_day        INTEGER,
    settlement_price ANY,
    settlement_day   INTEGER,
    open_interest    REAL,
    trade_volume     REAL,
    nominal_volume   REAL,
    effective_volume ANY,
    index_value      ANY,
    auction_price    ANY,
    bids             TEXT,
    offers           TEXT
) STRICT;

CREATE TABLE snapshot_history (
    seq              INTEGER NOT NULL,
    instrument_id    INTEGER NOT NULL,
    ts_recv          INTEGER NOT NULL,
    source           INTEGER NOT NULL,
    changed          INTEGER NOT NULL,
    event_ago        INTEGER,
    last_ago         INTEGER,
    unit             INTEGER NOT NULL,
    bid_price        ANY,
    bid_size         REAL,
    offer_price      ANY,
    offer_size       REAL,
    last_price       ANY,
    last_size        REAL,
    open_price       ANY,
    high_price       ANY,
    low_price        ANY,
    close_price      ANY,
    close_day        INTEGER,
    settlement_price ANY,
    settlement_day   INTEGER,
    open_interest    REAL,
    trade_volume     REAL,
    nominal_volume   REAL,
    effective_volume ANY,
    index_value      ANY,
    auction_price    ANY,
    bids             TEXT,
    offers           TEXT,
    PRIMARY KEY (instrument_id, ts_recv, seq)
) STRICT, WITHOUT ROWID;

DROP VIEW snapshots;

INSERT INTO snapshot_recent
SELECT seq, instrument_id, ts_recv, source, changed,
       ts_recv / 1000000 - ts_event / 1000000, ts_recv / 1000000 - ts_last / 1000000, 1,
       bid_price, bid_size, offer_price, offer_size, last_price, last_size, open_price, high_price,
       low_price, close_price, close_day, settlement_price, settlement_day, open_interest,
       trade_volume, nominal_volume, effective_volume, index_value, auction_price, bids, offers
  FROM snapshot_v1
 ORDER BY seq;

DROP TABLE snapshot_v1;

-- The counts that the other tables must match: checked by `cinta verify`. One row, updated in each transaction.
CREATE TABLE ledger (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    last_seq   INTEGER NOT NULL, -- the highest that was assigned and is accounted for
    written    INTEGER NOT NULL, -- snapshots since the file was created
    dropped    INTEGER NOT NULL, -- got a seq, and were lost when the backlog was full
    trimmed    INTEGER NOT NULL, -- deleted by retention
    ts_trimmed INTEGER NOT NULL DEFAULT 0 -- of older data, only the current state must exist
) STRICT;

INSERT INTO ledger (id, last_seq, written, dropped, trimmed)
SELECT 1, coalesce(max(seq), 0), count(*), coalesce(max(seq), 0) - count(*), 0 FROM snapshot_recent;

-- Size of the database without free pages and the -wal: the first and the last measurement of each day.
CREATE TABLE size_day (
    ts_day     INTEGER PRIMARY KEY, -- midnight in Argentina
    ts_from    INTEGER NOT NULL,
    bytes_from INTEGER NOT NULL,
    ts_to      INTEGER NOT NULL,
    bytes_to   INTEGER NOT NULL
) STRICT;

-- Each trade once, taken from the last-trade entry when its snapshot moves to history.
CREATE TABLE trade (
    instrument_id INTEGER NOT NULL,
    ts_event      INTEGER NOT NULL,
    seq           INTEGER NOT NULL, -- the first snapshot that shows it
    price         REAL NOT NULL,
    size          REAL,
    origin        INTEGER NOT NULL, -- 1 rest, 2 stream, 4 history
    PRIMARY KEY (instrument_id, ts_event, seq)
) STRICT, WITHOUT ROWID;

-- One-minute bars of the rows in `trade`, updated with each of them, in any order.
CREATE TABLE bar_1m (
    instrument_id INTEGER NOT NULL,
    ts_minute     INTEGER NOT NULL,
    ts_open       INTEGER NOT NULL, -- times of its first and last trade
    ts_close      INTEGER NOT NULL,
    open          REAL NOT NULL,
    high          REAL NOT NULL,
    low           REAL NOT NULL,
    close         REAL NOT NULL,
    volume        REAL,
    trades        INTEGER NOT NULL,
    PRIMARY KEY (instrument_id, ts_minute)
) STRICT, WITHOUT ROWID;

-- The inner query is a UNION ALL of two SELECTs, each with its own join, so that a query for one symbol and a
-- time range reads only that part of snapshot_history. The outer one has the expensive expressions, which are
-- computed only for the columns that a query names.
CREATE VIEW snapshots AS
SELECT q.market,
       q.symbol,
       CASE q.source WHEN 1 THEN 'rest' WHEN 2 THEN 'stream' WHEN 3 THEN 'matriz' END AS source,
       strftime('%Y-%m-%dT%H:%M:%S', q.ts_recv / 1000000000, 'unixepoch')
           || printf('.%03dZ', q.ts_recv / 1000000 % 1000) AS seen_time,
       strftime('%Y-%m-%dT%H:%M:%S', q.ts_recv / 1000000000, 'unixepoch')
           || printf('.%03dZ', q.ts_recv / 1000000 % 1000) AS recv_time,
       strftime('%Y-%m-%dT%H:%M:%S', (q.ts_recv / 1000000 - q.event_ago) / 1000, 'unixepoch')
           || printf('.%03dZ', (q.ts_recv / 1000000 - q.event_ago) % 1000) AS event_time,
       q.ts_recv AS ts_seen,
       q.ts_recv,
       (q.ts_recv / 1000000 - q.event_ago) * 1000000 AS ts_event,
       q.seq,
       iif(typeof(q.bid_price) = 'integer', q.bid_price * 1.0 / q.unit, q.bid_price) AS bid_price,
       q.bid_size,
       iif(typeof(q.offer_price) = 'integer', q.offer_price * 1.0 / q.unit, q.offer_price) AS offer_price,
       q.offer_size,
       iif(typeof(q.last_price) = 'integer', q.last_price * 1.0 / q.unit, q.last_price) AS last_price,
       q.last_size,
       strftime('%Y-%m-%dT%H:%M:%S', (q.ts_recv / 1000000 - q.last_ago) / 1000, 'unixepoch')
           || printf('.%03dZ', (q.ts_recv / 1000000 - q.last_ago) % 1000) AS last_time,
       (q.ts_recv / 1000000 - q.last_ago) * 1000000 AS ts_last,
       iif(typeof(q.open_price) = 'integer', q.open_price * 1.0 / q.unit, q.open_price) AS open_price,
       iif(typeof(q.high_price) = 'integer', q.high_price * 1.0 / q.unit, q.high_price) AS high_price,
       iif(typeof(q.low_price) = 'integer', q.low_price * 1.0 / q.unit, q.low_price) AS low_price,
       iif(typeof(q.close_price) = 'integer', q.close_price * 1.0 / q.unit, q.close_price) AS close_price,
       iif(typeof(q.settlement_price) = 'integer', q.settlement_price * 1.0 / q.unit, q.settlement_price) AS settlement_price,
       q.open_interest,
       q.trade_volume,
       q.nominal_volume,
       iif(typeof(q.effective_volume) = 'integer', q.effective_volume * 1.0 / q.unit, q.effective_volume) AS effective_volume,
       iif(typeof(q.index_value) = 'integer', q.index_value * 1.0 / q.unit, q.index_value) AS index_value,
       iif(typeof(q.auction_price) = 'integer', q.auction_price * 1.0 / q.unit, q.auction_price) AS auction_price,
       CASE WHEN q.bids LIKE '[%' THEN q.bids
            WHEN q.bid_price IS NOT NULL THEN
                 (SELECT '[' || group_concat(iif(key % 2, coalesce(value, 'null') || ']',
                                                 '[' || (iif(typeof(q.bid_price) = 'integer', (q.bid_price - value) * 1.0 / q.unit, q.bid_price)))) || ']'
                    FROM json_each('[0,' || coalesce(q.bid_size, 'null') || coalesce(',' || q.bids, '') || ']'))
       END AS bids,
       CASE WHEN q.offers LIKE '[%' THEN q.offers
            WHEN q.offer_price IS NOT NULL THEN
                 (SELECT '[' || group_concat(iif(key % 2, coalesce(value, 'null') || ']',
                                                 '[' || (iif(typeof(q.offer_price) = 'integer', (q.offer_price + value) * 1.0 / q.unit, q.offer_price)))) || ']'
                    FROM json_each('[0,' || coalesce(q.offer_size, 'null') || coalesce(',' || q.offers, '') || ']'))
       END AS offers,
       ltrim(iif(q.changed & 1, ',BI', '') || iif(q.changed & 2, ',OF', '')
          || iif(q.changed & 4, ',LA', '') || iif(q.changed & 8, ',OP', '')
          || iif(q.changed & 16, ',CL', '') || iif(q.changed & 32, ',SE', '')
          || iif(q.changed & 64, ',HI', '') || iif(q.changed & 128, ',LO', '')
          || iif(q.changed & 256, ',TV', '') || iif(q.changed & 512, ',OI', '')
          || iif(q.changed & 1024, ',EV', '') || iif(q.changed & 2048, ',NV', '')
          || iif(q.changed & 4096, ',IV', '') || iif(q.changed & 8192, ',ACP', ''), ',') AS changed,
       date(q.close_day * 86400, 'unixepoch') AS close_date,
       date(q.settlement_day * 86400, 'unixepoch') AS settlement_date
  FROM (SELECT i.market_id AS market, i.symbol, q.seq, q.instrument_id, q.ts_recv, q.source, q.changed, q.event_ago, q.last_ago, q.unit,
               q.bid_price, q.bid_size, q.offer_price, q.offer_size, q.last_price, q.last_size,
               q.open_price, q.high_price, q.low_price, q.close_price, q.close_day,
               q.settlement_price, q.settlement_day, q.open_interest, q.trade_volume,
               q.nominal_volume, q.effective_volume, q.index_value, q.auction_price, q.bids, q.offers
          FROM snapshot_history q
          JOIN instrument i ON i.id = q.instrument_id
        UNION ALL
        SELECT i.market_id, i.symbol, q.seq, q.instrument_id, q.ts_recv, q.source, q.changed, q.event_ago, q.last_ago, q.unit,
               q.bid_price, q.bid_size, q.offer_price, q.offer_size, q.last_price, q.last_size,
               q.open_price, q.high_price, q.low_price, q.close_price, q.close_day,
               q.settlement_price, q.settlement_day, q.open_interest, q.trade_volume,
               q.nominal_volume, q.effective_volume, q.index_value, q.auction_price, q.bids, q.offers
          FROM snapshot_recent q
          JOIN instrument i ON i.id = q.instrument_id) q;

-- The trades that are in snapshot_recent and not yet in `trade`.
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
 GROUP BY 1, 2, 4, 5;

CREATE VIEW trades AS
SELECT i.market_id AS market,
       i.symbol,
       strftime('%Y-%m-%dT%H:%M:%S', t.ts_event / 1000000000, 'unixepoch')
           || printf('.%03dZ', t.ts_event / 1000000 % 1000) AS event_time,
       t.ts_event,
       t.price,
       t.size,
       CASE t.origin WHEN 1 THEN 'rest' WHEN 2 THEN 'stream' WHEN 4 THEN 'history' END AS origin,
       t.seq
  FROM trade t
  JOIN instrument i ON i.id = t.instrument_id
UNION ALL
SELECT i.market_id AS market,
       i.symbol,
       strftime('%Y-%m-%dT%H:%M:%S', t.ts_event / 1000000000, 'unixepoch')
           || printf('.%03dZ', t.ts_event / 1000000 % 1000) AS event_time,
       t.ts_event,
       t.price,
       t.size,
       CASE t.origin WHEN 1 THEN 'rest' WHEN 2 THEN 'stream' WHEN 4 THEN 'history' END AS origin,
       t.seq
  FROM trade_recent t
  JOIN instrument i ON i.id = t.instrument_id;

-- One-minute bars of those trades. The first and the last price are the min() and max() of a text that begins
-- with time and seq.
CREATE VIEW bar_recent AS
SELECT instrument_id,
       ts_event / 60000000000 * 60000000000 AS ts_minute,
       min(ts_event) AS ts_open,
       max(ts_event) AS ts_close,
       CAST(substr(min(printf('%020d%020d%!.17g', ts_event, seq, price)), 41) AS REAL) AS open,
       max(price) AS high,
       min(price) AS low,
       CAST(substr(max(printf('%020d%020d%!.17g', ts_event, seq, price)), 41) AS REAL) AS close,
       sum(size) AS volume,
       count(*) AS trades
  FROM trade_recent
 GROUP BY 1, 2;

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

-- Numbers from JSON may be integers; * 1.0 makes them REAL, so that dividing them is not an integer division.
DROP VIEW book;
CREATE VIEW book AS
SELECT q.market, q.symbol, 'bid' AS side, l.key + 1 AS level,
       json_extract(l.value, '$[0]') * 1.0 AS price, json_extract(l.value, '$[1]') * 1.0 AS size
  FROM quotes q, json_each(q.bids) l
UNION ALL
SELECT q.market, q.symbol, 'offer', l.key + 1,
       json_extract(l.value, '$[0]') * 1.0, json_extract(l.value, '$[1]') * 1.0
  FROM quotes q, json_each(q.offers) l;
