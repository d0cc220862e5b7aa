-- How far each series `cinta export --since-last NAME` has exported. Updated after all files are on the disk.
CREATE TABLE export_mark (
    name       TEXT NOT NULL,
    table_name TEXT NOT NULL,    -- snapshots, trades, bars, events, coverage
    after      INTEGER NOT NULL, -- exported up to this: seq; id of events; ns (exclusive) of bars, coverage
    ts_after   INTEGER NOT NULL, -- its approximate time: rows a day older need not be read
    part       INTEGER NOT NULL, -- the number of the next part
    PRIMARY KEY (name, table_name)
) STRICT, WITHOUT ROWID;
