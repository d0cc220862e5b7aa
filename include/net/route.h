/*
 * route: the proxy used for a URL, and the addresses of the host and the proxy.
 *
 * libcurl must never resolve a name: to remove a transfer that is being resolved, it waits for the
 * system's resolver (tens of seconds when the DNS hangs) and blocks the loop. A route gives libcurl
 * the addresses before the transfer starts (CURLOPT_RESOLVE), from net/resolver.
 */
#ifndef NET_ROUTE_H
#define NET_ROUTE_H

#include "base/err.h"
#include "net/link.h"
#include "net/loop.h"

#include <stdint.h>

struct route;
struct route_plan;

/* From the loop, once; `err->code` 0 = found. It may destroy the route. */
typedef void route_fn(void *arg, const struct err *err);

struct route_parts {
    struct loop *loop;       /* borrowed, as `link`, until route_destroy() */
    const struct link *link; /* decides the proxy */
    const char *url;         /* borrowed during route_find() only */
    int64_t timeout_ms;
    route_fn *fn;
    void *arg;
    struct route_plan **kept; /* see net/route_plan; NULL = none */
};

/*
 * 0: found at once, `fn` is not called. -EINPROGRESS: `fn` will be called, after `timeout_ms` at
 * most. -ENOMEM. A URL that is invalid or not http(s) has no names to resolve: libcurl reports the
 * error.
 */
int route_find(struct route **out, const struct route_parts *parts);
void route_destroy(struct route *route); /* NULL is fine; cancels */

/* For a caller whose own time-out expired: sets `err` to what it was waiting for. NULL is fine. */
void route_late(const struct route *route, struct err *err);

/* Sets the options of a CURL *, before each use. The route must outlive the transfer. */
void route_apply(const struct route *route, void *easy);

#endif
