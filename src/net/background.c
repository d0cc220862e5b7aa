#include "net/background.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

struct queue {
    struct background_item *first, **last;
};

struct background {
    struct background_parts parts;
    struct loop_wake *wake;
    pthread_mutex_t lock;
    struct queue given, ready; /* with the lock */
    bool running;              /* with the lock: the thread will look at `given` again */
    pthread_t thread;
    bool started; /* `thread` exists, and must be joined */
};

/* --- queues ----------------------------------------------------------------------------------- */

static void put(struct queue *queue, struct background_item *item)
{
    item->next = NULL;
    *queue->last = item;
    queue->last = &item->next;
}

static struct background_item *take(struct queue *queue)
{
    struct background_item *item = queue->first;
    if (item && !(queue->first = item->next))
        queue->last = &queue->first;
    return item;
}

static struct background_item *take_locked(struct background *b, struct queue *queue)
{
    pthread_mutex_lock(&b->lock);
    struct background_item *item = take(queue);
    pthread_mutex_unlock(&b->lock);
    return item;
}

/* --- the thread ------------------------------------------------------------------------------- */

static void *run(void *arg)
{
    struct background *b = arg;
    struct background_item *item;
    pthread_mutex_lock(&b->lock);
    while ((item = take(&b->given))) {
        pthread_mutex_unlock(&b->lock);
        b->parts.work(item);
        pthread_mutex_lock(&b->lock);
        put(&b->ready, item);
        loop_wake_send(b->wake);
    }
    b->running = false;
    pthread_mutex_unlock(&b->lock);
    return NULL;
}

static void join(struct background *b)
{
    if (b->started)
        pthread_join(b->thread, NULL);
    b->started = false;
}

/* All signals are blocked in it: the loop handles them. */
static bool start(struct background *b)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    b->started = pthread_create(&b->thread, NULL, run, b) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return b->started;
}

/* --- on the loop ------------------------------------------------------------------------------ */

static void work_here(struct background *b)
{
    struct background_item *item;
    while ((item = take_locked(b, &b->given))) {
        b->parts.work(item);
        put(&b->ready, item);
    }
}

static void on_wake(void *arg)
{
    struct background *b = arg;
    struct background_item *item;
    pthread_mutex_lock(&b->lock);
    bool running = b->running;
    pthread_mutex_unlock(&b->lock);
    if (!running)
        work_here(b);
    while ((item = take_locked(b, &b->ready)))
        b->parts.done(b->parts.arg, item);
}

void background_give(struct background *b, void *item)
{
    pthread_mutex_lock(&b->lock);
    put(&b->given, item);
    bool running = b->running;
    b->running = true;
    pthread_mutex_unlock(&b->lock);
    if (running)
        return;
    join(b); /* of the work before, which has ended */
    if (start(b))
        return;
    b->running = false;
    loop_wake_send(b->wake);
}

/* --- create and destroy ----------------------------------------------------------------------- */

struct background *background_create(const struct background_parts *parts)
{
    struct background *b = calloc(1, sizeof(*b));
    if (!b)
        return NULL;
    b->parts = *parts;
    b->given.last = &b->given.first;
    b->ready.last = &b->ready.first;
    b->wake = loop_wake_create(parts->loop, on_wake, b);
    if (!b->wake) {
        free(b);
        return NULL;
    }
    pthread_mutex_init(&b->lock, NULL);
    return b;
}

void background_destroy(struct background *b)
{
    struct background_item *item;
    if (!b)
        return;
    join(b);
    work_here(b);
    while ((item = take(&b->ready)))
        b->parts.dispose(item);
    loop_wake_destroy(b->wake);
    pthread_mutex_destroy(&b->lock);
    free(b);
}
