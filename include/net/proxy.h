/*
 * proxy: which proxy from the environment variables a connection uses.
 *
 * Only TLS connections to other machines use one. Without TLS a proxy could read the password, so
 * plain http:// and ws:// never do; connections to this machine never do either. The variables are
 * those of curl, and the first that is not empty is used: https_proxy, HTTPS_PROXY, all_proxy,
 * ALL_PROXY. Exceptions: no_proxy and NO_PROXY together.
 */
#ifndef NET_PROXY_H
#define NET_PROXY_H

#include <stdbool.h>

/* A copy of the environment variables; all parts owned. */
struct proxy_env {
    char *url;           /* NULL = no proxy */
    char *exceptions[2]; /* NULL = none */
};

int proxy_env_read(struct proxy_env *env); /* 0 or -ENOMEM */
void proxy_env_finish(struct proxy_env *env);

/*
 * Is `host` (a name or a numeric address, without brackets) on the list? Items are separated by
 * commas or blanks: "*" is every host; a name matches itself and its subdomains, with or without
 * a leading "." or "*."; a numeric address may have a prefix length. "item:port" matches only that
 * port.
 */
bool proxy_excepts(const char *list, const char *host, int port);

/* The proxy's URL, borrowed from `env`; "" = none. */
const char *proxy_for(const struct proxy_env *env, bool tls, const char *host, int port);

#endif
