-- When a database is deleted or replaced while the service runs, it is created again and seq continues: the
-- numbers up to there were assigned, but their changes are in another file. elsewhere counts those numbers.
ALTER TABLE ledger ADD COLUMN elsewhere INTEGER NOT NULL DEFAULT 0;
