-- The broker's segments, of which an account may see no instruments.

CREATE TABLE segment (
    market_id  TEXT NOT NULL,
    segment    TEXT NOT NULL,
    ts_created INTEGER NOT NULL, -- when a list of segments had it first
    ts_listed  INTEGER NOT NULL, -- when one last had it
    listed     INTEGER NOT NULL, -- 1: the last one has it; 0: not any more
    PRIMARY KEY (market_id, segment)
) STRICT, WITHOUT ROWID;

-- Those of the instruments too, in case that the broker does not list its segments.
CREATE VIEW segments AS
WITH named AS (
    SELECT market_id, segment FROM segment
    UNION
    SELECT market_id, segment FROM instrument WHERE segment IS NOT NULL
),
counted AS (
    SELECT i.market_id, i.segment, sum(i.listed = 1) AS instruments, count(w.instrument_id) AS recorded
      FROM instrument i LEFT JOIN watch w ON w.instrument_id = i.id AND w.ts_to IS NULL
     WHERE i.segment IS NOT NULL
     GROUP BY i.market_id, i.segment
)
SELECT n.market_id AS market,
       n.segment,
       s.listed,
       coalesce(c.instruments, 0) AS instruments,
       coalesce(c.recorded, 0) AS recorded,
       strftime('%Y-%m-%dT%H:%M:%S', s.ts_created / 1000000000, 'unixepoch')
           || printf('.%03dZ', s.ts_created / 1000000 % 1000) AS first_seen_time,
       strftime('%Y-%m-%dT%H:%M:%S', s.ts_listed / 1000000000, 'unixepoch')
           || printf('.%03dZ', s.ts_listed / 1000000 % 1000) AS last_seen_time,
       s.ts_created AS ts_first_seen,
       s.ts_listed AS ts_last_seen
  FROM named n
  LEFT JOIN segment s ON s.market_id = n.market_id AND s.segment = n.segment
  LEFT JOIN counted c ON c.market_id = n.market_id AND c.segment = n.segment;
