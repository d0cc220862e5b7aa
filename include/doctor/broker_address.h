/*
 * broker_address: what kind of address broker.url is, from its text alone (protocol sections 1 and
 * 2).
 *
 * Pure. The commonest mistakes in a configuration are the browser terminal's host, a page of the
 * broker, and a URL with the path of one request.
 */
#ifndef DOCTOR_BROKER_ADDRESS_H
#define DOCTOR_BROKER_ADDRESS_H

#include <stddef.h>

enum address_kind {
    ADDRESS_API,      /* nothing speaks against it */
    ADDRESS_TERMINAL, /* the host of the browser terminal (Matriz) */
    ADDRESS_PAGE,     /* a web page */
    ADDRESS_ENDPOINT, /* with the path of one request: /ws, /rest/..., /auth/... */
    ADDRESS_PATH,     /* another path, perhaps of a reverse proxy */
    ADDRESS_WEBSITE,  /* www. */
};

enum address_kind address_kind(const char *url);

#define ADDRESS_BYTES 256
/* The probable address of the API: matriz.NAME.DOMAIN becomes https://api.NAME.DOMAIN/, other hosts
 * lose their path. "" = unknown. Returns `out`. */
char *address_of_api(char out[ADDRESS_BYTES], const char *url);

#endif
