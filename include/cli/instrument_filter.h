/*
 * instrument_filter: which rows of the view `instruments` a user wants to see.
 *
 * Pure. All texts are shell globs, without case. A pattern is compared with the symbol and with the
 * product, so that 'GGAL*' finds MERV - XMEV - GGAL - 24hs too.
 */
#ifndef CLI_INSTRUMENT_FILTER_H
#define CLI_INSTRUMENT_FILTER_H

#include "store/read/reader.h"

#include <stdbool.h>

#define INSTRUMENT_FILTER_DATE 11

/* All borrowed; NULL = any. */
struct instrument_filter {
    const char *const *patterns;
    int patterns_count;
    const char *segment, *cfi, *product, *currency;
    char maturity[INSTRUMENT_FILTER_DATE]; /* the beginning of the date; "" = any */
    bool all;                              /* also those that are not listed any more */
};

/* "2026", "2026-12", "2026-12-31" or "DIC26". False: none of these, `filter` is unchanged. */
bool instrument_filter_maturity(struct instrument_filter *filter, const char *text);

bool instrument_filter_takes(const struct instrument_filter *filter, int columns,
                             const struct reader_value *values);
/* Whether this pattern matches the row. */
bool instrument_filter_matches(const char *pattern, int columns, const struct reader_value *values);

#endif
