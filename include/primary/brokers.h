/*
 * brokers: the hosts that are known to speak the Primary API (protocol section 2). Pure.
 *
 * A host that is not here is no worse: brokers come and go, and their API host is one of
 * https://api.NAME.xoms.com.ar/ and https://api.NAME.matrizoms.com.ar/.
 */
#ifndef PRIMARY_BROKERS_H
#define PRIMARY_BROKERS_H

#include <stdbool.h>
#include <stddef.h>

struct broker_host {
    const char *name;
    const char *url;  /* REST base; the WebSocket's is the same with wss */
    const char *note; /* "" = none */
    bool always;      /* trades at night and on Sundays, too */
};

extern const struct broker_host broker_hosts[];
extern const size_t broker_hosts_count;

const struct broker_host *broker_host_find(const char *name);  /* without case; or NULL */
const struct broker_host *broker_host_near(const char *name);  /* what may be meant; or NULL */
const struct broker_host *broker_host_of_url(const char *url); /* by the host alone; or NULL */

#endif
