-- How far the files of each `cinta export --since-last NAME` reach. Moved once they are all on the disk.
CREATE TABLE export_mark (
    name       TEXT NOT NULL,
    table_name TEXT NOT NULL,    -- snapshots, trades, bars, events, coverage
    after      INTEGER NOT NULL, -- exported up to this: seq; id of events; ns (exclusive) of bars, coverage
    ts_after   INTEGER NOT NULL, -- about when that was: what is a day older need not be looked at
    part       INTEGER NOT NULL, -- the number of the next part
    PRIMARY KEY (name, table_name)
) STRICT, WITHOUT ROWID;
