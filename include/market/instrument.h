/*
 * instrument: the reference data of one instrument, as the broker lists it (protocol section 6.4).
 *
 * Pure. A plain value whose texts and ranges belong to somebody else: market/instrument_list keeps
 * copies. NULL, NAN and a negative number of digits mean that the broker does not say.
 */
#ifndef MARKET_INSTRUMENT_H
#define MARKET_INSTRUMENT_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct tick_range {
    double from, to; /* to: NAN = no upper limit */
    double tick;
};

#define INSTRUMENT_RANGES_MAX 16  /* the longest list known has 6 */
#define INSTRUMENT_DIGITS_MAX 12  /* more decimals are not a precision */
#define INSTRUMENT_TEXT_BYTES 128 /* of a symbol and of any other text, without the NUL */

struct instrument {
    const char *market_id, *symbol, *segment, *cfi_code, *currency;
    const char *maturity;    /* YYYYMMDD */
    const char *description; /* usually the symbol again */
    const char *settl_type, *underlying;
    const char *order_types, *times_in_force; /* the names, separated by commas */
    double low_limit, high_limit;             /* the price band of the day */
    double price_tick, size_step;             /* minPriceIncrement, tickSize */
    double min_size, max_size, round_lot;
    double multiplier, price_factor;
    double strike;
    int price_digits, size_digits; /* decimals to show; < 0 = unknown */
    const struct tick_range *ranges;
    int ranges_count;
    int64_t ts_listed; /* when a list last had it, ns UTC; 0 = in none that was read */
    bool listed;       /* the last list has it */
};

extern const struct instrument instrument_unknown; /* nothing is known of it */

/* `into` gets what it lacks and `from` has; its identity and its place in the list stay. */
void instrument_fill(struct instrument *into, const struct instrument *from);

/* The values that traders' programs rely on; a change of them is an event. */
enum instrument_change {
    INSTRUMENT_TERMS = 1,  /* ticks, steps, multiplier, factor, sizes, maturity, currency, strike */
    INSTRUMENT_LIMITS = 2, /* the price band, which many exchanges set anew each day */
};

/*
 * What differs, as bits; only values that are known on both sides. Appends the differences of
 * `kinds` in words: "price tick 0.5 -> 0.1, contract multiplier 1000 -> 100".
 */
unsigned instrument_changes(const struct instrument *before, const struct instrument *after,
                            unsigned kinds, struct buf *words);

/* Decimals of its prices: as the broker says, else those of its ticks; -1 = unknown. */
int instrument_decimals(const struct instrument *instrument);

#endif
