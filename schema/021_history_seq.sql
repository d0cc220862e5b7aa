-- Where the rows of a range of seq are in snapshot_history, which is ordered by instrument and time: for reading in
-- the order of seq. A range is added or extended with each row that is moved there.
CREATE TABLE history_seq (
    part    INTEGER PRIMARY KEY, -- seq / 32768
    seq_to  INTEGER NOT NULL,    -- the highest that is moved
    ts_from INTEGER NOT NULL,    -- these rows have ts_recv in [ts_from, ts_to]
    ts_to   INTEGER NOT NULL
) STRICT;

INSERT INTO history_seq
SELECT seq / 32768, max(seq), min(ts_recv), max(ts_recv) FROM snapshot_history GROUP BY 1;

-- The trades that the broker's lists added or corrected, in the order of that.
CREATE INDEX trade_listed ON trade (seq) WHERE seq < 0;
CREATE INDEX trade_corrected ON trade (corrected) WHERE corrected > 0;
