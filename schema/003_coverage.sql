-- When each quote was confirmed and by which source (coverage), and when it should have been but was not (gaps).
-- Reasons are kinds of events (table event_kind): feed_log has the details of each event.

CREATE TABLE event_kind (
    kind    TEXT PRIMARY KEY,
    meaning TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX feed_event_by_time ON feed_event (ts);

-- Intervals that have ended. They do not overlap, and are cut at midnight in Argentina.
CREATE TABLE coverage_closed (
    instrument_id INTEGER NOT NULL,
    ts_from       INTEGER NOT NULL,
    ts_to         INTEGER NOT NULL, -- the last confirmation, not the moment the loss was detected
    source        INTEGER NOT NULL, -- 1 rest, 2 stream
    reason        TEXT NOT NULL,
    PRIMARY KEY (instrument_id, ts_from)
) STRICT, WITHOUT ROWID;

-- The open interval of each instrument, at most one; updated every few seconds.
CREATE TABLE coverage_open (
    instrument_id INTEGER PRIMARY KEY,
    ts_from       INTEGER NOT NULL,
    ts_to         INTEGER NOT NULL, -- the last confirmation
    ts_due        INTEGER NOT NULL, -- the next one is expected before
    source        INTEGER NOT NULL
) STRICT;

-- The trading hours by the configuration on that day; no row: not a trading day.
CREATE TABLE session (
    date     TEXT PRIMARY KEY, -- in Argentina
    ts_day   INTEGER NOT NULL, -- its midnight
    ts_open  INTEGER NOT NULL,
    ts_close INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- When an instrument was to be recorded; ts_to is NULL while it still is.
CREATE TABLE watch (
    instrument_id INTEGER NOT NULL,
    ts_from       INTEGER NOT NULL,
    ts_to         INTEGER,
    PRIMARY KEY (instrument_id, ts_from)
) STRICT, WITHOUT ROWID;

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
  FROM coverage_open c
  JOIN instrument i ON i.id = c.instrument_id;

-- The times of a session in which an instrument was to be recorded, minus those that are covered. An open
-- interval counts as covered until its next confirmation is overdue.
CREATE VIEW gaps AS
WITH moment (ts) AS (
    SELECT strftime('%s', 'now') * 1000000000
), wanted (instrument_id, date, ts_day, ts_from, ts_to) AS (
    SELECT w.instrument_id, s.date, s.ts_day, max(w.ts_from, s.ts_open),
           min(coalesce(w.ts_to, m.ts), s.ts_close, m.ts)
      FROM moment m
      CROSS JOIN session s
      JOIN watch w ON w.ts_from < s.ts_close AND coalesce(w.ts_to, m.ts) > s.ts_open
     WHERE s.ts_open < m.ts
), edge (instrument_id, date, ts_from, ts_to, reason) AS (
    SELECT w.instrument_id, w.date, w.ts_from, w.ts_from,
           (SELECT c.reason FROM coverage_closed c
             WHERE c.instrument_id = w.instrument_id AND c.ts_from < w.ts_from
             ORDER BY c.ts_from DESC LIMIT 1)
      FROM wanted w
    UNION ALL
    SELECT w.instrument_id, w.date, w.ts_to, w.ts_to, NULL
      FROM wanted w
    UNION ALL
    SELECT w.instrument_id, w.date, max(c.ts_from, w.ts_from), min(c.ts_to, w.ts_to), c.reason
      FROM wanted w
      CROSS JOIN coverage_closed c
     WHERE c.instrument_id = w.instrument_id AND c.ts_from >= w.ts_day
       AND c.ts_from < w.ts_to AND c.ts_to > w.ts_from
    UNION ALL
    SELECT w.instrument_id, w.date, max(c.ts_from, w.ts_from),
           min(iif(c.ts_due > m.ts, m.ts, c.ts_to), w.ts_to), 'overdue'
      FROM wanted w
      CROSS JOIN moment m
      CROSS JOIN coverage_open c
     WHERE c.instrument_id = w.instrument_id AND c.ts_from < w.ts_to
       AND max(c.ts_to, c.ts_due) > w.ts_from
), span (instrument_id, date, ts_from, ts_to, reason) AS (
    SELECT e.instrument_id, e.date, e.ts_to,
           lead(e.ts_from) OVER (PARTITION BY e.instrument_id, e.date ORDER BY e.ts_from, e.ts_to),
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

DROP VIEW feed_log;
CREATE VIEW feed_log AS
SELECT strftime('%Y-%m-%dT%H:%M:%S', e.ts / 1000000000, 'unixepoch')
           || printf('.%03dZ', e.ts / 1000000 % 1000) AS time,
       e.ts,
       e.kind,
       e.symbol,
       e.detail,
       k.meaning
  FROM feed_event e
  LEFT JOIN event_kind k ON k.kind = e.kind;
