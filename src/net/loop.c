#include "net/loop.h"

#include "base/peak_meter.h"

#include <ev.h>
#include <stdlib.h>

struct loop {
    struct ev_loop *ev;
    ev_check woken;     /* first watcher to run after a wait */
    ev_prepare waiting; /* last watcher to run before a wait */
    int64_t woken_ms;   /* -1 = not yet */
    struct peak_meter stalls;
    void *shared;
    void (*destroy_shared)(void *shared);
};

struct loop_timer {
    struct loop *loop;
    loop_fn *fn;
    void *arg;
    ev_timer ev;
};

struct loop_signal {
    struct loop *loop;
    loop_fn *fn;
    void *arg;
    ev_signal ev;
};

/* --- stalls ----------------------------------------------------------------------------------- */

static void on_woken(struct ev_loop *ev, ev_check *w, int revents)
{
    struct loop *loop = w->data;
    (void)ev;
    (void)revents;
    loop->woken_ms = clock_now().mono_ms;
}

static void on_waiting(struct ev_loop *ev, ev_prepare *w, int revents)
{
    struct loop *loop = w->data;
    struct now now = clock_now();
    (void)ev;
    (void)revents;
    if (loop->woken_ms >= 0)
        peak_meter_take(&loop->stalls, now.mono_ms - loop->woken_ms, now);
}

/* ev_unref: these two watchers must not keep ev_run() running. */
static void measure_stalls(struct loop *loop)
{
    loop->woken_ms = -1;
    ev_check_init(&loop->woken, on_woken);
    ev_set_priority(&loop->woken, EV_MAXPRI);
    loop->woken.data = loop;
    ev_check_start(loop->ev, &loop->woken);
    ev_prepare_init(&loop->waiting, on_waiting);
    ev_set_priority(&loop->waiting, EV_MINPRI);
    loop->waiting.data = loop;
    ev_prepare_start(loop->ev, &loop->waiting);
    ev_unref(loop->ev);
    ev_unref(loop->ev);
}

struct loop_stalls loop_stalls(const struct loop *loop)
{
    return (struct loop_stalls){
        .longest_ms = loop->stalls.highest,
        .longest_at_ns = loop->stalls.highest_at_ns,
        .recent_ms = peak_meter_recent(&loop->stalls, clock_now().mono_ms),
    };
}

/* --- create and destroy ----------------------------------------------------------------------- */

struct loop_wake {
    struct loop *loop;
    loop_fn *fn;
    void *arg;
    ev_async ev;
};

struct loop *loop_create(void)
{
    struct loop *loop = calloc(1, sizeof(*loop));
    if (!loop)
        return NULL;
    loop->ev = ev_loop_new(EVFLAG_AUTO);
    if (!loop->ev) {
        free(loop);
        return NULL;
    }
    ev_ref(loop->ev); /* ev_run() must not return when no watcher is active */
    measure_stalls(loop);
    return loop;
}

void loop_destroy(struct loop *loop)
{
    if (!loop)
        return;
    if (loop->shared)
        loop->destroy_shared(loop->shared);
    ev_loop_destroy(loop->ev);
    free(loop);
}

void loop_run(struct loop *loop)
{
    loop->woken_ms = -1;
    ev_run(loop->ev, 0);
}

void loop_stop(struct loop *loop)
{
    ev_break(loop->ev, EVBREAK_ALL);
}

struct now loop_now(const struct loop *loop)
{
    (void)loop;
    return clock_now();
}

void *loop_shared(struct loop *loop, void *(*create)(struct loop *loop), void (*destroy)(void *))
{
    if (!loop->shared) {
        loop->shared = create(loop);
        loop->destroy_shared = destroy;
    }
    return loop->shared;
}

int64_t loop_boot_ms(const struct loop *loop)
{
    (void)loop;
    return clock_boot_ms();
}

void *loop_native(struct loop *loop)
{
    return loop->ev;
}

/* --- timers ----------------------------------------------------------------------------------- */

static void on_timer(struct ev_loop *ev, ev_timer *w, int revents)
{
    struct loop_timer *timer = w->data;
    (void)ev;
    (void)revents;
    timer->fn(timer->arg);
}

struct loop_timer *loop_timer_create(struct loop *loop, loop_fn *fn, void *arg)
{
    struct loop_timer *timer = calloc(1, sizeof(*timer));
    if (!timer)
        return NULL;
    *timer = (struct loop_timer){.loop = loop, .fn = fn, .arg = arg};
    ev_init(&timer->ev, on_timer);
    timer->ev.data = timer;
    return timer;
}

void loop_timer_set(struct loop_timer *timer, int64_t after_ms)
{
    struct ev_loop *ev = timer->loop->ev;
    ev_timer_stop(ev, &timer->ev);
    ev_now_update(ev); /* libev counts from its cached time, which is old after a long callback */
    ev_timer_set(&timer->ev, after_ms > 0 ? (double)after_ms / 1000.0 : 0, 0);
    ev_timer_start(ev, &timer->ev);
}

void loop_timer_stop(struct loop_timer *timer)
{
    ev_timer_stop(timer->loop->ev, &timer->ev);
}

void loop_timer_destroy(struct loop_timer *timer)
{
    if (!timer)
        return;
    loop_timer_stop(timer);
    free(timer);
}

/* --- signals ---------------------------------------------------------------------------------- */

static void on_signal(struct ev_loop *ev, ev_signal *w, int revents)
{
    struct loop_signal *signal = w->data;
    (void)ev;
    (void)revents;
    signal->fn(signal->arg);
}

struct loop_signal *loop_signal_create(struct loop *loop, int signum, loop_fn *fn, void *arg)
{
    struct loop_signal *signal = calloc(1, sizeof(*signal));
    if (!signal)
        return NULL;
    *signal = (struct loop_signal){.loop = loop, .fn = fn, .arg = arg};
    ev_signal_init(&signal->ev, on_signal, signum);
    signal->ev.data = signal;
    ev_signal_start(loop->ev, &signal->ev);
    return signal;
}

void loop_signal_destroy(struct loop_signal *signal)
{
    if (!signal)
        return;
    ev_signal_stop(signal->loop->ev, &signal->ev);
    free(signal);
}

/* --- other threads ---------------------------------------------------------------------------- */

static void on_async(struct ev_loop *ev, ev_async *w, int revents)
{
    struct loop_wake *wake = w->data;
    (void)ev;
    (void)revents;
    wake->fn(wake->arg);
}

struct loop_wake *loop_wake_create(struct loop *loop, loop_fn *fn, void *arg)
{
    struct loop_wake *wake = calloc(1, sizeof(*wake));
    if (!wake)
        return NULL;
    *wake = (struct loop_wake){.loop = loop, .fn = fn, .arg = arg};
    ev_async_init(&wake->ev, on_async);
    wake->ev.data = wake;
    ev_async_start(loop->ev, &wake->ev);
    return wake;
}

void loop_wake_send(struct loop_wake *wake)
{
    ev_async_send(wake->loop->ev, &wake->ev);
}

void loop_wake_destroy(struct loop_wake *wake)
{
    if (!wake)
        return;
    ev_async_stop(wake->loop->ev, &wake->ev);
    free(wake);
}
