/*
 * disconnect: ends a connection of libwebsockets from outside its callbacks.
 *
 * Owns nothing. `lws` is a struct lws throughout.
 */
#ifndef SERVE_DISCONNECT_H
#define SERVE_DISCONNECT_H

/* Closes it in a later turn of the loop, also when the client does not read. */
void disconnect_soon(void *lws);
/* Sends TCP RST now; the connection must then be closed. */
void disconnect_with_reset(void *lws);

#endif
