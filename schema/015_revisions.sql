-- What a series of exports has not exported yet, also of past days: trades of the broker's list by their number,
-- and one-minute bars by the last trade of each kind that changed them.

ALTER TABLE bar_1m ADD COLUMN last_seq INTEGER NOT NULL DEFAULT 0;    -- the highest seq of its trades
ALTER TABLE bar_1m ADD COLUMN last_listed INTEGER NOT NULL DEFAULT 0; -- the same of the broker's list, without sign

ALTER TABLE export_mark ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;    -- bars: trades up to this seq are in them
ALTER TABLE export_mark ADD COLUMN listed INTEGER NOT NULL DEFAULT 0; -- trades, bars: the same of the broker's list

DROP VIEW bar_recent;
CREATE VIEW bar_recent AS
SELECT instrument_id,
       ts_event / 60000000000 * 60000000000 AS ts_minute,
       min(ts_event) AS ts_open,
       max(ts_event) AS ts_close,
       CAST(substr(min(printf('%020d%020d%!.17g', ts_event, seq, price)), 41) AS REAL) AS open,
       max(price) AS high,
       min(price) AS low,
       CAST(substr(max(printf('%020d%020d%!.17g', ts_event, seq, price)), 41) AS REAL) AS close,
       sum(size) AS volume,
       count(*) AS trades,
       max(seq) AS last_seq
  FROM trade_recent
 GROUP BY 1, 2;
