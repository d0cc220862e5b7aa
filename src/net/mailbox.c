#include "net/mailbox.h"

#include <pthread.h>
#include <stdlib.h>

struct mailbox {
    pthread_mutex_t lock;
    int shares;
    struct loop_wake *wake; /* NULL: the owner is gone */
    mailbox_fn *fn;
    void *arg;
    void (*dispose)(void *item);
    struct mailbox_item *first, **last;
};

static struct mailbox_item *take_all(struct mailbox *box)
{
    pthread_mutex_lock(&box->lock);
    struct mailbox_item *items = box->first;
    box->first = NULL;
    box->last = &box->first;
    pthread_mutex_unlock(&box->lock);
    return items;
}

/* `fn` may close the box: it exists until the last item is delivered. */
static void on_wake(void *arg)
{
    struct mailbox *box = arg;
    struct mailbox_item *item = take_all(box);
    mailbox_expect(box);
    while (item) {
        struct mailbox_item *next = item->next;
        if (box->wake)
            box->fn(box->arg, item);
        else
            box->dispose(item);
        item = next;
    }
    mailbox_put(box, NULL);
}

struct mailbox *mailbox_create(struct loop *loop, mailbox_fn *fn, void *arg,
                               void (*dispose)(void *item))
{
    struct mailbox *box = calloc(1, sizeof(*box));
    if (!box)
        return NULL;
    *box = (struct mailbox){
        .shares = 1, .fn = fn, .arg = arg, .dispose = dispose, .last = &box->first};
    box->wake = loop_wake_create(loop, on_wake, box);
    if (!box->wake) {
        free(box);
        return NULL;
    }
    pthread_mutex_init(&box->lock, NULL);
    return box;
}

static void destroy(struct mailbox *box)
{
    struct mailbox_item *item = box->first;
    while (item) {
        struct mailbox_item *next = item->next;
        box->dispose(item);
        item = next;
    }
    pthread_mutex_destroy(&box->lock);
    free(box);
}

void mailbox_expect(struct mailbox *box)
{
    pthread_mutex_lock(&box->lock);
    box->shares++;
    pthread_mutex_unlock(&box->lock);
}

void mailbox_put(struct mailbox *box, void *given)
{
    struct mailbox_item *item = given;
    pthread_mutex_lock(&box->lock);
    if (item) {
        item->next = NULL;
        *box->last = item;
        box->last = &item->next;
        if (box->wake)
            loop_wake_send(box->wake);
    }
    bool last = --box->shares == 0;
    pthread_mutex_unlock(&box->lock);
    if (last)
        destroy(box);
}

void mailbox_close(struct mailbox *box)
{
    if (!box)
        return;
    pthread_mutex_lock(&box->lock);
    struct loop_wake *wake = box->wake;
    box->wake = NULL;
    pthread_mutex_unlock(&box->lock);
    loop_wake_destroy(wake);
    mailbox_put(box, NULL);
}
