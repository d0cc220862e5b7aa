/*
 * link: how this program connects to a broker, the same for REST and WebSocket.
 *
 * TLS is always verified; the environment's proxy is for the world outside, never for this machine;
 * names are resolved off the loop; redirects are followed by nobody.
 */
#ifndef NET_LINK_H
#define NET_LINK_H

#include "base/err.h"

#include <stdint.h>

struct link {
    char *ca_file, *no_proxy; /* owned */
    int64_t connect_timeout_ms;
};

/* `ca_file`: NULL or "" = the system's. -errno with the words when it cannot be read. */
int link_init(struct link *link, const char *ca_file, int64_t connect_timeout_ms, struct err *err);
void link_finish(struct link *link);

void link_apply(const struct link *link, void *easy); /* to a CURL *; the link must outlive it */

#endif
