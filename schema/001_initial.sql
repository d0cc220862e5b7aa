-- Base tables have singular names and compact columns; views have plural names and are for users.
-- ts_*: INTEGER nanoseconds UTC. NULL: the broker reports no value, or was never asked for it.

CREATE TABLE instrument (
    id         INTEGER PRIMARY KEY,
    market_id  TEXT NOT NULL,
    symbol     TEXT NOT NULL,
    ts_created INTEGER NOT NULL,
    UNIQUE (symbol, market_id)
) STRICT;

-- The current state, written once per batch and instrument.
CREATE TABLE quote (
    instrument_id    INTEGER PRIMARY KEY REFERENCES instrument (id),
    seq              INTEGER NOT NULL,
    source           INTEGER NOT NULL, -- 1 rest, 2 stream, 3 matriz
    ts_recv          INTEGER NOT NULL,
    ts_event         INTEGER,
    bid_price        REAL,
    bid_size         REAL,
    offer_price      REAL,
    offer_size       REAL,
    last_price       REAL,
    last_size        REAL,
    ts_last          INTEGER,
    open_price       REAL,
    high_price       REAL,
    low_price        REAL,
    close_price      REAL,
    close_day        INTEGER, -- days since 1970-01-01: the session of the price
    settlement_price REAL,
    settlement_day   INTEGER,
    open_interest    REAL,
    trade_volume     REAL,
    nominal_volume   REAL,
    effective_volume REAL,
    index_value      REAL,
    auction_price    REAL,
    bids             TEXT, -- all levels as JSON [[price,size],...], best first; NULL when only one
    offers           TEXT
) STRICT;

-- When a source last confirmed the values. Not a column of `quote`, because it changes every few seconds
-- for every instrument, and a thousand of these short rows need far fewer pages than the long rows of `quote`.
CREATE TABLE quote_seen (
    instrument_id INTEGER PRIMARY KEY REFERENCES instrument (id),
    ts_seen       INTEGER NOT NULL
) STRICT;

-- Append-only by seq, without another index. The full state after each accepted change.
CREATE TABLE snapshot_recent (
    seq              INTEGER PRIMARY KEY,
    instrument_id    INTEGER NOT NULL,
    source           INTEGER NOT NULL,
    changed          INTEGER NOT NULL, -- bits: 1 BI, 2 OF, 4 LA, 8 OP, 16 CL, 32 SE, 64 HI, ...
    ts_recv          INTEGER NOT NULL,
    ts_event         INTEGER,
    bid_price        REAL,
    bid_size         REAL,
    offer_price      REAL,
    offer_size       REAL,
    last_price       REAL,
    last_size        REAL,
    ts_last          INTEGER,
    open_price       REAL,
    high_price       REAL,
    low_price        REAL,
    close_price      REAL,
    close_day        INTEGER,
    settlement_price REAL,
    settlement_day   INTEGER,
    open_interest    REAL,
    trade_volume     REAL,
    nominal_volume   REAL,
    effective_volume REAL,
    index_value      REAL,
    auction_price    REAL,
    bids             TEXT,
    offers           TEXT
) STRICT;

CREATE TABLE feed_event (
    id     INTEGER PRIMARY KEY,
    ts     INTEGER NOT NULL,
    kind   TEXT NOT NULL,
    symbol TEXT,
    detail TEXT NOT NULL
) STRICT;

CREATE VIEW quotes AS
SELECT i.market_id AS market,
       i.symbol,
       CASE q.source WHEN 1 THEN 'rest' WHEN 2 THEN 'stream' WHEN 3 THEN 'matriz' END AS source,
       strftime('%Y-%m-%dT%H:%M:%S', max(q.ts_recv, coalesce(s.ts_seen, 0)) / 1000000000, 'unixepoch')
           || printf('.%03dZ', max(q.ts_recv, coalesce(s.ts_seen, 0)) / 1000000 % 1000) AS seen_time,
       strftime('%Y-%m-%dT%H:%M:%S', q.ts_recv / 1000000000, 'unixepoch')
           || printf('.%03dZ', q.ts_recv / 1000000 % 1000) AS recv_time,
       strftime('%Y-%m-%dT%H:%M:%S', q.ts_event / 1000000000, 'unixepoch')
           || printf('.%03dZ', q.ts_event / 1000000 % 1000) AS event_time,
       max(q.ts_recv, coalesce(s.ts_seen, 0)) AS ts_seen,
       q.ts_recv,
       q.ts_event,
       q.seq,
       q.bid_price,
       q.bid_size,
       q.offer_price,
       q.offer_size,
       q.last_price,
       q.last_size,
       strftime('%Y-%m-%dT%H:%M:%S', q.ts_last / 1000000000, 'unixepoch')
           || printf('.%03dZ', q.ts_last / 1000000 % 1000) AS last_time,
       q.ts_last,
       q.open_price,
       q.high_price,
       q.low_price,
       q.close_price,
       q.settlement_price,
       q.open_interest,
       q.trade_volume,
       q.nominal_volume,
       q.effective_volume,
       q.index_value,
       q.auction_price,
       CASE WHEN q.bids IS NOT NULL THEN q.bids
            WHEN q.bid_price IS NOT NULL THEN json_array(json_array(q.bid_price, q.bid_size))
       END AS bids,
       CASE WHEN q.offers IS NOT NULL THEN q.offers
            WHEN q.offer_price IS NOT NULL THEN json_array(json_array(q.offer_price, q.offer_size))
       END AS offers,
       date(q.close_day * 86400, 'unixepoch') AS close_date,
       date(q.settlement_day * 86400, 'unixepoch') AS settlement_date
  FROM quote q
  JOIN instrument i ON i.id = q.instrument_id
  LEFT JOIN quote_seen s ON s.instrument_id = q.instrument_id;

CREATE VIEW snapshots AS
SELECT i.market_id AS market,
       i.symbol,
       CASE q.source WHEN 1 THEN 'rest' WHEN 2 THEN 'stream' WHEN 3 THEN 'matriz' END AS source,
       strftime('%Y-%m-%dT%H:%M:%S', q.ts_recv / 1000000000, 'unixepoch')
           || printf('.%03dZ', q.ts_recv / 1000000 % 1000) AS seen_time,
       strftime('%Y-%m-%dT%H:%M:%S', q.ts_recv / 1000000000, 'unixepoch')
           || printf('.%03dZ', q.ts_recv / 1000000 % 1000) AS recv_time,
       strftime('%Y-%m-%dT%H:%M:%S', q.ts_event / 1000000000, 'unixepoch')
           || printf('.%03dZ', q.ts_event / 1000000 % 1000) AS event_time,
       q.ts_recv AS ts_seen,
       q.ts_recv,
       q.ts_event,
       q.seq,
       q.bid_price,
       q.bid_size,
       q.offer_price,
       q.offer_size,
       q.last_price,
       q.last_size,
       strftime('%Y-%m-%dT%H:%M:%S', q.ts_last / 1000000000, 'unixepoch')
           || printf('.%03dZ', q.ts_last / 1000000 % 1000) AS last_time,
       q.ts_last,
       q.open_price,
       q.high_price,
       q.low_price,
       q.close_price,
       q.settlement_price,
       q.open_interest,
       q.trade_volume,
       q.nominal_volume,
       q.effective_volume,
       q.index_value,
       q.auction_price,
       CASE WHEN q.bids IS NOT NULL THEN q.bids
            WHEN q.bid_price IS NOT NULL THEN json_array(json_array(q.bid_price, q.bid_size))
       END AS bids,
       CASE WHEN q.offers IS NOT NULL THEN q.offers
            WHEN q.offer_price IS NOT NULL THEN json_array(json_array(q.offer_price, q.offer_size))
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
  FROM snapshot_recent q
  JOIN instrument i ON i.id = q.instrument_id;

CREATE VIEW book AS
SELECT q.market, q.symbol, 'bid' AS side, l.key + 1 AS level,
       json_extract(l.value, '$[0]') AS price, json_extract(l.value, '$[1]') AS size
  FROM quotes q, json_each(q.bids) l
UNION ALL
SELECT q.market, q.symbol, 'offer', l.key + 1,
       json_extract(l.value, '$[0]'), json_extract(l.value, '$[1]')
  FROM quotes q, json_each(q.offers) l;

CREATE VIEW feed_log AS
SELECT strftime('%Y-%m-%dT%H:%M:%S', ts / 1000000000, 'unixepoch')
           || printf('.%03dZ', ts / 1000000 % 1000) AS time,
       ts,
       kind,
       symbol,
       detail
  FROM feed_event;
