/*
 * time_text: times and dates in the lines of the browser terminal (protocol section 12.4).
 */
#ifndef MATRIZ_TIME_TEXT_H
#define MATRIZ_TIME_TEXT_H

#include <stddef.h>
#include <stdint.h>

/*
 * "2026-11-19T14:02:58Z" in ns UTC; 0 = not readable, or not between 1990 and 2099. The seconds may
 * be missing (then it is the begin of the minute) or have a fraction, of which milliseconds are
 * kept; the Z may be missing; a further part ("14:02:58:00Z") is ignored.
 */
int64_t matriz_time(const char *text, size_t len_bytes);

/* "2026-11-19", also with a time behind it, in days since 1970-01-01; DAY_NONE as above. */
int32_t matriz_day(const char *text, size_t len_bytes);

#endif
