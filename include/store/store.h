/*
 * store: what was accepted goes into SQLite, and the loop never waits for the disk.
 *
 * Owns one connection and one writer thread behind a bounded queue. Rows are committed together at
 * the latest `commit_every_ms` after the first of them came. A database locked by somebody else or
 * a full disk makes the backlog grow to `backlog_rows`; then the oldest snapshots are dropped and
 * counted, and the loss is written to feed_event once the disk is back. Instruments and the last
 * state of each are never dropped.
 * A file that is deleted, moved or replaced meanwhile is noticed within two seconds: the path is
 * opened anew, with the present state of every instrument, and nothing of what comes is lost.
 * All calls but the notice callback belong to one thread; none blocks except create and close.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/err.h"
#include "market/event_kind.h"
#include "market/quote.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

struct store_config {
    const char *path; /* copied; its folder must exist */
    bool full_sync;   /* fsync at each commit (synchronous=FULL) */
    int64_t commit_every_ms;
    size_t backlog_rows;
    int keep_days;     /* older is deleted; 0 = nothing is */
    int64_t wal_bytes; /* the -wal grows no further while a reader holds it; 0 = without end */
};

/* Trouble and its end, told once each. Called on the writer's thread: copy and return. */
enum store_notice_kind {
    STORE_LOCKED,    /* somebody holds a write lock: waiting */
    STORE_WAL_FULL,  /* somebody reads on, and the WAL has reached its limit: waiting */
    STORE_FAILING,   /* disk full or I/O error: retrying */
    STORE_RECOVERED, /* writing again */
    STORE_DROPPED,   /* `dropped` changes were lost, more came than could be written */
    STORE_WAL_STUCK, /* a reader keeps the WAL from being reset; the file grows */
    STORE_WAL_FREED,
    STORE_REOPENED, /* the file was lost, and recording goes on in another one */
    STORE_TRIMMED,  /* what was too old is deleted */
};
typedef void store_notice(void *arg, enum store_notice_kind kind, const char *detail,
                          int64_t dropped);

/* An interval in which a quote is vouched for; ns UTC. */
struct store_span {
    int32_t instrument;
    enum source source;
    int64_t ts_from, ts_to; /* the last proof */
    int64_t ts_due;         /* while it is open: the next one is expected before */
    enum event_kind reason; /* once it has ended */
};

/* The trading hours of a day. */
struct store_session {
    int64_t day;               /* art_day() */
    int64_t ts_open, ts_close; /* the same: no trading day */
    bool present;              /* it replaces what is known of that day */
};

struct store_snapshot {
    int32_t instrument; /* the caller's index, made known by store_instrument() */
    enum source source;
    int64_t seq;
    int64_t ts_recv; /* ns UTC */
    uint32_t changed;
    struct quote quote; /* the full state after the change */
};

/* What the database holds of an instrument since an earlier run. */
struct store_known {
    struct store_snapshot state;
    int64_t ts_seen;
};

struct store_stats {
    int64_t snapshots_written, events_written, commits, dropped;
    int64_t snapshots_moved; /* to where they are cheap to read */
    int64_t backlog_rows;    /* accepted, not yet committed */
    bool failing;            /* locked or failing just now */
    int64_t snapshots_trimmed;
    int64_t used_bytes, free_bytes; /* of the file, looked at every ten minutes; 0 = not yet */
    double bytes_per_day;           /* its growth; NAN: too early to say */
    /*
     * The writer's present step (a transaction, a move of rows, a checkpoint) began then,
     * monotonic; 0 = it waits: for work, for somebody's lock, for room on the disk. A step that
     * never ends is a writer that hangs in a system call.
     */
    int64_t step_since_ms;
};

/* Opens or makes the database and starts the thread. Errors as database_open. */
int store_create(struct store **out, const struct store_config *config, store_notice *notice,
                 void *arg, struct err *err);

/* Indices are 0, 1, 2, ... in order of the calls; `market_id`, `symbol` are copied. */
void store_instrument(struct store *store, int32_t index, const char *market_id,
                      const char *symbol);
/* True: so much waits that whoever can should let the writer, which is at work, catch up. */
bool store_snapshot(struct store *store, const struct store_snapshot *snapshot);
/* Is in the database already; written only should the file be lost and begun anew. */
void store_known(struct store *store, const struct store_known *known);
/* The values of these instruments were confirmed at ts_seen[i] (ns UTC). Copied, coalesced. */
void store_seen(struct store *store, const int32_t *index, const int64_t *ts_seen, size_t count);
/* `symbol` may be NULL; texts are copied, cut at 1000 bytes. */
void store_event(struct store *store, int64_t ts, enum event_kind kind, const char *symbol,
                 const char *detail);

/*
 * Coverage, written with the rows that came before it, never ahead of them: what a kill takes with
 * it is not claimed. Open intervals are coalesced by instrument; one that ends replaces its open
 * state. All copied.
 */
void store_spans_open(struct store *store, const struct store_span *spans, size_t count);
void store_spans_closed(struct store *store, const struct store_span *spans, size_t count);
void store_session(struct store *store, const struct store_session *session);
/* From `ts` on these instruments are to be recorded, and no others. */
void store_watch(struct store *store, const int32_t *instruments, size_t count, int64_t ts);

/* From now on; takes effect within a minute. */
void store_keep_days(struct store *store, int keep_days);

struct store_stats store_stats(const struct store *store);

/*
 * Writes everything out, for at most `deadline_ms`, checkpoints, closes and frees. 0, or
 * -ETIMEDOUT with the number of rows that could not be written in the words.
 */
int store_close(struct store *store, int64_t deadline_ms, struct err *err);

#endif
