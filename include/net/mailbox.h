/*
 * mailbox: brings what other threads have finished to the loop.
 *
 * Counts its references: the owner has one, and so has each thread, or each request to another
 * thread, that will put something into it. So the owner may go at any time; what is put into the
 * box afterwards is freed there.
 */
#ifndef NET_MAILBOX_H
#define NET_MAILBOX_H

#include "net/loop.h"

struct mailbox;

/* Each item, on the loop, in the order of arrival; it belongs to `fn` then. */
typedef void mailbox_fn(void *arg, void *item);

/* `dispose` frees an item for which there is no owner any more; on any thread. NULL: no memory. */
struct mailbox *mailbox_create(struct loop *loop, mailbox_fn *fn, void *arg,
                               void (*dispose)(void *item));
void mailbox_close(struct mailbox *box); /* by the owner; `fn` is not called any more */

void mailbox_expect(struct mailbox *box); /* by the owner, once before each mailbox_put() */
/* On any thread; takes `item`, which begins with a struct mailbox_item; NULL: nothing came of it.
 */
struct mailbox_item {
    struct mailbox_item *next;
};
void mailbox_put(struct mailbox *box, void *item);

#endif
