-- quotes.recorded: whether the service's configuration still selects the instrument.

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
       CASE WHEN q.bids IS NOT NULL THEN q.bids
            WHEN q.bid_price IS NOT NULL THEN json_array(json_array(q.bid_price, q.bid_size))
       END AS bids,
       CASE WHEN q.offers IS NOT NULL THEN q.offers
            WHEN q.offer_price IS NOT NULL THEN json_array(json_array(q.offer_price, q.offer_size))
       END AS offers,
       date(q.close_day * 86400, 'unixepoch') AS close_date,
       date(q.settlement_day * 86400, 'unixepoch') AS settlement_date,
       EXISTS (SELECT 1 FROM watch w
                WHERE w.instrument_id = q.instrument_id AND w.ts_to IS NULL) AS recorded
  FROM quote q
  JOIN instrument i ON i.id = q.instrument_id
  LEFT JOIN quote_seen s ON s.instrument_id = q.instrument_id;

-- For databases from before `watch`: all count as recorded until the service writes the list.
INSERT INTO watch (instrument_id, ts_from)
SELECT q.instrument_id, strftime('%s', 'now') * 1000000000
  FROM quote q
 WHERE NOT EXISTS (SELECT 1 FROM watch);
