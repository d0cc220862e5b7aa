/*
 * listen_address: where a local server listens, as it is written in the configuration.
 *
 * Pure.
 */
#ifndef CONFIG_LISTEN_ADDRESS_H
#define CONFIG_LISTEN_ADDRESS_H

#include <stdbool.h>

#define LISTEN_HOST_BYTES 64

struct listen_address {
    enum { LISTEN_NOWHERE, LISTEN_TCP, LISTEN_UNIX } kind;
    char host[LISTEN_HOST_BYTES]; /* TCP: numeric, without brackets */
    int port;                     /* 0 = the system chooses one */
    const char *path;             /* UNIX: borrowed from the text */
};

/* "127.0.0.1:8787", "[::1]:0", "localhost:8787", "unix:/run/cinta/cinta.sock", "". */
bool listen_address_parse(const char *text, struct listen_address *out);
/* Only programs of this machine can connect. */
bool listen_address_is_local(const struct listen_address *address);

#endif
