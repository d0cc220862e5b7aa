/*
 * range: the time range of an export, as people write it in --from and --to.
 *
 * Pure. A TIME is one of these, in Argentina (UTC-3):
 *
 *   today  yesterday  26/11/2026  2026-11-26                    a day
 *   today 11:00  26/11/2026 11:00[:00]  2026-11-26T11:00[:00[.123]]   a time; a space may replace T
 *   now  -30s  -90m  -1h  -2d  -1w                              a time before now
 *
 * ISO 8601 may end in a zone ("Z", "-03:00", "+0530"). A range is half-open; a day as its end
 * includes that day.
 */
#ifndef EXPORT_RANGE_H
#define EXPORT_RANGE_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define RANGE_TEXT_BYTES_MAX 64

struct range {
    int64_t from, to; /* ns UTC, [from, to) */
};

/* All times. */
struct range range_all(void);

/*
 * `from`, `to`: NULL = open. -EINVAL: one of them is wrong (`err` says which, and how), or the
 * range is empty. `out` is written on success only.
 */
int range_parse(const char *from, const char *to, int64_t now_ns, struct range *out,
                struct err *err);

#endif
