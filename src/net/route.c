#include "net/route.h"

#include "net/place.h"
#include "net/resolver.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LINE_BYTES 1536 /* one line of CURLOPT_RESOLVE: name, port, about thirty addresses */

/* The host or the proxy, while its name is looked up. */
struct hop {
    struct route *route;
    struct place place;
    bool proxy;
    struct resolver_wait *wait;
};

struct route {
    struct loop *loop;
    struct hop hops[2]; /* host, proxy */
    int hops_count, waiting;
    char *proxy;                /* "" = none */
    struct curl_slist *resolve; /* "name:port:address,address" each */
    struct loop_timer *timer;   /* while it waits */
    int64_t timeout_ms;
    route_fn *fn;
    void *arg;
};

/* --- URLs ------------------------------------------------------------------------------------- */

static bool is_web(const struct place *place)
{
    return strcasecmp(place->scheme, "http") == 0 || strcasecmp(place->scheme, "https") == 0;
}

/* With all other types the proxy resolves the host. */
static bool resolves_here(const struct place *proxy)
{
    return strcasecmp(proxy->scheme, "socks4") == 0 || strcasecmp(proxy->scheme, "socks5") == 0 ||
           strcasecmp(proxy->scheme, "socks") == 0;
}

/* --- finding ---------------------------------------------------------------------------------- */

static void stop_waiting(struct route *route)
{
    for (int i = 0; i < route->hops_count; i++) {
        resolver_cancel(route->hops[i].wait);
        route->hops[i].wait = NULL;
    }
    route->waiting = 0;
    loop_timer_destroy(route->timer);
    route->timer = NULL;
}

static const char *kind(const struct hop *hop)
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
    for (int i = 0; route && i < route->hops_count; i++) {
        const struct hop *hop = &route->hops[i];
        if (!hop->wait)
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
    struct hop *hop = arg;
    struct route *route = hop->route;
    struct err err = {0};
    hop->wait = NULL;
    if (!addresses)
        err_set(&err, -EHOSTUNREACH, "cannot resolve %s '%s': %s", kind(hop), hop->place.host, why);
    else if (keep_addresses(route, &hop->place, addresses))
        err_set(&err, -ENOMEM, "out of memory");
    if (err.code || --route->waiting == 0)
        end(route, &err);
}

static int ask(struct hop *hop)
{
    struct route *route = hop->route;
    struct resolver *resolver = resolver_of(route->loop);
    if (!resolver)
        return -ENOMEM;
    const char *addresses = resolver_ask(resolver, hop->place.host, &hop->wait, on_addresses, hop);
    if (addresses)
        return keep_addresses(route, &hop->place, addresses);
    route->waiting++;
    return hop->wait ? 0 : -ENOMEM;
}

static void add_hop(struct route *route, const struct place *place, bool proxy)
{
    if (place->port >= 0 && !place_needs_no_look_up(place->host))
        route->hops[route->hops_count++] =
            (struct hop){.route = route, .place = *place, .proxy = proxy};
}

static int plan(struct route *route, const struct link *link, const char *url)
{
    struct place host = place_of_url(url);
    if (host.port < 0 || !is_web(&host)) {
        route->proxy = strdup("");
        return route->proxy ? 0 : -ENOMEM;
    }
    route->proxy =
        strdup(link_proxy(link, strcasecmp(host.scheme, "https") == 0, host.host, host.port));
    if (!route->proxy)
        return -ENOMEM;
    struct place proxy = place_of_proxy(route->proxy);
    if (!*route->proxy || resolves_here(&proxy))
        add_hop(route, &host, false);
    if (*route->proxy)
        add_hop(route, &proxy, true);
    return 0;
}

static int start(struct route *route, const struct link *link, const char *url)
{
    int rc = plan(route, link, url);
    for (int i = 0; rc == 0 && i < route->hops_count; i++)
        rc = ask(&route->hops[i]);
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
    int rc = start(route, parts->link, parts->url);
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
    stop_waiting(route);
    curl_slist_free_all(route->resolve);
    free(route->proxy);
    free(route);
}

void route_apply(const struct route *route, void *easy)
{
    curl_easy_setopt(easy, CURLOPT_PROXY, route->proxy); /* "": also ignore the environment */
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
    curl_easy_setopt(easy, CURLOPT_RESOLVE, route->resolve);
}
