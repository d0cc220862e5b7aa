/*
 * outbox: what was recorded, in the order in which it was accepted, for publishing it elsewhere.
 *
 * Owns one read-only connection, used by one thread at a time. Each call is one short read
 * transaction. A change is returned by its seq, whether it is in snapshot_recent or was moved to
 * snapshot_history meanwhile (schema/021_history_seq.sql); an event by its id; a trade that the
 * broker's lists added or corrected by the number of that (ledger.listed).
 */
#ifndef STORE_READ_OUTBOX_H
#define STORE_READ_OUTBOX_H

#include "base/err.h"
#include "market/trade.h"
#include "store/snapshot.h"

#include <stdbool.h>
#include <stdint.h>

struct outbox;

/* Errors of read_only_open_ours(); -EPROTO also for a schema older than this program's. */
int outbox_open(struct outbox **out, const char *path, struct err *err);
void outbox_close(struct outbox *outbox);
/* True: the path is another file now, or none. */
bool outbox_replaced(const struct outbox *outbox);

struct outbox_ends {
    int64_t last_seq, last_event, last_listed; /* the highest numbers; 0 = none */
    int64_t ts_trimmed;                        /* older rows were deleted by store.keep_days */
    int64_t last_revision;                     /* of the instruments (store/read/instrument_rows) */
    bool reference;                            /* the broker's list of instruments was read */
};
int outbox_ends(struct outbox *outbox, struct outbox_ends *out, struct err *err);

/* All texts are borrowed until the callback returns. */
struct outbox_name {
    const char *market_id, *symbol;
    const char *segment; /* NULL: unknown */
};

struct outbox_change {
    struct outbox_name name;
    int64_t instrument_id;
    struct store_snapshot row; /* its `instrument` is 0 */
};
typedef void outbox_change_fn(void *arg, const struct outbox_change *change);

struct outbox_trade {
    struct outbox_name name;
    int64_t listed; /* its number in the order of adding and correcting */
    int64_t
        corrects; /* a trade that a change had shown without time or size; 0: it is another one */
    struct trade trade;
};
typedef void outbox_trade_fn(void *arg, const struct outbox_trade *trade);

struct outbox_event {
    int64_t id, ts;                     /* ns UTC */
    const char *kind, *symbol, *detail; /* symbol: NULL = none */
};
typedef void outbox_event_fn(void *arg, const struct outbox_event *event);

/* From `after` on, not including it, in the order of the numbers, `limit` at most. Return how many
 * (fewer than `limit`: there are no others), or a negative error with the reason. */
int outbox_changes(struct outbox *outbox, int64_t after, int limit, outbox_change_fn *fn, void *arg,
                   struct err *err);
int outbox_listed(struct outbox *outbox, int64_t after, int limit, outbox_trade_fn *fn, void *arg,
                  struct err *err);
int outbox_events(struct outbox *outbox, int64_t after, int limit, outbox_event_fn *fn, void *arg,
                  struct err *err);

/* A change that shows a trade (trade_shown). */
struct outbox_shown {
    int64_t instrument_id, seq;
    struct trade trade;
    bool undated; /* its time is when it was reported */
};
/* False: it shows none. */
bool outbox_change_trade(const struct outbox_change *change, struct outbox_shown *out);
/*
 * Whether the tape has that trade already, from another change or from a list of the broker. Says
 * nothing of the changes that were not moved yet: these are outbox_recent(), up to a seq.
 */
int outbox_trade_known(struct outbox *outbox, const struct outbox_shown *shown, bool *known,
                       struct err *err);
typedef void outbox_shown_fn(void *arg, const struct outbox_shown *shown);
int outbox_recent(struct outbox *outbox, int64_t up_to, outbox_shown_fn *fn, void *arg,
                  struct err *err);

/* Whether there is a change with this seq and time. */
int outbox_has(struct outbox *outbox, int64_t seq, int64_t ts_recv, bool *has, struct err *err);
/* The highest seq of the changes up to this time, if the clock was never set back; 0 = there are
 * none. */
int outbox_seq_at(struct outbox *outbox, int64_t ts_recv, int64_t *seq, struct err *err);

#endif
