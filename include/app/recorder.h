/*
 * recorder: from updates to rows. The one door between the feed and the store.
 *
 * Owns the market (what is true now) and hands every change to the store. At start it takes up
 * where the database ends: quotes that have not changed since make no new rows, and seq goes on.
 */
#ifndef APP_RECORDER_H
#define APP_RECORDER_H

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
void recorder_destroy(struct recorder *recorder); /* hands the last ts_seen to the store first */

/* The instrument's index in the market, new or known; -ENOMEM. */
int32_t recorder_instrument(struct recorder *recorder, const char *market_id, const char *symbol);
const struct market *recorder_market(const struct recorder *recorder);

/* What a message says. */
struct market_result recorder_update(struct recorder *recorder, int32_t instrument,
                                     const struct quote_update *update,
                                     const struct market_stamp *stamp);
/*
 * What could not be read of a message that `origin` ("stream") sent: counted, and reported once per
 * instrument and entry.
 */
void recorder_unreadable(struct recorder *recorder, int32_t instrument, const char *origin,
                         const struct decode_unreadable *unreadable);
/* The entries of this instrument that could not be read at least once. */
uint32_t recorder_unreadable_entries(const struct recorder *recorder, int32_t instrument);
int64_t recorder_unreadable_count(const struct recorder *recorder); /* entries, since the start */
/* So much waits for the disk that a source which can wait a moment should. */
bool recorder_pressed(const struct recorder *recorder);
/* The same message again: nothing changed. */
void recorder_confirm(struct recorder *recorder, int32_t instrument, int64_t ts_seen);

#endif
