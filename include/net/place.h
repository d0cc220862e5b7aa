/*
 * place: scheme, host and port of a URL, as libcurl reads it. Pure.
 */
#ifndef NET_PLACE_H
#define NET_PLACE_H

#include <stdbool.h>

#define PLACE_HOST_BYTES 256

struct place {
    char scheme[16];
    char host[PLACE_HOST_BYTES]; /* without brackets, international names as punycode */
    int port;                    /* -1: the URL is invalid */
};

struct place place_of_url(const char *url);
/* Of a proxy: without a scheme it is http; without a port it is 1080, or 443 with TLS. */
struct place place_of_proxy(const char *url);

/* A numeric address, or "localhost", which libcurl resolves itself. */
bool place_needs_no_look_up(const char *host);

#endif
