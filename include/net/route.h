/*
 * route: the way to the host of a URL: the proxy it goes through, and the addresses of the names
 * on the way.
 *
 * libcurl must never look a name up: to remove a transfer that is being resolved, it waits for the
 * system's resolver (with a DNS that hangs, tens of seconds), and the loop with it. A route gives
 * libcurl the addresses beforehand (CURLOPT_RESOLVE), from net/resolver.
 */
#ifndef NET_ROUTE_H
#define NET_ROUTE_H

#include "base/err.h"
#include "net/link.h"
#include "net/loop.h"

#include <stdint.h>

struct route;

/* From the loop, once; `err->code` 0 = found. It may destroy the route. */
typedef void route_fn(void *arg, const struct err *err);

/*
 * 0: found at once, `fn` is not called. -EINPROGRESS: `fn` will be called, after `timeout_ms` at
 * most. -ENOMEM. A URL that cannot be read or is not http(s) has no names: libcurl says why.
 */
int route_find(struct route **out, struct loop *loop, const struct link *link, const char *url,
               int64_t timeout_ms, route_fn *fn, void *arg);
void route_destroy(struct route *route); /* NULL is fine; cancels */

/* For a caller whose own time is over: what it was waiting for, in words. NULL is fine. */
void route_late(const struct route *route, struct err *err);

/* To a CURL *, each time before it is used. The route must outlive the transfer. */
void route_apply(const struct route *route, void *easy);

#endif
