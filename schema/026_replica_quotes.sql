-- A replica has no list of what is to be recorded: all its instruments are recorded, by others.
DROP VIEW quotes;
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
                WHERE w.instrument_id = q.instrument_id AND w.ts_to IS NULL)
           OR EXISTS (SELECT 1 FROM replica) AS recorded
  FROM quote q
  JOIN instrument i ON i.id = q.instrument_id
  LEFT JOIN quote_seen s ON s.instrument_id = q.instrument_id;
