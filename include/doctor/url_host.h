/*
 * url_host: whose host it is (protocol sections 1, 2 and 12.2).
 *
 * Pure. Known are the hosts of the brokers' API, their browser terminals, the public terminals, and
 * this machine, on which cinta's local API may be meant.
 */
#ifndef DOCTOR_URL_HOST_H
#define DOCTOR_URL_HOST_H

#include "doctor/url_parts.h"

enum url_host_kind {
    URL_HOST_NONE,
    URL_HOST_API,      /* api.NAME.xoms.com.ar, api.remarkets.primary.com.ar */
    URL_HOST_TERMINAL, /* matriz.NAME.xoms.com.ar */
    URL_HOST_GUEST,    /* matbarofex.primary.ventures: a terminal without login */
    URL_HOST_BROKER,   /* another host of a broker: NAME.xoms.com.ar, www.NAME.xoms.com.ar */
    URL_HOST_LOCAL,    /* this machine */
    URL_HOST_PRIVATE,  /* an address or a name in a local network */
    URL_HOST_ADDRESS,  /* another IP address */
    URL_HOST_MISSPELT, /* nearly a known one */
    URL_HOST_UNKNOWN,
    URL_HOST_INVALID, /* cannot be a host name */
};

#define URL_HOST_TEXT 128

struct url_host {
    enum url_host_kind kind;
    char name[URL_HOST_TEXT];     /* as it may be shown; of INVALID "" */
    char api[URL_HOST_TEXT];      /* the API host of the same broker; "" = not known */
    char terminal[URL_HOST_TEXT]; /* its terminal; "" = not known */
    char meant[URL_HOST_TEXT];    /* of MISSPELT */
};

struct url_host url_host_of(struct url_part host);

#endif
