#include "doctor/checkup.h"
#include "doctor/transport_result.h"
#include "net/certificate.h"
#include "net/resolver.h"
#include "net/tcp_try.h"
#include "net/tunnel.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define ADDRESSES_BYTES 1024

/* Where the connection goes: to the broker, or to a proxy. */
struct hop {
    struct checkup *checkup;
    struct place place;
    bool proxy;
    char addresses[ADDRESSES_BYTES];
    char why[STEP_TEXT];
    bool found, late;
    struct loop_timer *timer;
};

static bool is_tls(const struct checkup *c)
{
    return strcasecmp(c->place.scheme, "https") == 0;
}

static int64_t since(int64_t began_ms)
{
    return clock_now().mono_ms - began_ms;
}

/* --- DNS -------------------------------------------------------------------------------------- */

static void take_addresses(struct hop *hop, const char *addresses, const char *why)
{
    hop->found = addresses != NULL;
    snprintf(hop->addresses, sizeof(hop->addresses), "%s", addresses ? addresses : "");
    snprintf(hop->why, sizeof(hop->why), "%s", why ? why : "");
}

static void on_addresses(void *arg, const char *addresses, const char *why)
{
    struct hop *hop = arg;
    take_addresses(hop, addresses, why);
    loop_stop(hop->checkup->loop);
}

static void on_late(void *arg)
{
    struct hop *hop = arg;
    hop->late = true;
    loop_stop(hop->checkup->loop);
}

static void ask_dns(struct hop *hop)
{
    struct resolver *resolver = resolver_of(hop->checkup->loop);
    struct resolver_wait *wait = NULL;
    const char *known =
        resolver ? resolver_ask(resolver, hop->place.host, &wait, on_addresses, hop) : NULL;
    if (known)
        take_addresses(hop, known, NULL);
    if (!wait)
        return;
    loop_timer_set(hop->timer, checkup_timeout_ms(hop->checkup, CHECKUP_TIMEOUT_MS));
    loop_run(hop->checkup->loop);
    if (hop->late)
        resolver_cancel(wait);
    loop_timer_stop(hop->timer);
}

static bool look_up(struct hop *hop)
{
    struct checkup *c = hop->checkup;
    int64_t began_ms = clock_now().mono_ms;
    if (place_needs_no_look_up(hop->place.host)) {
        bool name = strcasecmp(hop->place.host, "localhost") == 0;
        snprintf(hop->addresses, sizeof(hop->addresses), "%s",
                 name ? "127.0.0.1,::1" : hop->place.host);
        checkup_skip(c, STEP_DNS, "the address is numeric, or this machine");
        return true;
    }
    hop->timer = loop_timer_create(c->loop, on_late, hop);
    if (hop->timer)
        ask_dns(hop);
    loop_timer_destroy(hop->timer);
    struct step step = dns_result(hop->place.host, hop->found ? hop->addresses : NULL,
                                  hop->late ? NULL : hop->why, since(began_ms));
    checkup_add(c, &step);
    return hop->found;
}

/* --- TCP -------------------------------------------------------------------------------------- */

static bool connect_to(struct hop *hop)
{
    struct checkup *c = hop->checkup;
    char tried[TCP_TRY_ADDRESS] = "";
    int64_t began_ms = clock_now().mono_ms;
    int rc =
        tcp_try(hop->addresses, hop->place.port, checkup_timeout_ms(c, CHECKUP_TIMEOUT_MS), tried);
    const struct tcp_facts facts = {hop->place.host, hop->place.port, tried, hop->proxy, rc,
                                    since(began_ms)};
    struct step step = tcp_result(&facts);
    checkup_add(c, &step);
    return rc == 0;
}

/* --- TLS -------------------------------------------------------------------------------------- */

struct tls_try {
    struct checkup *checkup;
    struct tunnel *tunnel;
    bool open;
    char words[STEP_TEXT];
    struct certificate seen;
    bool looked;
};

static void on_tunnel(void *arg, enum tunnel_news news)
{
    struct tls_try *try = arg;
    if (news == TUNNEL_OPEN)
        try->open = true;
    if (news == TUNNEL_FAILED)
        snprintf(try->words, sizeof(try->words), "%s", tunnel_words(try->tunnel));
    loop_stop(try->checkup->loop);
}

static void on_certificate(void *arg, const struct certificate *seen)
{
    struct tls_try *try = arg;
    try->looked = seen != NULL;
    if (seen)
        try->seen = *seen;
    loop_stop(try->checkup->loop);
}

/* Nothing of it is trusted, and nothing secret is sent. */
static void look_at_certificate(struct tls_try *try)
{
    struct checkup *c = try->checkup;
    struct certificate_look *look =
        certificate_look(c->loop, &c->link, c->config->broker.url, on_certificate, try);
    if (look)
        loop_run(c->loop);
    certificate_look_end(look);
}

/* The same words as libcurl's error, without the advice for the log. */
static void cut_advice(char *words)
{
    char *advice = strstr(words, ": check the host in broker.url");
    if (advice)
        *advice = '\0';
}

static bool verify_tls(struct checkup *c, bool proxy)
{
    struct tls_try try = {.checkup = c};
    int64_t began_ms = clock_now().mono_ms;
    try.tunnel = tunnel_create(c->loop, &c->link, c->config->broker.url, on_tunnel, &try);
    if (try.tunnel)
        loop_run(c->loop);
    tunnel_destroy(try.tunnel);
    int64_t ms = since(began_ms);
    if (!try.open)
        look_at_certificate(&try);
    cut_advice(try.words);
    const struct tls_facts facts = {
        .host = c->place.host,
        .port = c->place.port,
        .words = try.open ? NULL : try.words,
        .seen = try.looked ? &try.seen : NULL,
        .now_ns = clock_now().wall_ns,
        .proxy = proxy,
        .own_authority = *c->config->broker.ca_file,
        .ms = ms,
    };
    struct step step = tls_result(&facts);
    checkup_add(c, &step);
    return try.open;
}

/* --- all -------------------------------------------------------------------------------------- */

bool transport_steps(struct checkup *c)
{
    const char *proxy = link_proxy(&c->link, is_tls(c), c->place.host, c->place.port);
    struct hop hop = {.checkup = c, .place = c->place, .proxy = *proxy};
    struct step step = proxy_result(proxy, is_tls(c));
    checkup_add(c, &step);
    if (hop.proxy)
        hop.place = place_of_proxy(proxy);
    if (!look_up(&hop) || !connect_to(&hop))
        return false;
    if (!is_tls(c)) {
        checkup_skip(c, STEP_TLS,
                     "broker.url begins with http:// (this machine, or allow_insecure)");
        return true;
    }
    return verify_tls(c, hop.proxy);
}
