#include "net/route_plan.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_web(const struct place *place)
{
    return place->port >= 0 &&
           (strcasecmp(place->scheme, "http") == 0 || strcasecmp(place->scheme, "https") == 0);
}

/* With all other types the proxy resolves the host. */
static bool resolves_here(const struct place *proxy)
{
    return strcasecmp(proxy->scheme, "socks4") == 0 || strcasecmp(proxy->scheme, "socks5") == 0 ||
           strcasecmp(proxy->scheme, "socks") == 0;
}

static bool ends_authority(char c)
{
    return c == '\0' || c == '/' || c == '?' || c == '#';
}

/* Of a URL that is valid: what follows its authority changes neither scheme, host nor port. */
static size_t origin_bytes(const char *url)
{
    const char *end = strstr(url, "://") + 3;
    while (!ends_authority(*end))
        end++;
    return (size_t)(end - url);
}

/* --- making one ------------------------------------------------------------------------------- */

static void add_hop(struct route_plan *plan, const struct place *place, bool proxy)
{
    if (place->port >= 0 && !place_needs_no_look_up(place->host))
        plan->hops[plan->hops_count++] = (struct route_hop){*place, proxy};
}

static const char *proxy_of(const struct link *link, const struct place *host)
{
    if (!is_web(host))
        return "";
    return link_proxy(link, strcasecmp(host->scheme, "https") == 0, host->host, host->port);
}

static void add_hops(struct route_plan *plan, const struct place *host)
{
    if (!is_web(host))
        return;
    if (!*plan->proxy) {
        add_hop(plan, host, false);
        return;
    }
    struct place proxy = place_of_proxy(plan->proxy);
    if (resolves_here(&proxy))
        add_hop(plan, host, false);
    add_hop(plan, &proxy, true);
}

static struct route_plan *make(const struct link *link, const char *url)
{
    struct route_plan *plan = calloc(1, sizeof(*plan));
    struct place host = place_of_url(url);
    if (!plan)
        return NULL;
    plan->users = 1;
    plan->proxy = strdup(proxy_of(link, &host));
    plan->origin = strndup(url, host.port < 0 ? 0 : origin_bytes(url));
    if (!plan->proxy || !plan->origin) {
        route_plan_release(plan);
        return NULL;
    }
    add_hops(plan, &host);
    return plan;
}

/* --- sharing ---------------------------------------------------------------------------------- */

static struct route_plan *hold(struct route_plan *plan)
{
    plan->users++;
    return plan;
}

static bool is_for(const struct route_plan *plan, const char *url)
{
    size_t len = strlen(plan->origin);
    return strncmp(url, plan->origin, len) == 0 && ends_authority(url[len]);
}

struct route_plan *route_plan_make(struct route_plan **kept, const struct link *link,
                                   const char *url)
{
    if (kept && *kept && is_for(*kept, url))
        return hold(*kept);
    struct route_plan *plan = make(link, url);
    if (!kept || !plan || !*plan->origin)
        return plan;
    route_plan_release(*kept);
    *kept = hold(plan);
    return plan;
}

void route_plan_release(struct route_plan *plan)
{
    if (!plan || --plan->users > 0)
        return;
    free(plan->proxy);
    free(plan->origin);
    free(plan);
}
