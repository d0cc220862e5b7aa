/*
 * store: writes accepted changes to SQLite on its own thread, so that the loop never waits for the
 * disk.
 *
 * Owns one connection and one writer thread behind a bounded queue. Rows are committed at the
 * latest `commit_every_ms` after the first of them was queued. While another program locks the
 * database or the disk is full, the backlog grows up to `backlog_rows`; then the oldest snapshots
 * are dropped and counted, and the loss is written to feed_event as soon as writing works again.
 * Instruments and the last state of each are never dropped.
 *
 * A file that is deleted, moved or replaced while the store runs is detected within two seconds:
 * the path is opened again, the current state of every instrument is written there, and later
 * changes are not lost.
 *
 * Call all functions from one thread; the notice callback runs on the writer thread too. Only
 * create and close block.
 */
#ifndef STORE_WRITE_STORE_H
#define STORE_WRITE_STORE_H

#include "base/err.h"
#include "base/histogram.h"
#include "base/log.h"
#include "market/calendar_set.h"
#include "market/event_kind.h"
#include "market/instrument_list.h"
#include "market/market.h"
#include "market/source_table.h"
#include "market/trade.h"
#include "store/snapshot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

struct store_config {
    const char *path; /* copied; its folder must exist */
    bool full_sync;   /* fsync at each commit (synchronous=FULL) */
    int64_t commit_every_ms;
    size_t backlog_rows;
    int keep_days;     /* older data is deleted; 0 = nothing is deleted */
    int64_t wal_bytes; /* size of the -wal at which writing waits for readers; 0 = no limit */
    bool replica;      /* of what other recorders have published; see store_given() */
};

#define STORE_DETAIL_BYTES                                                                         \
    1000 /* of an event's detail, with the NUL; a longer one is truncated                          \
          */

/*
 * An event of the store itself: each trouble and its end once. The store also writes it into
 * feed_event, with the same text; a trouble that prevents writing, when that is possible again.
 */
struct store_notice {
    int64_t ts; /* ns UTC */
    enum event_kind kind;
    enum log_level level;
    const char *detail; /* without secrets and control characters */
    int64_t dropped;    /* EVENT_DROPPED: the changes that were lost because the backlog was full */
};
/* Called on the writer thread, and by store_create: copy and return. */
typedef void store_notice_fn(void *arg, const struct store_notice *notice);

/* An interval during which a source confirmed a quote; ns UTC. */
struct store_span {
    int32_t instrument;
    enum source source;
    int64_t ts_from, ts_to; /* the first and the last confirmation */
    int64_t ts_due;         /* while it is open: the next one is expected before this */
    enum event_kind reason; /* once it has ended */
};

/* When a stream was last known to be alive, which confirms the quotes of all its open intervals;
 * ns UTC. */
struct store_proof {
    enum source source;    /* 0 = nothing */
    int64_t ts_to, ts_due; /* as in store_span */
};

/* The trading hours of a day. */
struct store_session {
    int64_t day;                 /* art_day() */
    int64_t ts_open, ts_close;   /* the same: no trading day */
    bool present;                /* it replaces the stored hours of that day */
    char segment[SEGMENT_BYTES]; /* "" = general; those of segments follow the general one */
};

/* What became of the broker's list of trades of one instrument and day. */
struct store_tape_result {
    bool merged; /* false: the store was closed before; all else but the next two is 0 */
    int32_t instrument;
    int64_t day;         /* art_day() */
    int64_t ts_complete; /* it was merged up to this time, ns UTC */
    int64_t listed;      /* trades in the list up to that time */
    int64_t added;       /* of which our tape had not these */
    int64_t corrected;   /* of which our tape had these without their size, or without their time */
    int64_t unlisted;    /* trades of ours up to that time that the list does not have; they stay */
};
/* Called on the writer thread, or by store_close: copy and return. */
typedef void store_tape_fn(void *arg, const struct store_tape_result *result);

/*
 * The broker's list (data/getTrades, protocol 8). It is merged up to the last whole second before
 * `ts_complete`; later trades in it are ignored, and so are those of other days.
 */
struct store_tape {
    int32_t instrument;
    int64_t day;          /* art_day() */
    int64_t ts_complete;  /* the list has every trade of that day up to this time, ns UTC */
    struct trade *trades; /* from malloc(); in the order of the list; prices are not NAN */
    size_t count;
    store_tape_fn *done; /* called exactly once */
    void *arg;
};
#define STORE_TAPES_MAX       64
#define STORE_TAPE_TRADES_MAX 1000000 /* of all lists that wait */

struct store_stats {
    int64_t snapshots_written, events_written, commits, dropped;
    int64_t snapshots_moved; /* to snapshot_history */
    int64_t backlog_rows;    /* accepted, not yet committed */
    bool failing;            /* currently locked or failing */
    int64_t reopened;        /* how often the database was lost or closed, and opened again */
    int64_t snapshots_trimmed;
    int64_t tapes_merged, trades_listed; /* lists, and the trades that they added */
    int64_t tapes_waiting;               /* lists that were accepted and are not merged yet */
    int64_t used_bytes, free_bytes;      /* of the file, measured every ten minutes; 0 = not yet */
    double bytes_per_day;                /* its growth; NAN: not known yet */
    /*
     * When the writer thread's current step (a transaction, a move of rows, a checkpoint) began,
     * monotonic; 0 = it is waiting for work, for another program's lock or for disk space. A step
     * that never ends means that the thread hangs in a system call.
     */
    int64_t step_since_ms;
    struct histogram commit_s; /* how long the transactions took */
    /* From the broker's time stamp of a change to its commit, by this machine's clock; only changes
     * that have one, which are those of the stream. */
    struct histogram broker_to_commit_s;
    int64_t
        refused; /* changes of a replica that have the seq of other ones: they are not written */
    int64_t stamps_ahead; /* changes that are not in it: their stamp is later than the commit */
};

#define STORE_RECORDER_BYTES 33 /* name of a recorder, with the NUL */

/*
 * A trade, an event or reference data that another recorder has published. `number` is the
 * recorder's own: it counts the changes that show trades (their seq), the trades of the broker's
 * lists, and the events (their id). One that is not above the last one of that recorder is a
 * repetition, and ignored.
 */
enum store_given_kind { GIVEN_SHOWN, GIVEN_LISTED, GIVEN_EVENT, GIVEN_INSTRUMENTS };
struct store_given {
    enum store_given_kind kind;
    char recorder[STORE_RECORDER_BYTES];
    int64_t number;

    int32_t instrument; /* of trades, as the next two */
    struct trade trade;
    int64_t corrects; /* GIVEN_LISTED: the seq of the trade that it replaces; 0 = none */

    int64_t ts;                          /* of events, as the next three; ns UTC */
    const char *event, *symbol, *detail; /* `symbol` may be NULL */

    /* GIVEN_INSTRUMENTS: reference data of some; a share is taken. It has no recorder or number. */
    struct instrument_list *instruments;
};

/* Opens or creates the database and starts the thread. Errors of database_open. -EEXIST: a replica
 * was asked for, and a recorder has written this database. */
int store_create(struct store **out, const struct store_config *config, store_notice_fn *notice,
                 void *arg, struct err *err);

/* Indices are 0, 1, 2, ... in order of the calls; `market_id`, `symbol` are copied. */
void store_instrument(struct store *store, int32_t index, const char *market_id,
                      const char *symbol);
/* Copied: the quote once, into its place in the queue. */
void store_change(struct store *store, const struct market_change *change);
/* seq continues after `to` instead of `from`: the numbers between have no changes. Before the
 * change with the next number. */
void store_continue(struct store *store, int64_t from, int64_t to);
/* After the last change the backlog was over a fifth full: whoever can slow down should do so. */
bool store_pressed(const struct store *store);
/*
 * In a replica the changes have the seq of their recorder. Those that are in the database already
 * are ignored, also when they come again after others. One of which a later change of the same
 * instrument is known does not become its present state.
 */
void store_past(struct store *store, const struct market_change *change);
/* Copied. Not bounded: see store_backlog(). */
void store_given(struct store *store, const struct store_given *given);
/*
 * Everything of the stream up to this message was given to the store: after a kill, reading goes on
 * behind it, or earlier. The place is written in the transaction of the last of it, or later.
 */
void store_place(struct store *store, const struct store_place *place);
/* How much waits to be written: whoever gives it can wait. Nothing is dropped below half of
 * backlog_rows. */
size_t store_backlog(const struct store *store);

/* Already in the database; written only if the file is lost and created again. */
void store_known(struct store *store, const struct store_known *known);
/* The values of these instruments were confirmed at ts_seen[i] (ns UTC). Copied, coalesced. */
void store_seen(struct store *store, const int32_t *index, const int64_t *ts_seen, size_t count);
/* `symbol` may be NULL; texts are copied, truncated to STORE_DETAIL_BYTES. */
void store_event(struct store *store, int64_t ts, enum event_kind kind, const char *symbol,
                 const char *detail);

/*
 * Coverage: written after the rows that were queued before it, or in the same transaction, so that
 * after a kill it never covers changes that were lost. Open intervals are coalesced by instrument;
 * one that ends replaces its open state. An open interval of a stream goes on to the last proof of
 * that stream, so it need not be given again; `spans` and `proofs` of a call are written in the
 * same transaction. When stats.reopened has changed, give all open intervals again. All copied.
 */
struct store_open {
    const struct store_span *spans;
    size_t count;
    struct store_proof proofs[SOURCE_COUNT]; /* by source */
};
void store_spans_open(struct store *store, const struct store_open *open);
void store_spans_closed(struct store *store, const struct store_span *spans, size_t count);
void store_session(struct store *store, const struct store_session *session);
/* From `ts` on these instruments are to be recorded, and no others. */
void store_watch(struct store *store, const int32_t *instruments, size_t count, int64_t ts);

/*
 * The instruments that the broker lists, all of them; takes a share of the list, and replaces one
 * that is not written yet. Written in slices while nothing else waits, and again if the file is
 * lost. `ts_read`: when the broker sent it (ns UTC), written with the last slice; 0: the list does
 * not come from a complete answer. `broker` is copied: a URL without secrets.
 */
void store_list(struct store *store, struct instrument_list *list, int64_t ts_read,
                const char *broker);

/*
 * Merges the broker's list of trades into our tape, after the changes that were queued before it,
 * in short transactions between those of later changes. A list that the store is given twice adds
 * nothing the second time. 0: `trades` is taken; -EAGAIN: too many lists wait, nothing is taken;
 * request the list again later.
 */
int store_tape(struct store *store, const struct store_tape *tape);

/*
 * Calls `fn` after each transaction with changes or events, on the writer thread and with the lock
 * of the store held: it must return at once. NULL: nobody is called from then on.
 */
typedef void store_commit_fn(void *arg);
void store_on_commit(struct store *store, store_commit_fn *fn, void *arg);

/* Changes the setting; takes effect within a minute. */
void store_keep_days(struct store *store, int keep_days);

struct store_stats store_stats(const struct store *store);

/*
 * Writes everything, for at most `deadline_ms`, checkpoints, closes and frees. 0, or -ETIMEDOUT
 * with the number of rows that could not be written in the message.
 */
int store_close(struct store *store, int64_t deadline_ms, struct err *err);

#endif
