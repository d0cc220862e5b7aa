/*
 * transport_result: what the attempts to reach the broker mean: proxy, DNS, TCP, TLS.
 *
 * Pure: the caller connects, and hands over what it found.
 */
#ifndef DOCTOR_TRANSPORT_RESULT_H
#define DOCTOR_TRANSPORT_RESULT_H

#include "doctor/step.h"
#include "net/certificate.h"

#include <stdbool.h>

/* `proxy`: its URL, "" = none. */
struct step proxy_result(const char *proxy, bool tls);

/* `addresses` NULL: it failed for the reason `why`, or there was no answer in time if that is NULL
 * too. */
struct step dns_result(const char *host, const char *addresses, const char *why, int64_t ms);

struct tcp_facts {
    const char *host;
    int port;
    const char *address; /* the one that accepted, or the last one tried */
    bool proxy;          /* `host` is the proxy */
    int rc;              /* 0 or -errno */
    int64_t ms;
};
struct step tcp_result(const struct tcp_facts *tcp);

struct tls_facts {
    const char *host;
    int port;
    const char *words;              /* libcurl's reason; NULL = verified */
    const struct certificate *seen; /* looked at after a failure; NULL = nothing */
    int64_t now_ns;                 /* this machine's wall clock */
    bool proxy;                     /* through a proxy */
    bool own_authority;             /* broker.ca_file is set */
    int64_t ms;
};
struct step tls_result(const struct tls_facts *tls);

#endif
