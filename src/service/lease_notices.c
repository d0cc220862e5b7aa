#include "service/lease_notices.h"

#include "net/mailbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lease_notices {
    struct mailbox *box;
    lease_notices_fn *fn;
    void *arg;
};

struct item {
    struct mailbox_item item;
    struct lease_notice notice; /* its texts are the following: */
    char host[LEASE_HOST_BYTES], why[LEASE_TEXT_BYTES], token[TOKEN_BYTES_MAX];
};

static void dispose(void *item)
{
    explicit_bzero(item, sizeof(struct item));
    free(item);
}

static void on_arrived(void *arg, void *item)
{
    const struct lease_notices *notices = arg;
    const struct item *arrived = item;
    notices->fn(notices->arg, &arrived->notice);
    dispose(item);
}

void lease_notices_put(void *arg, const struct lease_notice *from)
{
    const struct lease_notices *notices = arg;
    struct item *item = calloc(1, sizeof(*item));
    if (!item)
        abort(); /* a change of the holder must not be missed */
    item->notice = *from;
    snprintf(item->host, sizeof(item->host), "%s", from->host);
    snprintf(item->why, sizeof(item->why), "%s", from->why);
    snprintf(item->token, sizeof(item->token), "%s", from->token);
    item->notice.host = item->host;
    item->notice.why = item->why;
    item->notice.token = item->token;
    mailbox_expect(notices->box);
    mailbox_put(notices->box, item);
}

struct lease_notices *lease_notices_create(struct loop *loop, lease_notices_fn *fn, void *arg)
{
    struct lease_notices *notices = calloc(1, sizeof(*notices));
    if (!notices)
        return NULL;
    notices->fn = fn;
    notices->arg = arg;
    notices->box = mailbox_create(loop, on_arrived, notices, dispose);
    if (notices->box)
        return notices;
    free(notices);
    return NULL;
}

void lease_notices_destroy(struct lease_notices *notices)
{
    if (!notices)
        return;
    mailbox_close(notices->box);
    free(notices);
}
