/*
 * background: work of one owner that would block the loop, such as reading a large list or syncing
 * a file, done on another thread, one item after the other.
 *
 * All that is given is done, in the order in which it was given. The thread exists only while there
 * is work; if it cannot be started, the work is done on the loop. Owns the items until they are
 * delivered.
 */
#ifndef NET_BACKGROUND_H
#define NET_BACKGROUND_H

#include "net/loop.h"

struct background;

/* The first member of each item. */
struct background_item {
    struct background_item *next;
};

struct background_parts {
    struct loop *loop;                   /* borrowed */
    void (*work)(void *item);            /* on the other thread */
    void (*done)(void *arg, void *item); /* on the loop; the item belongs to it then */
    void (*dispose)(void *item);         /* frees one that is not delivered any more */
    void *arg;
};

struct background *background_create(const struct background_parts *parts); /* NULL: no memory */
/* Waits until all that was given is done; `done` is not called any more. Not from `done`. */
void background_destroy(struct background *background);

/* On the loop; takes `item`. `done` is called later, never from inside this call. */
void background_give(struct background *background, void *item);

#endif
