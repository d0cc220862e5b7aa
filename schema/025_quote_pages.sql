-- The present quotes again, in the order of the key. They were inserted in descending order within each transaction,
-- which left their pages half empty, so that each transaction wrote twice as many pages.

CREATE TABLE quote_ordered AS SELECT * FROM quote;

DELETE FROM quote;

INSERT INTO quote SELECT * FROM quote_ordered ORDER BY instrument_id;

DROP TABLE quote_ordered;
