-- A database that was deleted or replaced while the service ran is begun anew, and seq goes on: the numbers
-- up to there were given out, and their changes are in another file.
ALTER TABLE ledger ADD COLUMN elsewhere INTEGER NOT NULL DEFAULT 0;
