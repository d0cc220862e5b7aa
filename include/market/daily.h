/*
 * daily: when a task that runs once a day, at a time of day in Argentina, is due. Pure.
 */
#ifndef MARKET_DAILY_H
#define MARKET_DAILY_H

#include <stdint.h>

/*
 * The first time after `after_ns` at which a clock in Argentina shows `minute` (of the day, 0 to
 * 1439). It may be days in the past: the task then runs once, not once per missed day.
 */
int64_t daily_due_ns(int64_t after_ns, int minute);

/*
 * The time of the last run, corrected: a time in the future was stored while the clock was wrong
 * and would delay the next run by as much, so it counts as a day ago.
 */
int64_t daily_last_ns(int64_t last_ns, int64_t now_ns);

/*
 * Time left until the run planned for next_ns. 0: it is due; also if it is over a day away, because
 * then it was planned before the clock was set back.
 */
int64_t daily_left_ms(int64_t next_ns, int64_t now_ns);

/* The wait after the given number of failures in a row: ten minutes, doubled each time up to two
 * hours. */
int64_t daily_retry_ms(int failures);

#endif
