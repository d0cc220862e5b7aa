-- When each stream was last known to be alive. That confirms the quotes of all its instruments, so the open interval of
-- a streamed instrument is written when it begins, and goes on to the last proof of its stream.

CREATE TABLE coverage_proof (
    source INTEGER PRIMARY KEY, -- 2 stream, 3 matriz
    ts_to  INTEGER NOT NULL,
    ts_due INTEGER NOT NULL -- the next one is expected before
) STRICT;

-- The open intervals with their ends, which coverage_open has as of their beginning.
CREATE VIEW coverage_present AS
SELECT o.instrument_id,
       o.ts_from,
       max(o.ts_to, ifnull((SELECT p.ts_to FROM coverage_proof p WHERE p.source = o.source), o.ts_to)) AS ts_to,
       max(o.ts_due, ifnull((SELECT p.ts_due FROM coverage_proof p WHERE p.source = o.source), o.ts_due)) AS ts_due,
       o.source
  FROM coverage_open o;

DROP VIEW coverage;
CREATE VIEW coverage AS
SELECT i.market_id AS market,
       i.symbol,
       strftime('%Y-%m-%dT%H:%M:%S', c.ts_from / 1000000000, 'unixepoch')
           || printf('.%03dZ', c.ts_from / 1000000 % 1000) AS from_time,
       strftime('%Y-%m-%dT%H:%M:%S', c.ts_to / 1000000000, 'unixepoch')
           || printf('.%03dZ', c.ts_to / 1000000 % 1000) AS to_time,
       c.ts_from,
       c.ts_to,
       CASE c.source WHEN 1 THEN 'rest' WHEN 2 THEN 'stream' WHEN 3 THEN 'matriz' END AS source,
       c.reason
  FROM coverage_closed c
  JOIN instrument i ON i.id = c.instrument_id
UNION ALL
SELECT i.market_id,
       i.symbol,
       strftime('%Y-%m-%dT%H:%M:%S', c.ts_from / 1000000000, 'unixepoch')
           || printf('.%03dZ', c.ts_from / 1000000 % 1000),
       strftime('%Y-%m-%dT%H:%M:%S', c.ts_to / 1000000000, 'unixepoch')
           || printf('.%03dZ', c.ts_to / 1000000 % 1000),
       c.ts_from,
       c.ts_to,
       CASE c.source WHEN 1 THEN 'rest' WHEN 2 THEN 'stream' WHEN 3 THEN 'matriz' END,
       NULL
  FROM coverage_present c
  JOIN instrument i ON i.id = c.instrument_id;

DROP VIEW gaps;
CREATE VIEW gaps AS
WITH moment (ts) AS (
    SELECT strftime('%s', 'now') * 1000000000
), wanted (instrument_id, ts_watch, date, ts_day, ts_from, ts_to) AS (
    SELECT w.instrument_id, w.ts_from, s.date, s.ts_day, max(w.ts_from, s.ts_open),
           min(coalesce(w.ts_to, m.ts), s.ts_close, m.ts)
      FROM moment m
      CROSS JOIN session s
      JOIN watch w ON w.ts_from < s.ts_close AND coalesce(w.ts_to, m.ts) > s.ts_open
             AND w.ts_from < m.ts
     WHERE s.ts_open < m.ts
       AND NOT EXISTS (SELECT 1
                         FROM segment_session g
                         JOIN instrument_segment i ON i.instrument_id = w.instrument_id
                        WHERE g.date = s.date AND g.segment = i.segment)
    UNION ALL
    SELECT w.instrument_id, w.ts_from, s.date, s.ts_day, max(w.ts_from, s.ts_open),
           min(coalesce(w.ts_to, m.ts), s.ts_close, m.ts)
      FROM moment m
      CROSS JOIN segment_session s
      JOIN watch w ON w.ts_from < s.ts_close AND coalesce(w.ts_to, m.ts) > s.ts_open
             AND w.ts_from < m.ts
      JOIN instrument_segment i ON i.instrument_id = w.instrument_id AND s.segment = i.segment
     WHERE s.ts_open < m.ts AND s.ts_open < s.ts_close
), edge (instrument_id, ts_watch, date, ts_from, ts_to, reason) AS (
    SELECT w.instrument_id, w.ts_watch, w.date, w.ts_from, w.ts_from,
           (SELECT c.reason FROM coverage_closed c
             WHERE c.instrument_id = w.instrument_id AND c.ts_from < w.ts_from
             ORDER BY c.ts_from DESC LIMIT 1)
      FROM wanted w
    UNION ALL
    SELECT w.instrument_id, w.ts_watch, w.date, w.ts_to, w.ts_to, NULL
      FROM wanted w
    UNION ALL
    SELECT w.instrument_id, w.ts_watch, w.date, max(c.ts_from, w.ts_from), min(c.ts_to, w.ts_to), c.reason
      FROM wanted w
      CROSS JOIN coverage_closed c
     WHERE c.instrument_id = w.instrument_id AND c.ts_from >= w.ts_day
       AND c.ts_from < w.ts_to AND c.ts_to > w.ts_from
    UNION ALL
    SELECT w.instrument_id, w.ts_watch, w.date, max(c.ts_from, w.ts_from),
           max(min(iif(c.ts_due > m.ts, m.ts, c.ts_to), w.ts_to), w.ts_from), 'overdue'
      FROM wanted w
      CROSS JOIN moment m
      CROSS JOIN coverage_present c
     WHERE c.instrument_id = w.instrument_id AND c.ts_from < w.ts_to
       AND max(c.ts_to, c.ts_due) > w.ts_from
), span (instrument_id, date, ts_from, ts_to, reason) AS (
    SELECT e.instrument_id, e.date,
           max(e.ts_to) OVER (PARTITION BY e.instrument_id, e.date, e.ts_watch
                              ORDER BY e.ts_from, e.ts_to),
           lead(e.ts_from) OVER (PARTITION BY e.instrument_id, e.date, e.ts_watch
                                 ORDER BY e.ts_from, e.ts_to),
           e.reason
      FROM edge e
)
SELECT i.market_id AS market,
       i.symbol,
       strftime('%Y-%m-%dT%H:%M:%S', g.ts_from / 1000000000, 'unixepoch')
           || printf('.%03dZ', g.ts_from / 1000000 % 1000) AS from_time,
       strftime('%Y-%m-%dT%H:%M:%S', g.ts_to / 1000000000, 'unixepoch')
           || printf('.%03dZ', g.ts_to / 1000000 % 1000) AS to_time,
       g.ts_from,
       g.ts_to,
       (g.ts_to - g.ts_from) / 1e9 AS seconds,
       coalesce(g.reason, 'unseen') AS reason,
       g.date
  FROM span g
  JOIN instrument i ON i.id = g.instrument_id
 WHERE g.ts_to > g.ts_from;
