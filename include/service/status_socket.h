/*
 * status_socket: a Unix socket of the service for its commands: `cinta status`, and `cinta
 * instruments --refresh`.
 *
 * Owns it and a timer: if the directory or the socket file is deleted while the service runs, the
 * socket is created again within seconds of the directory existing. Logs when that fails.
 */
#ifndef SERVICE_STATUS_SOCKET_H
#define SERVICE_STATUS_SOCKET_H

#include "net/loop.h"
#include "net/responder.h"

struct status_socket;

/* `path` is copied. NULL: no memory. */
struct status_socket *status_socket_create(struct loop *loop, const char *path, responder_fn *fn,
                                           void *arg);
void status_socket_destroy(struct status_socket *socket);

#endif
