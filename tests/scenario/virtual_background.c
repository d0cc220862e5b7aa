/*
 * virtual_background: replaces net/background. There is no other thread: work is done when it is
 * given, and delivered by the loop, without virtual time passing.
 */
#include "net/background.h"

#include <stdlib.h>

struct background {
    struct background_parts parts;
    struct loop_wake *wake;
    struct background_item *first, **last;
};

static struct background_item *take(struct background *b)
{
    struct background_item *item = b->first;
    if (item && !(b->first = item->next))
        b->last = &b->first;
    return item;
}

static void on_wake(void *arg)
{
    struct background *b = arg;
    struct background_item *item;
    while ((item = take(b)))
        b->parts.done(b->parts.arg, item);
}

struct background *background_create(const struct background_parts *parts)
{
    struct background *b = calloc(1, sizeof(*b));
    b->parts = *parts;
    b->last = &b->first;
    b->wake = loop_wake_create(parts->loop, on_wake, b);
    return b;
}

void background_destroy(struct background *b)
{
    struct background_item *item;
    if (!b)
        return;
    while ((item = take(b)))
        b->parts.dispose(item);
    loop_wake_destroy(b->wake);
    free(b);
}

void background_give(struct background *b, void *given)
{
    struct background_item *item = given;
    b->parts.work(item);
    item->next = NULL;
    *b->last = item;
    b->last = &item->next;
    loop_wake_send(b->wake);
}
