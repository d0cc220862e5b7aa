-- The trades of these instruments and days are wanted by the user (`cinta backfill`): the broker's list of each is
-- requested, also when nothing seems to be missing, unless one was merged after ts_asked (tape_day.ts_merged).
CREATE TABLE tape_wanted (
    day           INTEGER NOT NULL, -- days since 1970-01-01, in Argentina
    instrument_id INTEGER NOT NULL,
    ts_asked      INTEGER NOT NULL, -- ns UTC
    PRIMARY KEY (day, instrument_id)
) STRICT, WITHOUT ROWID;
