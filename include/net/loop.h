/*
 * loop: the event loop (libev). Everything except the writer thread runs on it.
 *
 * Owns the watchers of its timers and signals; callbacks run on the loop's thread only, never from
 * inside the call that armed them. Times are relative milliseconds on the monotonic clock.
 */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include "base/clock.h"

struct loop;
struct loop_timer;
struct loop_signal;
struct loop_wake;

struct loop_stalls {
    int64_t longest_ms;    /* since the loop was created */
    int64_t longest_at_ns; /* when that one ended, wall; 0 = the loop has not run yet */
    int64_t recent_ms;     /* the longest of the last PEAK_METER_MINUTES minutes */
};

typedef void loop_fn(void *arg);

struct loop *loop_create(void);       /* NULL: no epoll, no memory */
void loop_destroy(struct loop *loop); /* after everything armed on it is destroyed */
void loop_run(struct loop *loop);     /* until loop_stop() */
void loop_stop(struct loop *loop);    /* from a callback: loop_run returns after this turn */
struct now loop_now(const struct loop *loop);  /* both clocks, read at the call */
int64_t loop_boot_ms(const struct loop *loop); /* clock_boot_ms() */

/* One-shot; created disarmed. Setting an armed timer moves it. after_ms < 0 counts as 0. */
struct loop_timer *loop_timer_create(struct loop *loop, loop_fn *fn, void *arg);
void loop_timer_set(struct loop_timer *timer, int64_t after_ms);
void loop_timer_stop(struct loop_timer *timer);
void loop_timer_destroy(struct loop_timer *timer);

/* Calls `fn` on the loop each time the process gets the signal. */
struct loop_signal *loop_signal_create(struct loop *loop, int signum, loop_fn *fn, void *arg);
void loop_signal_destroy(struct loop_signal *signal);

/* `fn` is called on the loop after loop_wake_send(), which any thread may call; several calls
 * before it runs cause one call of `fn`. */
struct loop_wake *loop_wake_create(struct loop *loop, loop_fn *fn, void *arg);
void loop_wake_send(struct loop_wake *wake);
void loop_wake_destroy(struct loop_wake *wake); /* when no thread calls loop_wake_send() any more */

/*
 * One object that all users of this loop share: `create` makes it at the first call, and it is
 * destroyed with the loop. NULL: `create` returned NULL. There is one object per loop, not one per
 * `create`: only net/resolver uses this.
 */
void *loop_shared(struct loop *loop, void *(*create)(struct loop *loop), void (*destroy)(void *));

/* How long the loop was busy between two waits; other events wait during that time. */
struct loop_stalls loop_stalls(const struct loop *loop);

/* The libev loop, for libraries that have their own watchers (struct ev_loop *). */
void *loop_native(struct loop *loop);

#endif
