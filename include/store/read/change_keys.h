/*
 * change_keys: which changes follow in the order of seq, while they are in snapshot_history.
 *
 * That table is ordered by instrument and time, so that a range of seq (schema/021_history_seq.sql)
 * is found only by reading all of its rows. The keys of a whole range are therefore read once, and
 * kept until they were used: 24 bytes each, 0.8 MB at most. Used by one thread at a time.
 */
#ifndef STORE_READ_CHANGE_KEYS_H
#define STORE_READ_CHANGE_KEYS_H

#include "base/err.h"

#include <stdint.h>

struct sqlite3;
struct change_keys;

/* The key of snapshot_history. */
struct change_key {
    int64_t instrument_id, ts_recv, seq;
};

/* The database must outlive it. */
int change_keys_open(struct change_keys **out, struct sqlite3 *db, struct err *err);
void change_keys_close(struct change_keys *keys);

/*
 * The change with the lowest seq above `after`, in a read transaction of the caller. 1: that is
 * *out, which was deleted since if it is in neither table; 0: it is not in snapshot_history, nor
 * are those that follow. Errors of the database; -ENOMEM.
 */
int change_keys_next(struct change_keys *keys, int64_t after, struct change_key *out,
                     struct err *err);

#endif
