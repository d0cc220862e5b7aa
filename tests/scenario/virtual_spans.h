/*
 * virtual_spans: the coverage that the service has stored: for which intervals it claims to have
 * observed each instrument. And whether that is true.
 */
#ifndef SCENARIO_VIRTUAL_SPANS_H
#define SCENARIO_VIRTUAL_SPANS_H

#include "market/event_kind.h"

#include <stdint.h>

/* Times are ns UTC, by our wall clock. */
void spans_covered(int instrument, int64_t ts_from, int64_t ts_to, enum event_kind reason);
/* A change was not recorded during this time: no interval may contain it. */
void spans_unseen(int instrument, int64_t ts_from, int64_t ts_to);

/* Call when all coverage has ended: intervals do not overlap, and none contains an unseen one. */
void spans_check(void);

int64_t spans_covered_ms(int instrument, int64_t ts_from, int64_t ts_to); /* within that time */
int spans_ended(int instrument, enum event_kind reason); /* number of intervals ended so */

#endif
