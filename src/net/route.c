#include "net/route.h"

#include "net/resolver.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LINE_BYTES 1536 /* one line of CURLOPT_RESOLVE: name, port, about thirty addresses */

/* The parts of a URL that are used here; port -1 = the URL is invalid. */
struct place {
    char scheme[16], host[RESOLVER_HOST_BYTES];
    int port;
};

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

static bool copy_part(CURLU *url, CURLUPart what, unsigned flags, char *out, size_t out_bytes)
{
    char *text = NULL;
    bool ok = curl_url_get(url, what, &text, flags) == CURLUE_OK && strlen(text) < out_bytes;
    if (ok)
        snprintf(out, out_bytes, "%s", text);
    curl_free(text);
    return ok;
}

/* In libcurl's form: without brackets, international names as punycode. */
static bool copy_host(CURLU *url, char *out, size_t out_bytes)
{
    if (!copy_part(url, CURLUPART_HOST, CURLU_PUNYCODE, out, out_bytes) &&
        !copy_part(url, CURLUPART_HOST, 0, out, out_bytes))
        return false;
    size_t len = strlen(out);
    if (out[0] == '[' && out[len - 1] == ']') {
        memmove(out, out + 1, len - 2);
        out[len - 2] = '\0';
    }
    return true;
}

static struct place read_url(const char *text, unsigned flags)
{
    struct place place = {.port = -1};
    char port[16];
    CURLU *url = curl_url();
    if (url && curl_url_set(url, CURLUPART_URL, text, flags) == CURLUE_OK &&
        copy_part(url, CURLUPART_SCHEME, 0, place.scheme, sizeof(place.scheme)) &&
        copy_host(url, place.host, sizeof(place.host)))
        place.port =
            copy_part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT, port, sizeof(port)) ? atoi(port) : 0;
    curl_url_cleanup(url);
    return place;
}

/* libcurl's defaults: scheme http; port 1080, or 443 with TLS. */
static struct place read_proxy(const char *text)
{
    char with_scheme[1024];
    bool bare = strstr(text, "://") == NULL;
    snprintf(with_scheme, sizeof(with_scheme), "%s%s", bare ? "http://" : "", text);
    struct place place = read_url(with_scheme, CURLU_NON_SUPPORT_SCHEME);
    const char *authority = strstr(with_scheme, "://") + 3, *at = strrchr(authority, '@');
    const char *colon = strrchr(at ? at : authority, ':');
    bool given = colon && !strchr(colon, ']');
    if (place.port >= 0 && !given)
        place.port = strcasecmp(place.scheme, "https") == 0 ? 443 : 1080;
    return place;
}

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

/* A numeric address, or "localhost", which libcurl resolves itself. */
static bool needs_no_look_up(const char *host)
{
    unsigned char bytes[16];
    size_t len = strlen(host);
    return inet_pton(AF_INET, host, bytes) == 1 || strchr(host, ':') ||
           strcasecmp(host, "localhost") == 0 ||
           (len > 10 && strcasecmp(host + len - 10, ".localhost") == 0);
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
    if (place->port >= 0 && !needs_no_look_up(place->host))
        route->hops[route->hops_count++] =
            (struct hop){.route = route, .place = *place, .proxy = proxy};
}

static int plan(struct route *route, const struct link *link, const char *url)
{
    struct place host = read_url(url, 0);
    if (host.port < 0 || !is_web(&host)) {
        route->proxy = strdup("");
        return route->proxy ? 0 : -ENOMEM;
    }
    route->proxy =
        strdup(link_proxy(link, strcasecmp(host.scheme, "https") == 0, host.host, host.port));
    if (!route->proxy)
        return -ENOMEM;
    struct place proxy = read_proxy(route->proxy);
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
