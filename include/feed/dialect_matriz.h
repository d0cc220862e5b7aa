/*
 * dialect_matriz: the stream of a broker's browser terminal as a dialect (protocol section 12).
 *
 * Connects with the session of broker/terminal_session as the login. The messages are those of the
 * room matriz: book topics (if more than one level is wanted) and market data topics in batches,
 * "ping" and "pong" in both directions besides the pings of RFC 6455. Ids are formed by rule and
 * with the terminal's list of today; an instrument without an id is not subscribed, so it is
 * polled.
 */
#ifndef FEED_DIALECT_MATRIZ_H
#define FEED_DIALECT_MATRIZ_H

#include "feed/dialect.h"

struct config;
struct loop;
struct terminal_session;

/* Borrows all. 0 or -ENOMEM; end with out->destroy(out->arg). */
int dialect_matriz_create(struct dialect *out, struct loop *loop, const struct config *config,
                          struct terminal_session *session);

#endif
