#include "virtual_time.h"

#include "place.h"

#include <stdlib.h>

#define LAST_RUN_MS 60000
#define SPIN_MAX    10000 /* timers in one millisecond: more is an endless loop */

struct loop_timer {
    struct loop_timer *next;
    struct loop *loop;
    loop_fn *fn;
    void *arg;
    int64_t due_ms; /* INT64_MAX = not armed */
    uint64_t order; /* timers due at the same time fire in the order of arming */
};

struct loop_signal {
    struct loop_signal *next;
    struct loop *loop;
    int signum;
    loop_fn *fn;
    void *arg;
};

struct loop {
    struct loop_timer *timers;
    struct loop_signal *signals;
    uint64_t orders;
    bool stopped;
};

static struct {
    int64_t now_ms;
    int64_t slept_ms;  /* total suspended time */
    int64_t offset_ns; /* the broker's wall clock minus the monotonic one */
    int64_t set_ns;    /* our wall clock minus the broker's */
    int64_t every_ms, every_next_ms;
    void (*every)(void);
    void (*run)(struct loop *loop);
} virtual_time;

/* --- clocks ----------------------------------------------------------------------------------- */

void time_begin(int64_t wall_ns)
{
    virtual_time.now_ms = 1000000;
    virtual_time.offset_ns = wall_ns - virtual_time.now_ms * NS_PER_MS;
}

int64_t time_ms(void)
{
    return virtual_time.now_ms;
}

int64_t time_broker_ns(int64_t mono_ms)
{
    return virtual_time.offset_ns + mono_ms * NS_PER_MS;
}

int64_t time_wall_ns(void)
{
    return time_broker_ns(virtual_time.now_ms) + virtual_time.set_ns;
}

void time_suspend(int64_t ms)
{
    virtual_time.slept_ms += ms;
    virtual_time.offset_ns += ms * NS_PER_MS; /* time passes for the broker too */
}

void time_set(int64_t by_ms)
{
    virtual_time.set_ns += by_ms * NS_PER_MS;
}

struct now __wrap_clock_now(void);
struct now __wrap_clock_now(void)
{
    return (struct now){time_ms(), time_wall_ns()};
}

struct now loop_now(const struct loop *loop)
{
    (void)loop;
    return __wrap_clock_now();
}

int64_t loop_boot_ms(const struct loop *loop)
{
    (void)loop;
    return virtual_time.now_ms + virtual_time.slept_ms;
}

/* --- the loop --------------------------------------------------------------------------------- */

struct loop *loop_create(void)
{
    return calloc(1, sizeof(struct loop));
}

void loop_destroy(struct loop *loop)
{
    if (!loop)
        return;
    if (loop->timers)
        place_fail("a timer was not destroyed before the loop");
    if (loop->signals)
        place_fail("a signal handler was not destroyed before the loop");
    free(loop);
}

/* After a stop, the service runs the loop once more to send its last alerts. */
void loop_run(struct loop *loop)
{
    if (!loop->stopped) {
        virtual_time.run(loop);
        return;
    }
    loop->stopped = false;
    time_pass(loop, LAST_RUN_MS);
    if (!loop->stopped)
        place_fail("the service does not stop");
}

void loop_stop(struct loop *loop)
{
    loop->stopped = true;
}

void time_on_run(void (*fn)(struct loop *loop))
{
    virtual_time.run = fn;
}

bool time_stopped(const struct loop *loop)
{
    return loop && loop->stopped;
}

struct loop_stalls loop_stalls(const struct loop *loop)
{
    (void)loop;
    return (struct loop_stalls){0};
}

void *loop_native(struct loop *loop)
{
    (void)loop;
    return NULL;
}

void *loop_shared(struct loop *loop, void *(*create)(struct loop *loop), void (*destroy)(void *))
{
    (void)loop;
    (void)create;
    (void)destroy;
    return NULL;
}

/* --- timers ----------------------------------------------------------------------------------- */

struct loop_timer *loop_timer_create(struct loop *loop, loop_fn *fn, void *arg)
{
    struct loop_timer *t = calloc(1, sizeof(*t));
    *t = (struct loop_timer){
        .next = loop->timers, .loop = loop, .fn = fn, .arg = arg, .due_ms = INT64_MAX};
    loop->timers = t;
    return t;
}

void loop_timer_set(struct loop_timer *timer, int64_t after_ms)
{
    timer->due_ms = virtual_time.now_ms + (after_ms > 0 ? after_ms : 0);
    timer->order = timer->loop->orders++;
}

void loop_timer_stop(struct loop_timer *timer)
{
    timer->due_ms = INT64_MAX;
}

void loop_timer_destroy(struct loop_timer *timer)
{
    if (!timer)
        return;
    struct loop_timer **at = &timer->loop->timers;
    while (*at != timer)
        at = &(*at)->next;
    *at = timer->next;
    free(timer);
}

static struct loop_timer *earliest(const struct loop *loop)
{
    struct loop_timer *best = loop ? loop->timers : NULL;
    for (struct loop_timer *t = best; t; t = t->next) {
        if (t->due_ms < best->due_ms || (t->due_ms == best->due_ms && t->order < best->order))
            best = t;
    }
    return best;
}

/* --- signals, and wake-ups by other threads, of which there are none here --------------------- */

struct loop_signal *loop_signal_create(struct loop *loop, int signum, loop_fn *fn, void *arg)
{
    struct loop_signal *s = calloc(1, sizeof(*s));
    *s = (struct loop_signal){
        .next = loop->signals, .loop = loop, .signum = signum, .fn = fn, .arg = arg};
    loop->signals = s;
    return s;
}

void loop_signal_destroy(struct loop_signal *signal)
{
    if (!signal)
        return;
    struct loop_signal **at = &signal->loop->signals;
    while (*at != signal)
        at = &(*at)->next;
    *at = signal->next;
    free(signal);
}

void time_signal(struct loop *loop, int signum)
{
    for (struct loop_signal *s = loop->signals; s; s = s->next) {
        if (s->signum == signum) {
            s->fn(s->arg);
            return;
        }
    }
    place_fail("the service does not handle signal %d", signum);
}

struct loop_wake *loop_wake_create(struct loop *loop, loop_fn *fn, void *arg)
{
    return (struct loop_wake *)loop_timer_create(loop, fn, arg);
}

void loop_wake_send(struct loop_wake *wake)
{
    loop_timer_set((struct loop_timer *)wake, 0);
}

void loop_wake_destroy(struct loop_wake *wake)
{
    loop_timer_destroy((struct loop_timer *)wake);
}

/* --- time passes ------------------------------------------------------------------------------ */

void time_every(int64_t ms, void (*fn)(void))
{
    virtual_time.every_ms = ms;
    virtual_time.every = fn;
    virtual_time.every_next_ms = ms ? virtual_time.now_ms + ms : INT64_MAX;
}

static void fire(struct loop_timer *timer)
{
    timer->due_ms = INT64_MAX;
    timer->fn(timer->arg);
}

static void tick(void)
{
    virtual_time.every_next_ms += virtual_time.every_ms;
    virtual_time.every();
}

void time_pass(struct loop *loop, int64_t ms)
{
    int64_t until_ms = virtual_time.now_ms + ms;
    int spins = 0;
    while (!time_stopped(loop)) {
        struct loop_timer *t = earliest(loop);
        int64_t due_ms = t ? t->due_ms : INT64_MAX;
        int64_t tick_ms = virtual_time.every_ms ? virtual_time.every_next_ms : INT64_MAX;
        int64_t at_ms = due_ms < tick_ms ? due_ms : tick_ms;
        if (at_ms > until_ms)
            break;
        spins = at_ms > virtual_time.now_ms ? 0 : spins + 1;
        if (spins >= SPIN_MAX)
            place_fail("%d timers fired within one millisecond: an endless loop", spins);
        if (at_ms > virtual_time.now_ms)
            virtual_time.now_ms = at_ms;
        if (tick_ms <= due_ms)
            tick();
        else
            fire(t);
    }
    if (!time_stopped(loop))
        virtual_time.now_ms = until_ms;
}
