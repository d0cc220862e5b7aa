/*
 * quote: the market data of one instrument at one time. Open values, copied by assignment.
 *
 * "The broker has no value" is NAN for a double, 0 for a time, DAY_NONE for a day and no
 * levels for a book side; zero is a value. No field is ever infinite. The store writes NAN as NULL.
 */
#ifndef MARKET_QUOTE_H
#define MARKET_QUOTE_H

#include "market/entry.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#define QUOTE_DEPTH_MAX 10
#define DAY_NONE        INT32_MIN

/* Where a quote came from. The numbers are stored; add at the end only. */
enum source { SOURCE_REST = 1, SOURCE_STREAM = 2, SOURCE_MATRIZ = 3 };

const char *source_name(enum source source); /* "rest"; NULL for another number */

struct level {
    double price; /* always finite */
    double size;  /* contracts, units, nominal or pesos with cents; NAN = unknown */
};

struct side {
    int count;                           /* 0..QUOTE_DEPTH_MAX */
    struct level level[QUOTE_DEPTH_MAX]; /* best first; levels from `count` on are zeroed */
};

struct quote {
    struct side bids, offers;
    double last_price, last_size;
    int64_t ts_last; /* of the last trade; ns UTC */
    double open_price, high_price, low_price;
    double close_price;
    int32_t close_day; /* the session it belongs to, in days since 1970-01-01 */
    int32_t settlement_day;
    double settlement_price;
    double open_interest;
    double trade_volume, nominal_volume, effective_volume;
    double index_value;
    double auction_price;
    int64_t ts_event; /* the time of the event by the broker; ns UTC, 0 = unknown (REST has none) */
};

/* The content of one message: `quote` is valid only for the entries in `entries`. */
struct quote_update {
    uint32_t entries;
    struct quote quote;
    uint32_t best_only; /* of BI, OF: only the best level is known, there may be others behind it */
    uint32_t fallback;  /* of CL, SE: used only if there is no value yet */
};

struct quote quote_none(void);
/*
 * The entries of `entries` in which `a` and `b` differ; doubles compare exactly, NAN equals NAN.
 * The sources are not equally exact: a last trade without a size is the same as one with a size if
 * price and second are equal, or if one of them has no time.
 */
uint32_t quote_diff(const struct quote *a, const struct quote *b, uint32_t entries);
/* Copies the entries of `entries` from `from`. */
void quote_copy(struct quote *to, const struct quote *from, uint32_t entries);
/* A copy with only the best `depth` levels of each side. */
struct quote quote_shallow(const struct quote *quote, int depth);
/*
 * Completes an update for an instrument with the quote `present`: the levels behind a best one that
 * came alone are those of `present`, and entries that are not needed are removed.
 */
void quote_complete(struct quote_update *update, const struct quote *present);
/* Best bid above best offer: recorded as received, and reported. */
bool quote_crossed(const struct quote *quote);

#endif
