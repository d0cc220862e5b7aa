/*
 * certificate: what a TLS server presents, without trusting it.
 *
 * For a diagnosis after a failed verification, and for nothing else: it verifies nothing, so
 * nothing it returns is proven, and it sends no credential. Owns one connection, which requests
 * "HEAD /" to learn the server's clock.
 */
#ifndef NET_CERTIFICATE_H
#define NET_CERTIFICATE_H

#include "net/link.h"
#include "net/loop.h"

#include <stdbool.h>
#include <stdint.h>

#define CERTIFICATE_NAME 160

struct certificate {
    char subject[CERTIFICATE_NAME]; /* "CN = broker"; "" = unknown, also below */
    char issuer[CERTIFICATE_NAME];
    char names[CERTIFICATE_NAME]; /* "DNS:a.example, IP Address:127.0.0.1" */
    int64_t from_ns, until_ns;    /* its validity, wall clock; 0 = unknown */
    int64_t server_ns;            /* the header Date; 0 = unknown */
};

struct certificate_look;

/* From the loop, once; `seen` is NULL when there was no TLS connection. Borrowed. */
typedef void certificate_fn(void *arg, const struct certificate *seen);

/* `url` is https://; `link` is borrowed. It ends after the connect time-out. NULL: no memory. */
struct certificate_look *certificate_look(struct loop *loop, const struct link *link,
                                          const char *url, certificate_fn *fn, void *arg);
void certificate_look_end(struct certificate_look *look); /* NULL is fine; not from within fn() */

#endif
