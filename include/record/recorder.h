/*
 * recorder: applies updates to the market and stores the changes. The only path from feed to store.
 *
 * Owns the market (the present quotes) and passes every change to the store. At the start it loads
 * the last state of the database: unchanged quotes make no new rows, and seq continues.
 */
#ifndef RECORD_RECORDER_H
#define RECORD_RECORDER_H

#include "base/err.h"
#include "market/market.h"
#include "net/loop.h"
#include "primary/decode.h"

struct recorder;
struct store;
struct events;

/* `store` and `events` are borrowed; `path` is the database the store has opened. */
int recorder_create(struct recorder **out, struct loop *loop, struct store *store,
                    struct events *events, const char *path, struct err *err);
void recorder_destroy(struct recorder *recorder); /* stores the last ts_seen first */

/* The instrument's index in the market, new or known; -ENOMEM. */
int32_t recorder_instrument(struct recorder *recorder, const char *market_id, const char *symbol);
const struct market *recorder_market(const struct recorder *recorder);

/* Applies a message. */
struct market_result recorder_update(struct recorder *recorder, int32_t instrument,
                                     const struct quote_update *update,
                                     const struct market_stamp *stamp);
/*
 * Entries of a message from `origin` ("stream") that could not be read: counted, and reported once
 * per instrument and entry.
 */
void recorder_unreadable(struct recorder *recorder, int32_t instrument, const char *origin,
                         const struct decode_unreadable *unreadable);
/* The entries of this instrument that could not be read at least once. */
uint32_t recorder_unreadable_entries(const struct recorder *recorder, int32_t instrument);
int64_t recorder_unreadable_count(const struct recorder *recorder); /* entries, since the start */
/* The store's queue is so long that a source that can wait should pause. */
bool recorder_pressed(const struct recorder *recorder);
/* The same message again, without changes: updates ts_seen. */
void recorder_confirm(struct recorder *recorder, int32_t instrument, int64_t ts_seen);

#endif
