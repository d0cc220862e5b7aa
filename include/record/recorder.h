/*
 * recorder: applies the broker's messages to the market and tells the observers what they changed.
 *
 * The only path from the feed to everything that records, forwards or shows quotes. It also reports
 * values that could not be read and crossed books, as events.
 */
#ifndef RECORD_RECORDER_H
#define RECORD_RECORDER_H

#include "base/err.h"
#include "market/market.h"
#include "market/unreadable.h"

struct recorder;
struct events;
struct observers;

/* All borrowed. `market` may have instruments, which the observers know already. -ENOMEM. */
struct recorder_parts {
    struct market *market;
    struct observers *observers;
    struct events *events;
};
int recorder_create(struct recorder **out, const struct recorder_parts *parts, struct err *err);
void recorder_destroy(struct recorder *recorder);

/* The instrument's index in the market, new or known; -ENOMEM. */
int32_t recorder_instrument(struct recorder *recorder, const char *market_id, const char *symbol);
const struct market *recorder_market(const struct recorder *recorder);

/* Applies a message. */
struct market_result recorder_update(struct recorder *recorder, int32_t instrument,
                                     const struct quote_update *update,
                                     const struct market_stamp *stamp);
/* A change that another recorder has accepted, as market_give(): the observers are told of it if it
 * is the present state. */
enum market_given recorder_give(struct recorder *recorder, int32_t instrument,
                                const struct market_quote *quote, uint32_t changed);
/*
 * Entries of a message from `origin` ("stream") that could not be read: counted, and reported once
 * per instrument and entry.
 */
void recorder_unreadable(struct recorder *recorder, int32_t instrument, const char *origin,
                         const struct unreadable *unreadable);
/* The entries of this instrument that could not be read at least once. */
uint32_t recorder_unreadable_entries(const struct recorder *recorder, int32_t instrument);
int64_t recorder_unreadable_count(const struct recorder *recorder); /* entries, since the start */
/* The same message again, without changes: updates ts_seen. */
void recorder_confirm(struct recorder *recorder, int32_t instrument, int64_t ts_seen);

#endif
