#include "net/background.h"

#include "support/t.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Linked with --wrap=pthread_create. */
static bool no_threads;
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *),
                          void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *),
                          void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *),
                          void *arg)
{
    return no_threads ? EAGAIN : __real_pthread_create(thread, attr, run, arg);
}

struct job {
    struct background_item item;
    int number;
    bool worked, on_loop;
};

static struct owner {
    struct loop *loop;
    struct background *background;
    pthread_t loop_thread;
    int wanted, again; /* again: so many more are given when one is done */
    char order[256];
    int done, on_loop;
} owner;

static atomic_int worked, disposed;

static void work(void *item)
{
    struct job *job = item;
    job->worked = true;
    job->on_loop = pthread_equal(pthread_self(), owner.loop_thread);
    atomic_fetch_add(&worked, 1);
}

static void dispose(void *item)
{
    atomic_fetch_add(&disposed, 1);
    free(item);
}

static void give(int number)
{
    struct job *job = calloc(1, sizeof(*job));
    job->number = number;
    background_give(owner.background, job);
}

static void done(void *arg, void *item)
{
    struct owner *o = arg;
    struct job *job = item;
    size_t len = strlen(o->order);
    t_true(job->worked);
    t_true(pthread_equal(pthread_self(), o->loop_thread));
    snprintf(o->order + len, sizeof(o->order) - len, "%d ", job->number);
    o->on_loop += job->on_loop;
    free(job);
    if (o->again-- > 0)
        give(100 + o->again);
    if (++o->done == o->wanted)
        loop_stop(o->loop);
}

static void begin(int wanted)
{
    owner = (struct owner){.loop = loop_create(), .loop_thread = pthread_self(), .wanted = wanted};
    const struct background_parts parts = {owner.loop, work, done, dispose, &owner};
    owner.background = background_create(&parts);
    atomic_store(&worked, 0);
    atomic_store(&disposed, 0);
}

static void end(void)
{
    background_destroy(owner.background);
    loop_destroy(owner.loop);
}

static void items_are_done_in_their_order(void **state)
{
    (void)state;
    begin(8);
    owner.again = 3;
    for (int i = 1; i <= 5; i++)
        give(i);
    t_int(owner.done, 0);
    loop_run(owner.loop);
    t_str(owner.order, "1 2 3 4 5 102 101 100 ");
    t_int(owner.on_loop, 0);
    end();
    t_int(atomic_load(&disposed), 0);
}

static void all_is_done_before_it_is_destroyed(void **state)
{
    (void)state;
    begin(0);
    for (int i = 0; i < 20; i++)
        give(i);
    end();
    t_int(atomic_load(&worked), 20);
    t_int(atomic_load(&disposed), 20);
    t_int(owner.done, 0);
    background_destroy(NULL);
}

static void without_a_thread_the_loop_does_it(void **state)
{
    (void)state;
    begin(4);
    no_threads = true;
    owner.again = 1;
    for (int i = 1; i <= 3; i++)
        give(i);
    t_int(atomic_load(&worked), 0);
    loop_run(owner.loop);
    t_str(owner.order, "1 2 3 100 ");
    t_int(owner.on_loop, 4);
    give(5);
    end();
    t_int(atomic_load(&worked), 5);
    t_int(atomic_load(&disposed), 1);
    no_threads = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_are_done_in_their_order),
        cmocka_unit_test(all_is_done_before_it_is_destroyed),
        cmocka_unit_test(without_a_thread_the_loop_does_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
