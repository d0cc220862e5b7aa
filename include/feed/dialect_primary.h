/*
 * dialect_primary: the stream of the Primary API as a dialect (protocol section 10).
 *
 * Connects to broker.stream_url, or to broker.url with wss, with the token of the token keeper as
 * the login. The messages are those of primary/stream. Pings of RFC 6455 keep it alive.
 */
#ifndef FEED_DIALECT_PRIMARY_H
#define FEED_DIALECT_PRIMARY_H

#include "feed/dialect.h"

struct config;
struct token_keeper;

/* Borrows `config` and `keeper`. 0 or -ENOMEM; end with out->destroy(out->arg). */
int dialect_primary_create(struct dialect *out, const struct config *config,
                           struct token_keeper *keeper);

#endif
