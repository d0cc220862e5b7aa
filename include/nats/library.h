/*
 * library: libnats, loaded when a connection to NATS is first wanted.
 *
 * A service without a sink does not load it and does not need it to be installed. After
 * nats_library_load() the functions of <nats/nats.h> can be called as if they were linked; which
 * ones is listed in library.c, and only this room calls them. The library has threads of its own
 * and stays loaded. It is never closed (nats_Close()), because it would free parts of OpenSSL that
 * the rest of the process uses.
 */
#ifndef NATS_LIBRARY_H
#define NATS_LIBRARY_H

#include "base/err.h"

/* Any thread, any number of times. -ENOPKG: it cannot be loaded; the message names the package. */
int nats_library_load(struct err *err);

#endif
