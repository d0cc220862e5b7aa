-- What has changed of the reference data, for publishing it elsewhere: the number rises with each instrument that is
-- new in the broker's list, and with each one whose values change or that is no longer listed.

ALTER TABLE instrument ADD COLUMN revision INTEGER; -- NULL = no list was read since it exists

UPDATE instrument SET revision = id WHERE ts_listed IS NOT NULL;

CREATE UNIQUE INDEX instrument_revision ON instrument (revision) WHERE revision IS NOT NULL;

-- A replica has the quotes of what recorders record: those instruments are recorded, by others.
DROP VIEW instruments;
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
       EXISTS (SELECT 1 FROM watch w WHERE w.instrument_id = i.id AND w.ts_to IS NULL)
           OR i.ts_recorded IS NOT NULL AND EXISTS (SELECT 1 FROM replica) AS recorded,
       strftime('%Y-%m-%dT%H:%M:%S', i.ts_created / 1000000000, 'unixepoch')
           || printf('.%03dZ', i.ts_created / 1000000 % 1000) AS first_seen_time,
       strftime('%Y-%m-%dT%H:%M:%S', i.ts_listed / 1000000000, 'unixepoch')
           || printf('.%03dZ', i.ts_listed / 1000000 % 1000) AS last_seen_time,
       i.ts_created AS ts_first_seen,
       i.ts_listed AS ts_last_seen
  FROM instrument i;
