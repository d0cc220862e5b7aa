#include "config/listen_address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORT_MAX 65535

/* The decimal number after `colon`, or -1. */
static int port_after(const char *colon)
{
    size_t digits = strspn(colon + 1, "0123456789");
    if (digits == 0 || digits > 5 || colon[1 + digits] != '\0')
        return -1;
    long port = strtol(colon + 1, NULL, 10);
    return port > PORT_MAX ? -1 : (int)port;
}

static bool parse_tcp(const char *text, struct listen_address *out)
{
    unsigned char bytes[sizeof(struct in6_addr)];
    const char *colon = strrchr(text, ':');
    bool bracketed = text[0] == '[';
    if (!colon || (bracketed && colon[-1] != ']'))
        return false;
    size_t len = (size_t)(colon - text) - (bracketed ? 2 : 0);
    out->kind = LISTEN_TCP;
    out->port = port_after(colon);
    if (out->port < 0 || len == 0 || len >= sizeof(out->host))
        return false;
    snprintf(out->host, sizeof(out->host), "%.*s", (int)len, text + bracketed);
    if (strcmp(out->host, "localhost") == 0)
        snprintf(out->host, sizeof(out->host), "127.0.0.1");
    return inet_pton(bracketed ? AF_INET6 : AF_INET, out->host, bytes) == 1;
}

bool listen_address_parse(const char *text, struct listen_address *out)
{
    *out = (struct listen_address){.kind = LISTEN_NOWHERE};
    if (*text == '\0')
        return true;
    if (strncmp(text, "unix:", 5) != 0)
        return parse_tcp(text, out);
    out->kind = LISTEN_UNIX;
    out->path = text + 5;
    return out->path[0] == '/' && out->path[1] != '\0';
}

bool listen_address_is_local(const struct listen_address *address)
{
    struct in6_addr v6;
    unsigned char v4[4];
    if (address->kind != LISTEN_TCP)
        return true;
    if (inet_pton(AF_INET, address->host, v4) == 1)
        return v4[0] == 127;
    return inet_pton(AF_INET6, address->host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}
