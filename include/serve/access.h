/*
 * access: who may use a local server: the Host, the Origin and the token of a request.
 *
 * Pure. A web page of any site can send requests to 127.0.0.1 through its visitor's browser, also
 * with a host name of its own that resolves to 127.0.0.1 (DNS rebinding). Therefore the Host must
 * be a name of this machine, and the Origin, which browsers send and pages cannot change, must be
 * the server itself or a configured one.
 */
#ifndef SERVE_ACCESS_H
#define SERVE_ACCESS_H

#include <stdbool.h>

struct access_rules {
    const char *listen_host;    /* the address the server listens at, without port or brackets */
    const char *const *hosts;   /* further names, without port; borrowed */
    const char *const *origins; /* such as "https://app.example"; borrowed */
    int hosts_count, origins_count;
    const char *token; /* "" or NULL: none is required */
};

/* The value of the header Host, with or without a port. NULL and "" are refused. */
bool access_host(const struct access_rules *rules, const char *host);
/*
 * The value of the header Origin; NULL or "": the client is not a web page, allowed. Otherwise
 * http:// or https:// and exactly `host` (the Host of the same request), or one of the origins.
 */
bool access_origin(const struct access_rules *rules, const char *origin, const char *host);
/* In a time that does not depend on how much of the token is right. `given` may be NULL. */
bool access_token(const struct access_rules *rules, const char *given);

/* 127.0.0.0/8, ::1 or localhost: what may be listened at without a token. */
bool access_is_loopback(const char *host);

#endif
