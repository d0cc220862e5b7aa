/*
 * virtual_time: the clocks and the event loop, in virtual time. Replaces net/loop and clock_now().
 *
 * Time passes only in time_pass(), which runs the timers that become due, in their order. Hours
 * take milliseconds, and nothing depends on the machine's speed. The broker has a wall clock of its
 * own, which is not affected when that of the service is set.
 */
#ifndef SCENARIO_VIRTUAL_TIME_H
#define SCENARIO_VIRTUAL_TIME_H

#include "net/loop.h"

#include <stdbool.h>
#include <stdint.h>

void time_begin(int64_t wall_ns);
int64_t time_ms(void);                   /* monotonic */
int64_t time_wall_ns(void);              /* of the service's machine */
int64_t time_broker_ns(int64_t mono_ms); /* of the broker, at that time */

/* Advances the time by `ms`, or until the loop is stopped; NULL = the service does not run. */
void time_pass(struct loop *loop, int64_t ms);
void time_suspend(int64_t ms); /* the machine is suspended: the monotonic clock stands */
void time_set(int64_t by_ms);  /* our wall clock is set ahead, or back */

/* Calls `fn` every `ms` of time that passes; 0 = no longer. */
void time_every(int64_t ms, void (*fn)(void));

/* loop_run() calls it; it advances the time itself. */
void time_on_run(void (*fn)(struct loop *loop));
bool time_stopped(const struct loop *loop); /* loop_stop() was called */
void time_signal(struct loop *loop, int signum);

#endif
