/*
 * multi: libcurl's transfers on the loop.
 *
 * Owns the curl multi handle, its timer and the watchers of its sockets. Transfers are easy handles
 * (CURL *, which this header does not name) that belong to the caller; `done` is called once for
 * each, from the loop, unless it is removed before.
 */
#ifndef NET_MULTI_H
#define NET_MULTI_H

#include "net/loop.h"

struct multi;

/* `private` is the transfer's CURLOPT_PRIVATE, `code` its CURLcode. It may add and remove
 * transfers. */
typedef void multi_done(void *arg, void *private, int code);

/* `connections`: the maximum, in total and per host. NULL: no memory. */
struct multi *multi_create(struct loop *loop, int connections, multi_done *done, void *arg);
void multi_destroy(struct multi *multi); /* after all transfers are removed */

int multi_add(struct multi *multi, void *easy); /* 0 or -ENOMEM */
void multi_remove(struct multi *multi, void *easy);

#endif
