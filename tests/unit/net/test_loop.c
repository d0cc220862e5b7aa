#include "net/loop.h"

#include "support/t.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

struct fixture {
    struct loop *loop;
    struct loop_timer *timer[3];
    int order[16], fired;
};

struct shot {
    struct fixture *f;
    int which;
    int64_t again_ms; /* 0 = once */
    bool destroys;
};

static void fire(void *arg)
{
    struct shot *shot = arg;
    struct fixture *f = shot->f;
    f->order[f->fired++] = shot->which;
    if (shot->destroys) {
        loop_timer_destroy(f->timer[shot->which]);
        f->timer[shot->which] = NULL;
    }
    if (shot->again_ms && f->fired < 5)
        loop_timer_set(f->timer[shot->which], shot->again_ms);
}

static void stop(void *arg)
{
    loop_stop(arg);
}

static void run_for(struct fixture *f, int64_t ms)
{
    struct loop_timer *end = loop_timer_create(f->loop, stop, f->loop);
    loop_timer_set(end, ms);
    loop_run(f->loop);
    loop_timer_destroy(end);
}

static void timers_fire_in_order_once(void **state)
{
    (void)state;
    struct fixture f = {.loop = loop_create()};
    struct shot shots[3] = {{&f, 0, 0, false}, {&f, 1, 0, false}, {&f, 2, 0, false}};
    static const int64_t delays_ms[] = {30, 10, 20};
    for (int i = 0; i < 3; i++) {
        f.timer[i] = loop_timer_create(f.loop, fire, &shots[i]);
        loop_timer_set(f.timer[i], delays_ms[i]);
    }
    run_for(&f, 60);
    t_int(f.fired, 3);
    t_int(f.order[0], 1);
    t_int(f.order[1], 2);
    t_int(f.order[2], 0);
    for (int i = 0; i < 3; i++)
        loop_timer_destroy(f.timer[i]);
    loop_destroy(f.loop);
}

static void timers_do_not_fire_early(void **state)
{
    (void)state;
    struct fixture f = {.loop = loop_create()};
    for (int i = 0; i < 5; i++) {
        int64_t before_ms = clock_now().mono_ms;
        run_for(&f, 25);
        t_true(clock_now().mono_ms - before_ms >= 25);
    }
    loop_destroy(f.loop);
}

static void setting_again_moves_and_stop_disarms(void **state)
{
    (void)state;
    struct fixture f = {.loop = loop_create()};
    struct shot moved = {&f, 0, 0, false}, stopped = {&f, 1, 0, false}, again = {&f, 2, 1, false};
    f.timer[0] = loop_timer_create(f.loop, fire, &moved);
    f.timer[1] = loop_timer_create(f.loop, fire, &stopped);
    f.timer[2] = loop_timer_create(f.loop, fire, &again);
    loop_timer_set(f.timer[0], 5);
    loop_timer_set(f.timer[0], 60000);
    loop_timer_set(f.timer[1], 5);
    loop_timer_stop(f.timer[1]);
    loop_timer_stop(f.timer[1]);
    loop_timer_set(f.timer[2], 1);
    run_for(&f, 50);
    t_int(f.fired, 5);
    for (int i = 0; i < f.fired; i++)
        t_int(f.order[i], 2);
    for (int i = 0; i < 3; i++)
        loop_timer_destroy(f.timer[i]);
    loop_timer_destroy(NULL);
    loop_destroy(f.loop);
}

static void a_timer_may_destroy_itself(void **state)
{
    (void)state;
    struct fixture f = {.loop = loop_create()};
    struct shot shot = {&f, 0, 0, true};
    f.timer[0] = loop_timer_create(f.loop, fire, &shot);
    loop_timer_set(f.timer[0], 0);
    run_for(&f, 20);
    t_int(f.fired, 1);
    assert_null(f.timer[0]);
    loop_destroy(f.loop);
}

static void signals_arrive_in_the_loop(void **state)
{
    (void)state;
    struct loop *loop = loop_create();
    struct loop_signal *usr1 = loop_signal_create(loop, SIGUSR1, stop, loop);
    assert_non_null(usr1);
    kill(getpid(), SIGUSR1);
    loop_run(loop); /* returns only because of the signal */
    loop_signal_destroy(usr1);
    loop_signal_destroy(NULL);
    loop_destroy(loop);
}

static void both_clocks_move(void **state)
{
    (void)state;
    struct fixture f = {.loop = loop_create()};
    run_for(&f, 1);
    struct now before = loop_now(f.loop);
    run_for(&f, 20);
    struct now after = loop_now(f.loop);
    t_true(after.mono_ms - before.mono_ms >= 20);
    t_true(after.wall_ns > before.wall_ns);
    struct now real = clock_now();
    t_true(real.mono_ms >= after.mono_ms && real.mono_ms - after.mono_ms < 10000);
    loop_destroy(f.loop);
}

#define BUSY_MS 30

static void keep_busy(void *arg)
{
    int64_t until_ms = clock_now().mono_ms + BUSY_MS;
    while (clock_now().mono_ms < until_ms)
        ;
    *(int64_t *)arg = clock_now().wall_ns;
}

/* Time spent waiting is not a stall, time in a callback is. */
static void stalls_are_measured(void **state)
{
    (void)state;
    int64_t busy_until_ns = 0;
    struct fixture f = {.loop = loop_create()};
    t_int(loop_stalls(f.loop).longest_at_ns, 0);
    struct loop_timer *busy = loop_timer_create(f.loop, keep_busy, &busy_until_ns);
    loop_timer_set(busy, 1);
    run_for(&f, 40);
    run_for(&f, 1); /* time between two loop_run() calls is not a stall */
    struct loop_stalls stalls = loop_stalls(f.loop);
    t_true(stalls.longest_ms >= BUSY_MS - 1);
    t_int(stalls.recent_ms, stalls.longest_ms);
    t_true(stalls.longest_at_ns >= busy_until_ns);
    loop_timer_destroy(busy);
    loop_destroy(f.loop);
}

static int shared_created, shared_destroyed;

static void *create_shared(struct loop *loop)
{
    return ++shared_created == 1 ? NULL : loop; /* the first call fails */
}

static void destroy_shared(void *shared)
{
    t_true(shared != NULL);
    shared_destroyed++;
}

static void the_shared_object_is_created_once(void **state)
{
    (void)state;
    struct loop *loop = loop_create();
    assert_null(loop_shared(loop, create_shared, destroy_shared));
    for (int i = 0; i < 3; i++)
        t_true(loop_shared(loop, create_shared, destroy_shared) == loop);
    t_int(shared_created, 2);
    t_int(shared_destroyed, 0);
    loop_destroy(loop);
    t_int(shared_destroyed, 1);
}

static void *send_thrice(void *arg)
{
    for (int i = 0; i < 3; i++)
        loop_wake_send(arg);
    return NULL;
}

static void wakes_from_another_thread(void **state)
{
    (void)state;
    struct loop *loop = loop_create();
    struct loop_wake *wake = loop_wake_create(loop, stop, loop);
    pthread_t thread;
    loop_wake_send(wake); /* sent before loop_run(): must not be lost */
    loop_run(loop);
    pthread_create(&thread, NULL, send_thrice, wake);
    loop_run(loop); /* returns only because of the wake */
    pthread_join(thread, NULL);
    loop_wake_destroy(wake);
    loop_wake_destroy(NULL);
    loop_destroy(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_fire_in_order_once),
        cmocka_unit_test(timers_do_not_fire_early),
        cmocka_unit_test(setting_again_moves_and_stop_disarms),
        cmocka_unit_test(a_timer_may_destroy_itself),
        cmocka_unit_test(signals_arrive_in_the_loop),
        cmocka_unit_test(wakes_from_another_thread),
        cmocka_unit_test(both_clocks_move),
        cmocka_unit_test(stalls_are_measured),
        cmocka_unit_test(the_shared_object_is_created_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
