/*
 * tape: what was recorded of one instrument: its trades, one-minute bars, gaps, and the session.
 *
 * Owns one read-only connection. For answers of the local API, from any thread, one at a time. The
 * values are those of the views trades, bars_1m and gaps; each query reads the rows of one
 * instrument only.
 */
#ifndef STORE_READ_TAPE_H
#define STORE_READ_TAPE_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct tape;

/* Called regularly while rows are read; returning true ends the query with -EINTR. */
typedef bool tape_stop(void *arg);

/* Errors of reader_open. */
int tape_open(struct tape **out, const char *path, tape_stop *stop, void *arg, struct err *err);
void tape_close(struct tape *tape);

struct tape_of {
    const char *market_id, *symbol; /* borrowed; one that was never recorded has no rows */
    int64_t from, to;               /* [from, to) in ns UTC */
};

/* The callbacks are called once per row, in order of time, and return 0, or anything else to stop;
 * then the query returns 0. */
struct tape_trade {
    int64_t ts;
    double price, size; /* size: NAN = unknown */
};
typedef int tape_trade_fn(void *arg, const struct tape_trade *trade);
int tape_trades(struct tape *tape, const struct tape_of *of, tape_trade_fn *fn, void *arg,
                struct err *err);

struct tape_bar {
    int64_t ts_minute;
    double open, high, low, close, volume;
};
typedef int tape_bar_fn(void *arg, const struct tape_bar *bar);
int tape_bars(struct tape *tape, const struct tape_of *of, tape_bar_fn *fn, void *arg,
              struct err *err);

/* The session of a day of Argentina, by the configuration; ts_open 0: none is recorded. */
struct tape_session {
    int64_t ts_open, ts_close;
};
int tape_session(struct tape *tape, const struct tape_of *of, int64_t day, struct tape_session *out,
                 struct err *err);

struct tape_gap {
    int64_t ts_from, ts_to; /* ts_to 0: it lasts until now */
    const char *reason;     /* the kind of an event; borrowed */
};
typedef int tape_gap_fn(void *arg, const struct tape_gap *gap);
/* Of the days of Argentina that begin in the interval of `of`, as far as they are before `now`. */
int tape_gaps(struct tape *tape, const struct tape_of *of, int64_t now, tape_gap_fn *fn, void *arg,
              struct err *err);

#endif
