/*
 * authority: the host and the port in an address, as RFC 3986 names them together.
 *
 * Pure. It is strict, so that no host can be mistaken for another.
 */
#ifndef CONFIG_AUTHORITY_H
#define CONFIG_AUTHORITY_H

#include <stdbool.h>
#include <stddef.h>

struct authority {
    const char *host;
    size_t host_len;  /* with the brackets of an IPv6 address */
    const char *rest; /* after the port */
};

/* What follows the scheme, such as "https://"; NULL: the address has another one. */
const char *authority_after(const char *url, const char *scheme);

/* Of a text that begins with it. False: not of the form host[:port]. */
bool authority_split(const char *host, struct authority *out);

/* Whether the host is this machine: 127.0.0.0/8, ::1 or localhost. */
bool authority_is_loopback(const struct authority *authority);

#endif
