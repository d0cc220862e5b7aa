/*
 * brokers: the known hosts of the Primary API (protocol section 2). Pure.
 *
 * The list is not complete. The API host of another broker is usually
 * https://api.NAME.xoms.com.ar/ or https://api.NAME.matrizoms.com.ar/.
 */
#ifndef PRIMARY_BROKERS_H
#define PRIMARY_BROKERS_H

#include <stdbool.h>
#include <stddef.h>

struct broker_host {
    const char *name;
    const char *url;  /* REST base; the WebSocket has the same host, with wss */
    const char *note; /* "" = none */
    bool always;      /* open at night and on Sundays too */
};

extern const struct broker_host broker_hosts[];
extern const size_t broker_hosts_count;

const struct broker_host *broker_host_find(const char *name);  /* case-insensitive; or NULL */
const struct broker_host *broker_host_near(const char *name);  /* the most similar name; or NULL */
const struct broker_host *broker_host_of_url(const char *url); /* by the host alone; or NULL */

#endif
