/*
 * link: how this program connects to a broker, the same for REST and WebSocket.
 *
 * TLS is always verified; net/proxy decides which proxy is used; names are looked up by net/route,
 * never by libcurl; redirects are not followed.
 */
#ifndef NET_LINK_H
#define NET_LINK_H

#include "base/err.h"
#include "net/proxy.h"

#include <stdbool.h>
#include <stdint.h>

struct link {
    char *ca_file; /* owned */
    struct proxy_env proxies;
    int64_t connect_timeout_ms;
};

/* `ca_file`: NULL or "" = the system's. -errno when it cannot be read; the text is in `err`. */
int link_init(struct link *link, const char *ca_file, int64_t connect_timeout_ms, struct err *err);
void link_finish(struct link *link);

/* Borrowed from the link; "" = none. */
const char *link_proxy(const struct link *link, bool tls, const char *host, int port);

/* Sets the options of a CURL *; the link must outlive it. route_apply() sets those that depend on
 * the URL. */
void link_apply(const struct link *link, void *easy);

#endif
