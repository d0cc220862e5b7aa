/*
 * extract: rows of the public views in bulk, straight from the base tables, in a fixed order.
 *
 * Owns one read-only connection. The columns, their order and values are those of the views
 * (snapshots, trades, bars_1m, feed_log, coverage); times stay numbers here and are printed by who
 * writes the file. Memory does not grow with the number of rows. Each query is one read
 * transaction, from extract_begin to extract_end: keep it short, because a long one keeps the
 * service's WAL from being reset.
 *
 * Rows come by instrument and time (events: by time). A row that moves from snapshot_recent to
 * snapshot_history between two queries is in exactly one of them, by its own time.
 */
#ifndef STORE_EXTRACT_H
#define STORE_EXTRACT_H

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
    CELL_JSON,   /* text: is JSON already */
    CELL_LEVELS, /* side: at least one level */
};

struct cell {
    enum cell_kind kind;
    union {
        double number;
        int64_t whole;
        const char *text;
        const struct side *side;
    };
};

/* Borrowed until the next call. */
struct extract_row {
    int64_t
        ts; /* the time that days are told apart by: ts_recv, ts_event, ts_minute, ts, ts_from */
    int64_t seq;              /* of snapshots and trades, the id of events; 0 = has none */
    const struct cell *cells; /* one for each column */
};

int extract_columns_count(enum extract_table table);
const char *extract_column_name(enum extract_table table, int column);

struct extract_query {
    enum extract_table table;
    int64_t ts_from, ts_to;   /* [from, to) of extract_row.ts */
    int64_t seq_from, seq_to; /* (from, to] of extract_row.seq; tables without one take no heed */
    int64_t ts_reach;         /* coverage: the interval ends after this, or begins at it or later */
};

/* How far the database has come: what is committed later is beyond all of these. */
struct extract_bounds {
    int64_t last_seq, last_event_id;
    int64_t ts_last; /* ts_recv of the newest quote; 0 = none */
};

/* Asked now and then while rows are read; true: it ends with -EINTR. */
typedef bool extract_stop(void *arg);

/*
 * Errors of reader_open; -EPROTO also for a database that this program has not brought up to date.
 * `stop` may be NULL.
 */
int extract_open(struct extract **out, const char *path, extract_stop *stop, void *arg,
                 struct err *err);
void extract_close(struct extract *extract);

/* Which instruments (glob_any); `patterns` are borrowed as long as it lives. *matched: so many. */
int extract_pick(struct extract *extract, const char *const *patterns, int patterns_count,
                 int64_t *matched, struct err *err);

int extract_bounds(struct extract *extract, struct extract_bounds *out, struct err *err);

/*
 * Between which times the query's rows lie, at a glance: *first > *last when there are none; the
 * rows may be fewer than that says.
 */
int extract_span(struct extract *extract, const struct extract_query *query, int64_t *first,
                 int64_t *last, struct err *err);

int extract_begin(struct extract *extract, const struct extract_query *query, struct err *err);
/* 1: *row is the next; 0: there are no more; negative: the words. */
int extract_next(struct extract *extract, struct extract_row *row, struct err *err);
/* How much of the query is done, by the instruments: 0 to 1. */
double extract_done(const struct extract *extract);
void extract_end(struct extract *extract);

#endif
