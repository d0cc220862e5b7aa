-- Trades from the stream of the browser terminal.

DROP VIEW trades;
CREATE VIEW trades AS
SELECT i.market_id AS market,
       i.symbol,
       strftime('%Y-%m-%dT%H:%M:%S', t.ts_event / 1000000000, 'unixepoch')
           || printf('.%03dZ', t.ts_event / 1000000 % 1000) AS event_time,
       t.ts_event,
       t.price,
       t.size,
       CASE t.origin WHEN 1 THEN 'rest' WHEN 2 THEN 'stream' WHEN 3 THEN 'matriz' WHEN 4 THEN 'history' END AS origin,
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
       CASE t.origin WHEN 1 THEN 'rest' WHEN 2 THEN 'stream' WHEN 3 THEN 'matriz' WHEN 4 THEN 'history' END AS origin,
       t.seq
  FROM trade_recent t
  JOIN instrument i ON i.id = t.instrument_id;
