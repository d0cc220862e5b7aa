-- Segments with hours of their own: the row of an instrument's segment takes the place of the row of that date in
-- `session`, also when the segment has no session.

CREATE TABLE segment_session (
    date     TEXT NOT NULL, -- in Argentina
    segment  TEXT NOT NULL COLLATE NOCASE,
    ts_day   INTEGER NOT NULL, -- its midnight
    ts_open  INTEGER NOT NULL,
    ts_close INTEGER NOT NULL, -- the same as ts_open: no session
    PRIMARY KEY (date, segment)
) STRICT, WITHOUT ROWID;

-- As long as no reference data were read, the symbols of BYMA tell their segment.
CREATE VIEW instrument_segment AS
SELECT id AS instrument_id,
       coalesce(nullif(segment, ''), iif(symbol GLOB 'MERV - XMEV - *', 'MERV', NULL)) AS segment
  FROM instrument;

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
      CROSS JOIN coverage_open c
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
