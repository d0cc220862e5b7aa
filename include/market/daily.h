/*
 * daily: when something that is to be done once a day in Argentina is due. Pure.
 */
#ifndef MARKET_DAILY_H
#define MARKET_DAILY_H

#include <stdint.h>

/*
 * The first moment after `after_ns` at which a clock in Argentina shows `minute` (of the day, 0 to
 * 1439); it may be long past: then once is enough.
 */
int64_t daily_due_ns(int64_t after_ns, int minute);

/*
 * When the last time was, as far as it can be believed: a stamp of the future was made while the
 * clock was wrong, and would put the next time off for as long as that; it counts as a day ago.
 */
int64_t daily_last_ns(int64_t last_ns, int64_t now_ns);

/*
 * How long until what was planned for next_ns, by the wall clock of now. 0: it is due; also when it
 * is over a day away, because it was planned before the clock was set back.
 */
int64_t daily_left_ms(int64_t next_ns, int64_t now_ns);

/* How long to wait before the next of several tries: ten minutes, doubled each time up to two
 * hours. */
int64_t daily_retry_ms(int failures);

#endif
