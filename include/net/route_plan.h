/*
 * route_plan: the proxy for a URL, and the names to look up for it.
 *
 * They depend on scheme, host and port of the URL only, so the plan of the last URL is kept and
 * shared: the URLs of one broker are parsed once, not at each request. A plan does not change.
 */
#ifndef NET_ROUTE_PLAN_H
#define NET_ROUTE_PLAN_H

#include "net/link.h"
#include "net/place.h"

#include <stdbool.h>

/* A name to look up. */
struct route_hop {
    struct place place;
    bool proxy; /* it is the proxy's, not the host's */
};

struct route_plan {
    char *proxy; /* "" = none */
    struct route_hop hops[2];
    int hops_count; /* 0: numeric addresses, or a URL that is invalid or not http(s) */
    char *origin;   /* of the URL: "scheme://host:port"; "" when it is invalid: it is not kept */
    int users;
};

/*
 * Returns a plan that the caller releases, or NULL without memory. `kept` is the caller's: NULL at
 * first, then the last plan, for the next URL, until the caller releases it; the link must be the
 * same. `kept` NULL: none is kept.
 */
struct route_plan *route_plan_make(struct route_plan **kept, const struct link *link,
                                   const char *url);
void route_plan_release(struct route_plan *plan); /* NULL is fine */

#endif
