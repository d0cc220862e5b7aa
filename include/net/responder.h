/*
 * responder: sends one text to each client that connects to a socket file, and disconnects.
 *
 * For status queries to a running service by the same user. Owns the socket file (0600) and removes
 * it at the end. Never blocks: a client that does not read within two seconds is disconnected.
 */
#ifndef NET_RESPONDER_H
#define NET_RESPONDER_H

#include "base/buf.h"
#include "base/err.h"
#include "net/loop.h"

struct responder;

/* Writes the text for this client. */
typedef void responder_fn(void *arg, struct buf *text);

struct responder_parts {
    struct loop *loop; /* borrowed */
    const char *path;  /* of the socket file; copied */
    responder_fn *fn;
    void *arg;
};

/* A socket left by a process that was killed is replaced. -EADDRINUSE: a process listens there. */
int responder_create(struct responder **out, const struct responder_parts *parts, struct err *err);
/* False: its socket file was removed or replaced; clients cannot connect. */
bool responder_reachable(const struct responder *responder);
void responder_destroy(struct responder *responder);

/*
 * The client side; blocks for `timeout_ms` at most and reads the whole text. -ENOENT,
 * -ECONNREFUSED: no service listens there; -EACCES: the socket belongs to another user; -ETIMEDOUT.
 */
int responder_ask(const char *path, int64_t timeout_ms, struct buf *text);

#endif
