-- Ids of events are never used twice. Without AUTOINCREMENT the next id is one above the highest in the table:
-- when retention deleted the newest event, its id was used again, and the series of exports, which continue by
-- id, left out the new event.

DROP VIEW feed_log;
DROP INDEX feed_event_by_time;
ALTER TABLE feed_event RENAME TO feed_event_v4;

CREATE TABLE feed_event (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    ts     INTEGER NOT NULL,
    kind   TEXT NOT NULL,
    symbol TEXT,
    detail TEXT NOT NULL
) STRICT;

-- Start above the ids in the table and above those that a series has exported and that may be deleted.
INSERT INTO sqlite_sequence (name, seq)
SELECT 'feed_event', max((SELECT coalesce(max(id), 0) FROM feed_event_v4),
                         (SELECT coalesce(max(after), 0) FROM export_mark WHERE table_name = 'events'));

INSERT INTO feed_event SELECT id, ts, kind, symbol, detail FROM feed_event_v4 ORDER BY id;
DROP TABLE feed_event_v4;

CREATE INDEX feed_event_by_time ON feed_event (ts);

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
