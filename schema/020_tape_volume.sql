-- The volume of our trades and the one that the broker counted, of each instrument and day: the rule for both is
-- here only, for tape_quality and for what the service requests. It has every instrument on every day since the
-- first one with data: join it by instrument_id and day.
CREATE VIEW tape_volume AS
WITH RECURSIVE bounds (first, last) AS (
    SELECT min(day), max(day)
      FROM (SELECT min((ts_day / 1000000000 - 10800) / 86400) AS day FROM session
            UNION ALL SELECT max((ts_day / 1000000000 - 10800) / 86400) FROM session
            UNION ALL SELECT min(day) FROM tape_day
            UNION ALL SELECT max(day) FROM tape_day
            UNION ALL SELECT min(day) FROM tape_wanted
            UNION ALL SELECT max(day) FROM tape_wanted
            UNION ALL SELECT min((ts_from / 1000000000 - 10800) / 86400) FROM watch
            UNION ALL SELECT max((ts_recv / 1000000000 - 10800) / 86400) + 1 FROM quote
            UNION ALL SELECT (strftime('%s', 'now') - 10800) / 86400 + 1)
), period (day, ts_from, ts_to) AS MATERIALIZED (
    SELECT first, (first * 86400 + 10800) * 1000000000, (first * 86400 + 97200) * 1000000000 FROM bounds
    UNION ALL
    SELECT day + 1, ts_to, ts_to + 86400000000000 FROM period WHERE day < (SELECT last FROM bounds)
), shown (instrument_id, day, volume, trades) AS MATERIALIZED (
    SELECT instrument_id, (ts_event / 1000000000 - 10800) / 86400, sum(size), count(*)
      FROM trade_recent
     GROUP BY 1, 2
), counted (instrument_id, day, volume, seq) AS MATERIALIZED (
    SELECT instrument_id, (ts_recv / 1000000000 - 10800) / 86400, coalesce(trade_volume, nominal_volume), max(seq)
      FROM snapshot_recent
     WHERE coalesce(trade_volume, nominal_volume) > 0
       AND ((ts_recv / 1000000 - coalesce(last_ago, 0)) / 1000 - 10800) / 86400
           = (ts_recv / 1000000000 - 10800) / 86400
     GROUP BY 1, 2
)
SELECT i.id AS instrument_id,
       p.day,
       coalesce((SELECT sum(b.volume) FROM bar_1m b
                  WHERE b.instrument_id = i.id AND b.ts_minute >= p.ts_from AND b.ts_minute < p.ts_to), 0.0)
           + coalesce(s.volume, 0.0) AS volume,
       coalesce((SELECT sum(b.trades) FROM bar_1m b
                  WHERE b.instrument_id = i.id AND b.ts_minute >= p.ts_from AND b.ts_minute < p.ts_to), 0)
           + coalesce(s.trades, 0) AS trades,
       -- The broker counts from 0 again some time after the close or before the open.
       coalesce(c.volume,
                (SELECT iif(h.ts_recv - coalesce(h.last_ago, 0) * 1000000 >= p.ts_from,
                            nullif(coalesce(h.trade_volume, h.nominal_volume), 0), NULL)
                   FROM snapshot_history h
                  WHERE h.instrument_id = i.id AND h.ts_recv >= p.ts_from AND h.ts_recv < p.ts_to
                  ORDER BY h.ts_recv DESC, h.seq DESC LIMIT 1),
                (SELECT volume
                   FROM (SELECT h.ts_recv, h.seq, h.last_ago,
                                coalesce(h.trade_volume, h.nominal_volume) AS volume
                           FROM snapshot_history h
                          WHERE h.instrument_id = i.id AND h.ts_recv >= p.ts_from AND h.ts_recv < p.ts_to
                          ORDER BY h.ts_recv DESC, h.seq DESC LIMIT 500) l
                  WHERE l.volume > 0 AND l.ts_recv - coalesce(l.last_ago, 0) * 1000000 >= p.ts_from
                  ORDER BY l.ts_recv DESC, l.seq DESC LIMIT 1)) AS broker_volume
  FROM period p
  JOIN instrument i
  LEFT JOIN shown s ON s.instrument_id = i.id AND s.day = p.day
  LEFT JOIN counted c ON c.instrument_id = i.id AND c.day = p.day;

DROP VIEW tape_quality;
CREATE VIEW tape_quality AS
WITH RECURSIVE merged (day) AS (
    SELECT min(day) FROM tape_day
    UNION ALL
    SELECT (SELECT min(t.day) FROM tape_day t WHERE t.day > m.day) FROM merged m WHERE m.day IS NOT NULL
), known (day) AS MATERIALIZED (
    SELECT (ts_day / 1000000000 - 10800) / 86400 FROM session
    UNION
    SELECT day FROM merged WHERE day IS NOT NULL
)
SELECT market,
       symbol,
       date(day * 86400, 'unixepoch') AS day,
       volume,
       broker_volume,
       CASE WHEN volume >= broker_volume THEN 100.0
            ELSE min(round(100.0 * volume / broker_volume, 2), 99.99)
       END AS percent,
       max(round(broker_volume - volume, 6), 0.0) AS missing,
       strftime('%Y-%m-%dT%H:%M:%S', ts_complete / 1000000000, 'unixepoch')
           || printf('.%03dZ', ts_complete / 1000000 % 1000) AS complete_time,
       ts_complete,
       unlisted
  FROM (SELECT DISTINCT i.market_id AS market, i.symbol, k.day, v.volume, v.broker_volume, d.ts_complete, d.unlisted
          FROM instrument i
          CROSS JOIN known k
          CROSS JOIN tape_volume v ON v.instrument_id = i.id AND v.day = k.day
          LEFT JOIN tape_day d ON d.instrument_id = i.id AND d.day = k.day AND d.ts_merged IS NOT NULL
         WHERE i.ts_recorded IS NOT NULL)
 WHERE volume > 0 OR broker_volume > 0;
