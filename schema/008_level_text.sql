-- One format for numbers in bids and offers: integers without a decimal point, others as the shortest text that
-- parses to the same value. SQLite prints a REAL with 15 or 17 digits, depending on its version, and 63 as "63.0".
-- Therefore the views print only integers, which are exact in any version, and other numbers are stored as text:
--
--   quote.bids              always the text of all levels, also of a single one
--   snapshot_*.bids  NULL   one level, its price an integer of 1/unit, its size an integer or NULL
--                    5,31,...      the levels from the second on as "distance from the best in 1/unit, size"
--                    "2.5",5,31    the same, preceded by the best level's size when it is not an integer; sizes
--                                  that are not integers are quoted
--                    [[...]]       all levels, when a price is not an integer of 1/unit
--
-- Rows of earlier versions are still printed by SQLite, with 17 digits where 15 are not exact.

UPDATE quote
   SET bids = '[[' ||
          CASE WHEN bid_price IS NULL THEN 'null'
               WHEN abs(bid_price) < 1e15 AND bid_price = CAST(bid_price AS INTEGER) THEN CAST(bid_price AS INTEGER)
               ELSE iif(CAST(printf('%.15g', bid_price) AS REAL) = bid_price, printf('%.15g', bid_price), printf('%!.17g', bid_price))
          END
          || ',' ||
          CASE WHEN bid_size IS NULL THEN 'null'
               WHEN abs(bid_size) < 1e15 AND bid_size = CAST(bid_size AS INTEGER) THEN CAST(bid_size AS INTEGER)
               ELSE iif(CAST(printf('%.15g', bid_size) AS REAL) = bid_size, printf('%.15g', bid_size), printf('%!.17g', bid_size))
          END
          || ']]'
 WHERE bids IS NULL AND bid_price IS NOT NULL;

UPDATE quote
   SET offers = '[[' ||
          CASE WHEN offer_price IS NULL THEN 'null'
               WHEN abs(offer_price) < 1e15 AND offer_price = CAST(offer_price AS INTEGER) THEN CAST(offer_price AS INTEGER)
               ELSE iif(CAST(printf('%.15g', offer_price) AS REAL) = offer_price, printf('%.15g', offer_price), printf('%!.17g', offer_price))
          END
          || ',' ||
          CASE WHEN offer_size IS NULL THEN 'null'
               WHEN abs(offer_size) < 1e15 AND offer_size = CAST(offer_size AS INTEGER) THEN CAST(offer_size AS INTEGER)
               ELSE iif(CAST(printf('%.15g', offer_size) AS REAL) = offer_size, printf('%.15g', offer_size), printf('%!.17g', offer_size))
          END
          || ']]'
 WHERE offers IS NULL AND offer_price IS NOT NULL;

DROP VIEW book;
DROP VIEW quotes;
DROP VIEW snapshots;

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
       q.bids,
       q.offers,
       date(q.close_day * 86400, 'unixepoch') AS close_date,
       date(q.settlement_day * 86400, 'unixepoch') AS settlement_date,
       EXISTS (SELECT 1 FROM watch w
                WHERE w.instrument_id = q.instrument_id AND w.ts_to IS NULL) AS recorded
  FROM quote q
  JOIN instrument i ON i.id = q.instrument_id
  LEFT JOIN quote_seen s ON s.instrument_id = q.instrument_id;

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
            WHEN q.bid_price IS NULL THEN NULL
            WHEN q.bids IS NULL THEN
                 '[[' || iif(typeof(q.bid_price) = 'integer', iif(q.bid_price % q.unit, substr('-', 1, q.bid_price < 0) || (abs(q.bid_price) / q.unit) || '.' || rtrim(substr(abs(q.bid_price) % q.unit + q.unit, 2), '0'), q.bid_price / q.unit),
                             iif(CAST(printf('%.15g', q.bid_price) AS REAL) = q.bid_price, printf('%.15g', q.bid_price), printf('%!.17g', q.bid_price)))
                      || ',' || CASE WHEN q.bid_size IS NULL THEN 'null' WHEN q.bid_size = CAST(q.bid_size AS INTEGER) THEN CAST(q.bid_size AS INTEGER) ELSE iif(CAST(printf('%.15g', q.bid_size) AS REAL) = q.bid_size, printf('%.15g', q.bid_size), printf('%!.17g', q.bid_size)) END || ']]'
            ELSE (SELECT '[' || group_concat(iif(key % 2, coalesce(value, 'null') || ']', '[' || iif(price % q.unit, substr('-', 1, price < 0) || (abs(price) / q.unit) || '.' || rtrim(substr(abs(price) % q.unit + q.unit, 2), '0'), price / q.unit))) || ']'
                    FROM (SELECT key, value, q.bid_price - value AS price
                            FROM json_each('[0,' || iif(q.bids LIKE '"%', '', CASE WHEN q.bid_size IS NULL THEN 'null' WHEN q.bid_size = CAST(q.bid_size AS INTEGER) THEN CAST(q.bid_size AS INTEGER) ELSE iif(CAST(printf('%.15g', q.bid_size) AS REAL) = q.bid_size, printf('%.15g', q.bid_size), printf('%!.17g', q.bid_size)) END || ',') || q.bids || ']')))
       END AS bids,
       CASE WHEN q.offers LIKE '[%' THEN q.offers
            WHEN q.offer_price IS NULL THEN NULL
            WHEN q.offers IS NULL THEN
                 '[[' || iif(typeof(q.offer_price) = 'integer', iif(q.offer_price % q.unit, substr('-', 1, q.offer_price < 0) || (abs(q.offer_price) / q.unit) || '.' || rtrim(substr(abs(q.offer_price) % q.unit + q.unit, 2), '0'), q.offer_price / q.unit),
                             iif(CAST(printf('%.15g', q.offer_price) AS REAL) = q.offer_price, printf('%.15g', q.offer_price), printf('%!.17g', q.offer_price)))
                      || ',' || CASE WHEN q.offer_size IS NULL THEN 'null' WHEN q.offer_size = CAST(q.offer_size AS INTEGER) THEN CAST(q.offer_size AS INTEGER) ELSE iif(CAST(printf('%.15g', q.offer_size) AS REAL) = q.offer_size, printf('%.15g', q.offer_size), printf('%!.17g', q.offer_size)) END || ']]'
            ELSE (SELECT '[' || group_concat(iif(key % 2, coalesce(value, 'null') || ']', '[' || iif(price % q.unit, substr('-', 1, price < 0) || (abs(price) / q.unit) || '.' || rtrim(substr(abs(price) % q.unit + q.unit, 2), '0'), price / q.unit))) || ']'
                    FROM (SELECT key, value, q.offer_price + value AS price
                            FROM json_each('[0,' || iif(q.offers LIKE '"%', '', CASE WHEN q.offer_size IS NULL THEN 'null' WHEN q.offer_size = CAST(q.offer_size AS INTEGER) THEN CAST(q.offer_size AS INTEGER) ELSE iif(CAST(printf('%.15g', q.offer_size) AS REAL) = q.offer_size, printf('%.15g', q.offer_size), printf('%!.17g', q.offer_size)) END || ',') || q.offers || ']')))
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

-- The best level is read from its columns, without parsing the text.
CREATE VIEW book AS
SELECT q.market, q.symbol, 'bid' AS side, l.key + 1 AS level,
       iif(l.key, json_extract(l.value, '$[0]') * 1.0, q.bid_price) AS price,
       iif(l.key, json_extract(l.value, '$[1]') * 1.0, q.bid_size) AS size
  FROM quotes q, json_each(q.bids) l
UNION ALL
SELECT q.market, q.symbol, 'offer', l.key + 1,
       iif(l.key, json_extract(l.value, '$[0]') * 1.0, q.offer_price),
       iif(l.key, json_extract(l.value, '$[1]') * 1.0, q.offer_size)
  FROM quotes q, json_each(q.offers) l;
