/*
 * source: the interface through which a Primary API server reads its data.
 *
 * The data may be simulated, live (relay) or recorded (replay). Instruments are numbered
 * 0..count-1; everything returned is borrowed until the next call.
 */
#ifndef SERVE_SOURCE_H
#define SERVE_SOURCE_H

#include "market/instrument_list.h"
#include "market/quote.h"
#include "primary/encode.h"

struct source_trade {
    double price, size;
    int64_t ts; /* ns UTC */
};

/* Trades of one instrument are given in the order of time. */
struct source_period {
    int32_t instrument;
    int64_t from, to; /* ns UTC; `to` is not part of it */
};

typedef void source_trade_fn(void *arg, const struct source_trade *trade);

/* For clients that ask for it; not in the broker's dialect. */
struct source_origin {
    const char *source; /* "rest", "stream"; NULL = no data yet */
    int64_t age_ms;     /* since the values were last confirmed */
    int64_t seq;
    int calendar; /* of its segment: index in the segments of the state of the feed */
};

/* Products that are not offered, but can be as soon as a client wants them. */
struct source_demand {
    void *self;
    /* A client wants it: whether it will be offered. One or more calls end with settle(): !keep
     * undoes them. */
    bool (*want)(void *self, const char *market_id, const char *symbol);
    void (*settle)(void *self, bool keep);
    /* The index of one that was wanted and kept; -1: no memory. */
    int32_t (*take_up)(void *self, const char *market_id, const char *symbol);
    /* Whether the first data of this instrument have arrived; until then it has nothing to show. */
    bool (*ready)(void *self, int32_t index);
};

struct market_source {
    void *self;
    const struct source_demand *demand; /* NULL: what is not offered does not exist */
    int32_t (*count)(void *self);
    int32_t (*find)(void *self, const char *market_id, const char *symbol); /* -1 */
    /* Whether it is in lists and may be asked for; NULL = all are. */
    bool (*offered)(void *self, int32_t index);
    const struct instrument *(*instrument)(void *self, int32_t index);
    const struct quote *(*quote)(void *self, int32_t index);
    enum encode_empty (*empty)(void *self, int32_t index); /* how it writes "no value" */
    bool takes_tc; /* clients may ask for TC, which is null; else it is an unknown entry */
    /* Whether a segment without instruments exists; NULL = none does. */
    bool (*has_segment)(void *self, const char *segment);
    /* The broker's segment of this number, or NULL: there are no more. `segments` itself NULL, or
     * no segment of number 0: they are those of the instruments. */
    const struct market_segment *(*segments)(void *self, size_t at);
    void (*origin)(void *self, int32_t index, struct source_origin *out); /* NULL = unknown */
    /* NULL: it has none. */
    void (*trades)(void *self, const struct source_period *period, source_trade_fn *fn, void *arg);
};

/* The bits of an entry that a client names, ENCODE_TC too; 0 = unknown. */
uint32_t source_entry(const struct market_source *source, const char *name, size_t len_bytes);
bool source_offers(const struct market_source *source, int32_t index);
bool source_ready(const struct market_source *source, int32_t index);
/* The index of one product that a client asks for, which is taken up if that is possible; -1. */
int32_t source_obtain(const struct market_source *source, const char *market_id,
                      const char *symbol);

#endif
