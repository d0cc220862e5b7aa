-- Reference data: the table `instrument` has all instruments of the broker's list, not only the recorded ones.
-- NULL: the broker does not say, or its list was never read. A value that a later list lacks is kept.

ALTER TABLE instrument ADD COLUMN ts_recorded         INTEGER; -- when it was recorded for the first time; NULL = never
ALTER TABLE instrument ADD COLUMN listed              INTEGER; -- 1: the broker's last list has it; 0: not any more
ALTER TABLE instrument ADD COLUMN ts_listed           INTEGER; -- when a list last had it
ALTER TABLE instrument ADD COLUMN product             TEXT;    -- DLR of DLR/DIC26, AL30 of MERV - XMEV - AL30 - 24hs
ALTER TABLE instrument ADD COLUMN segment             TEXT;
ALTER TABLE instrument ADD COLUMN cfi_code            TEXT;
ALTER TABLE instrument ADD COLUMN currency            TEXT;
ALTER TABLE instrument ADD COLUMN maturity_date       TEXT;    -- 2026-12-31
ALTER TABLE instrument ADD COLUMN strike              REAL;
ALTER TABLE instrument ADD COLUMN underlying          TEXT;
ALTER TABLE instrument ADD COLUMN price_tick          REAL;
ALTER TABLE instrument ADD COLUMN tick_ranges         TEXT;    -- [[from,to,tick],...] by price; to is null in the last one
ALTER TABLE instrument ADD COLUMN size_step           REAL;
ALTER TABLE instrument ADD COLUMN round_lot           REAL;
ALTER TABLE instrument ADD COLUMN contract_multiplier REAL;
ALTER TABLE instrument ADD COLUMN price_factor        REAL;
ALTER TABLE instrument ADD COLUMN low_limit_price     REAL;
ALTER TABLE instrument ADD COLUMN high_limit_price    REAL;
ALTER TABLE instrument ADD COLUMN min_trade_volume    REAL;
ALTER TABLE instrument ADD COLUMN max_trade_volume    REAL;
ALTER TABLE instrument ADD COLUMN price_decimals      INTEGER; -- to show
ALTER TABLE instrument ADD COLUMN size_decimals       INTEGER;
ALTER TABLE instrument ADD COLUMN description         TEXT;
ALTER TABLE instrument ADD COLUMN settlement_type     TEXT;
ALTER TABLE instrument ADD COLUMN order_types         TEXT;    -- names, separated by commas
ALTER TABLE instrument ADD COLUMN times_in_force      TEXT;

UPDATE instrument SET ts_recorded = ts_created;

-- The few recorded ones among ten thousand.
CREATE INDEX instrument_recorded ON instrument (ts_recorded) WHERE ts_recorded IS NOT NULL;

-- The last list that was read and stored completely.
CREATE TABLE instrument_list (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    ts_read INTEGER NOT NULL,
    broker  TEXT NOT NULL -- its URL, without secrets
) STRICT;

CREATE VIEW instruments AS
SELECT i.market_id AS market,
       i.symbol,
       i.product,
       i.segment,
       i.cfi_code,
       CASE WHEN i.cfi_code LIKE 'ES%' THEN 'share'
            WHEN i.cfi_code LIKE 'EM%' THEN 'CEDEAR'
            WHEN i.cfi_code = 'DBXXFR' THEN 'corporate bond'
            WHEN i.cfi_code LIKE 'DB%' THEN 'bond'
            WHEN i.cfi_code LIKE 'DY%' THEN 'treasury bill'
            WHEN i.cfi_code = 'FXXXXX' THEN 'calendar spread'
            WHEN i.cfi_code LIKE 'F%' THEN 'future'
            WHEN i.cfi_code = 'OCASPS' THEN 'call on share'
            WHEN i.cfi_code = 'OPASPS' THEN 'put on share'
            WHEN i.cfi_code = 'OCAFXS' THEN 'American call on future'
            WHEN i.cfi_code = 'OPAFXS' THEN 'American put on future'
            WHEN i.cfi_code = 'OCEFXS' THEN 'European call on future'
            WHEN i.cfi_code = 'OPEFXS' THEN 'European put on future'
            WHEN i.cfi_code LIKE 'OC%' THEN 'call'
            WHEN i.cfi_code LIKE 'OP%' THEN 'put'
            WHEN i.cfi_code LIKE 'MRI%' THEN 'index'
            WHEN i.cfi_code LIKE 'RP%' THEN 'repo'
            WHEN i.cfi_code LIKE 'MC%' THEN 'currency'
       END AS type,
       i.currency,
       i.maturity_date,
       CAST(julianday(i.maturity_date) - julianday(date('now', '-3 hours')) AS INTEGER) AS days_to_maturity,
       i.strike,
       i.underlying,
       i.price_tick,
       i.tick_ranges,
       i.size_step,
       i.round_lot,
       i.contract_multiplier,
       i.price_factor,
       i.low_limit_price,
       i.high_limit_price,
       i.min_trade_volume,
       i.max_trade_volume,
       i.price_decimals,
       i.size_decimals,
       i.description,
       i.settlement_type,
       i.order_types,
       i.times_in_force,
       i.listed,
       EXISTS (SELECT 1 FROM watch w WHERE w.instrument_id = i.id AND w.ts_to IS NULL) AS recorded,
       strftime('%Y-%m-%dT%H:%M:%S', i.ts_created / 1000000000, 'unixepoch')
           || printf('.%03dZ', i.ts_created / 1000000 % 1000) AS first_seen_time,
       strftime('%Y-%m-%dT%H:%M:%S', i.ts_listed / 1000000000, 'unixepoch')
           || printf('.%03dZ', i.ts_listed / 1000000 % 1000) AS last_seen_time,
       i.ts_created AS ts_first_seen,
       i.ts_listed AS ts_last_seen
  FROM instrument i;
