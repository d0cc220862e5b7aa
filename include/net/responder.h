/*
 * responder: says one text to whoever connects to a socket file, and hangs up.
 *
 * For questions about a running service from the same user. Owns the socket file (0600) and removes
 * it at the end. Nobody is waited for: a client that does not read within two seconds is dropped.
 */
#ifndef NET_RESPONDER_H
#define NET_RESPONDER_H

#include "base/buf.h"
#include "base/err.h"
#include "net/loop.h"

struct responder;

/* Fills in what is said to this client. */
typedef void responder_fn(void *arg, struct buf *text);

/* A socket file that is left over is replaced. -errno with the words. */
int responder_create(struct responder **out, struct loop *loop, const char *path, responder_fn *fn,
                     void *arg, struct err *err);
/* False: its socket file is gone, or another one is in its place; nobody can connect. */
bool responder_reachable(const struct responder *responder);
void responder_destroy(struct responder *responder);

/*
 * The other side, which blocks, for `timeout_ms` at most: all of the text. -ENOENT, -ECONNREFUSED:
 * nobody is there; -EACCES: somebody else's; -ETIMEDOUT.
 */
int responder_ask(const char *path, int64_t timeout_ms, struct buf *text);

#endif
