/*
 * extract_tables: for each table of an export, the statement that reads it and how its columns are
 * converted. Private to extract.
 *
 * Parameters of `rows`: ?1 ?2 ts_from, ts_to; ?3 ?4 seq_from, seq_to; ?5 ts_reach. Its first
 * columns are instrument_id (0 = none), the time, the seq (0 = none). temp.picked has the selected
 * instruments. Each statement is a UNION ALL of two sorted SELECTs that SQLite merges: it sorts the
 * few rows of snapshot_recent and reads the other table in the order of its key. Of a row that is
 * being moved, and in both tables, it returns the one of snapshot_recent.
 */
#ifndef STORE_READ_EXTRACT_TABLES_H
#define STORE_READ_EXTRACT_TABLES_H

#include "store/read/extract.h"

#define EXTRACT_COLUMNS_MAX  40
#define EXTRACT_EVENT_SYMBOL 4 /* the column of an event's symbol */

/* How a value is computed from `from`, a column of the statement; NULL there gives CELL_NONE. */
enum extract_rule {
    RULE_MARKET, /* of the instrument */
    RULE_SYMBOL,
    RULE_TEXT,
    RULE_NUMBER,
    RULE_PRICE,
    RULE_UNITS,       /* a number in 1/unit */
    RULE_UNITS_PRICE, /* a price in 1/unit */
    RULE_WHOLE,
    RULE_TIME,     /* ns, as a time */
    RULE_MINUTE,   /* the same, to the minute */
    RULE_AGO,      /* ms before the row's time, as ns */
    RULE_AGO_TIME, /* the same, as a time */
    RULE_DAY,
    RULE_SOURCE,
    RULE_ORIGIN,
    RULE_CHANGED,
    RULE_BIDS, /* best price, then its size; the other levels at `more` */
    RULE_OFFERS,
};

struct extract_column {
    const char *name;
    enum extract_rule rule;
    int from, more;
};

struct extract_source {
    const char *rows; /* SQL */
    const char *span; /* SQL: the smallest and the largest time; same parameters */
    int unit;         /* the column of the unit; -1 = none */
    int columns_count;
    struct extract_column columns[EXTRACT_COLUMNS_MAX];
};

extern const struct extract_source extract_sources[EXTRACT_TABLES];

#endif
