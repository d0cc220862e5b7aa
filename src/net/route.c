#include "net/route.h"

#include "net/resolver.h"
#include "net/route_plan.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define LINE_BYTES 1536 /* one line of CURLOPT_RESOLVE: name, port, about thirty addresses */

/* A name of the plan, while it is looked up. */
struct look {
    struct route *route;
    const struct route_hop *hop;
    struct resolver_wait *wait;
};

struct route {
    struct loop *loop;
    struct route_plan *plan;
    struct look looks[2]; /* of the plan's hops */
    int waiting;
    struct curl_slist *resolve; /* "name:port:address,address" each */
    struct loop_timer *timer;   /* while it waits */
    int64_t timeout_ms;
    route_fn *fn;
    void *arg;
};

/* --- finding ---------------------------------------------------------------------------------- */

static void stop_waiting(struct route *route)
{
    for (int i = 0; i < route->plan->hops_count; i++) {
        resolver_cancel(route->looks[i].wait);
        route->looks[i].wait = NULL;
    }
    route->waiting = 0;
    loop_timer_destroy(route->timer);
    route->timer = NULL;
}

static const char *kind(const struct route_hop *hop)
{
    return hop->proxy ? "the environment's proxy" : "host";
}

static void end(struct route *route, const struct err *err)
{
    stop_waiting(route);
    route->fn(route->arg, err);
}

void route_late(const struct route *route, struct err *err)
{
    for (int i = 0; route && i < route->plan->hops_count; i++) {
        const struct route_hop *hop = &route->plan->hops[i];
        if (!route->looks[i].wait)
            continue;
        err_set(err, -ETIMEDOUT, "cannot resolve %s '%s': no answer from the DNS in %g s",
                kind(hop), hop->place.host, (double)route->timeout_ms / 1000);
        return;
    }
    err_set(err, -ETIMEDOUT, "the connection timed out");
}

static void on_timeout(void *arg)
{
    struct err err;
    route_late(arg, &err);
    end(arg, &err);
}

static int keep_addresses(struct route *route, const struct place *place, const char *addresses)
{
    char line[LINE_BYTES];
    snprintf(line, sizeof(line), "%s:%d:%s", place->host, place->port, addresses);
    struct curl_slist *longer = curl_slist_append(route->resolve, line);
    if (!longer)
        return -ENOMEM;
    route->resolve = longer;
    return 0;
}

static void on_addresses(void *arg, const char *addresses, const char *why)
{
    struct look *look = arg;
    struct route *route = look->route;
    const struct route_hop *hop = look->hop;
    struct err err = {0};
    look->wait = NULL;
    if (!addresses)
        err_set(&err, -EHOSTUNREACH, "cannot resolve %s '%s': %s", kind(hop), hop->place.host, why);
    else if (keep_addresses(route, &hop->place, addresses))
        err_set(&err, -ENOMEM, "out of memory");
    if (err.code || --route->waiting == 0)
        end(route, &err);
}

static int ask(struct route *route, int at)
{
    struct look *look = &route->looks[at];
    struct resolver *resolver = resolver_of(route->loop);
    *look = (struct look){.route = route, .hop = &route->plan->hops[at]};
    if (!resolver)
        return -ENOMEM;
    const char *addresses =
        resolver_ask(resolver, look->hop->place.host, &look->wait, on_addresses, look);
    if (addresses)
        return keep_addresses(route, &look->hop->place, addresses);
    route->waiting++;
    return look->wait ? 0 : -ENOMEM;
}

static int start(struct route *route)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < route->plan->hops_count; i++)
        rc = ask(route, i);
    if (rc || !route->waiting)
        return rc;
    route->timer = loop_timer_create(route->loop, on_timeout, route);
    if (!route->timer)
        return -ENOMEM;
    loop_timer_set(route->timer, route->timeout_ms);
    return -EINPROGRESS;
}

int route_find(struct route **out, const struct route_parts *parts)
{
    struct route *route = calloc(1, sizeof(*route));
    if (!route)
        return -ENOMEM;
    route->loop = parts->loop;
    route->timeout_ms = parts->timeout_ms;
    route->fn = parts->fn;
    route->arg = parts->arg;
    route->plan = route_plan_make(parts->kept, parts->link, parts->url);
    int rc = route->plan ? start(route) : -ENOMEM;
    if (rc && rc != -EINPROGRESS) {
        route_destroy(route);
        return rc;
    }
    *out = route;
    return rc;
}

void route_destroy(struct route *route)
{
    if (!route)
        return;
    if (route->plan)
        stop_waiting(route);
    curl_slist_free_all(route->resolve);
    route_plan_release(route->plan);
    free(route);
}

void route_apply(const struct route *route, void *easy)
{
    curl_easy_setopt(easy, CURLOPT_PROXY, route->plan->proxy); /* "": ignore the environment */
    curl_easy_setopt(easy, CURLOPT_RESOLVE, route->resolve);
}
