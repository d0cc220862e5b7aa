/*
 * extract: rows of the public views in bulk, straight from the base tables, in a fixed order.
 *
 * Owns one read-only connection. The columns, their order and values are those of the views
 * (snapshots, trades, bars_1m, feed_log, coverage); times are numbers here, the code that writes
 * the file formats them. Memory does not grow with the number of rows. Each query is one read
 * transaction, from extract_begin to extract_end: keep it short, because a long one prevents the
 * service's WAL from being reset.
 *
 * Rows are ordered by instrument and time (events: by time). A row that is being moved from
 * snapshot_recent to snapshot_history is returned once, by the query of its time.
 */
#ifndef STORE_READ_EXTRACT_H
#define STORE_READ_EXTRACT_H

#include "base/err.h"
#include "market/quote.h"

#include <stdbool.h>
#include <stdint.h>

struct extract;

enum extract_table {
    EXTRACT_SNAPSHOTS,
    EXTRACT_TRADES,
    EXTRACT_BARS,
    EXTRACT_EVENTS,
    EXTRACT_COVERAGE,
};
#define EXTRACT_TABLES 5

const char *extract_table_name(enum extract_table table); /* "snapshots" */
int extract_table_find(const char *name);                 /* the enum, or -1 */

enum cell_kind {
    CELL_NONE,   /* NULL */
    CELL_NUMBER, /* number: finite */
    CELL_WHOLE,  /* whole */
    CELL_TIME,   /* whole: ns UTC, shown to the millisecond */
    CELL_MINUTE, /* whole: ns UTC, shown to the minute */
    CELL_DAY,    /* whole: days since 1970-01-01 */
    CELL_TEXT,   /* text */
    CELL_JSON,   /* text: already JSON */
    CELL_LEVELS, /* side: at least one level */
};

struct cell {
    enum cell_kind kind;
    union {
        struct {
            double number;
            int decimals; /* of a price of this instrument; 0 = unknown, or no price */
        };
        int64_t whole;
        const char *text;
        const struct side *side;
    };
};

/* Borrowed until the next call. */
struct extract_row {
    int64_t ts;  /* the time that decides its day: ts_recv, ts_event, ts_minute, ts, ts_from */
    int64_t seq; /* of snapshots and trades, the id of events; 0 = none */
    const struct cell *cells; /* one for each column */
};

int extract_columns_count(enum extract_table table);
const char *extract_column_name(enum extract_table table, int column);
/* The kind of the column's cells that are not CELL_NONE; of CELL_LEVELS some are CELL_JSON. */
enum cell_kind extract_column_kind(enum extract_table table, int column);

struct extract_query {
    enum extract_table table;
    int64_t ts_from, ts_to;   /* [from, to) of extract_row.ts */
    int64_t seq_from, seq_to; /* (from, to] of extract_row.seq; ignored by tables without one */
    int64_t ts_reach; /* coverage: only intervals that end after it or begin at or after it */
    /* Trades of the broker's list, which have a negative seq: (listed_from, listed_to] of it
     * without its sign; and those that were corrected by it, with such a number. */
    int64_t listed_from, listed_to;
    int64_t ts_new; /* bars before this: only with a trade after seq_from or listed_from */
};

/* The newest data in the database: everything committed later is above these bounds. */
struct extract_bounds {
    int64_t last_seq, last_event_id, last_listed;
    int64_t ts_last; /* ts_recv of the newest quote; 0 = none */
};

/* Called regularly while rows are read; returning true ends the read with -EINTR. */
typedef bool extract_stop(void *arg);

/*
 * Errors of reader_open; -EPROTO also for a database whose schema is older than this program's.
 * `stop` may be NULL.
 */
int extract_open(struct extract **out, const char *path, extract_stop *stop, void *arg,
                 struct err *err);
void extract_close(struct extract *extract);

/* Selects instruments (glob_any); `patterns` are borrowed until close. *matched: how many. */
int extract_pick(struct extract *extract, const char *const *patterns, int patterns_count,
                 int64_t *matched, struct err *err);

int extract_bounds(struct extract *extract, struct extract_bounds *out, struct err *err);

/*
 * A quick bound of the times of the query's rows: *first > *last when there are none. The rows may
 * cover less than [*first, *last].
 */
int extract_span(struct extract *extract, const struct extract_query *query, int64_t *first,
                 int64_t *last, struct err *err);

int extract_begin(struct extract *extract, const struct extract_query *query, struct err *err);
/* 1: *row is the next row; 0: no more rows; negative: see *err. */
int extract_next(struct extract *extract, struct extract_row *row, struct err *err);
/* Fraction of the query that is done, counted in instruments: 0 to 1. */
double extract_done(const struct extract *extract);
void extract_end(struct extract *extract);

#endif
