/*
 * segment_names: whether the name of a segment in the configuration is one that exists.
 *
 * Pure. The reference data tell, as far as they are known; else the names that brokers are known to
 * have (protocol section 6.1).
 */
#ifndef MARKET_SEGMENT_NAMES_H
#define MARKET_SEGMENT_NAMES_H

#include "market/instrument_list.h"

#define SEGMENT_DOUBT_BYTES 256

/* Why the name may be wrong, in words; NULL: it is right, or that cannot be told. `list` may be
 * NULL or empty. Returns `out`. */
const char *segment_doubt(char out[SEGMENT_DOUBT_BYTES], const struct instrument_list *list,
                          const char *segment);

#endif
