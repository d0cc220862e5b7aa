/*
 * status_socket: the socket at which `cinta status` asks the service.
 *
 * Owns it and a timer: where the folder or the socket file is deleted while the service runs, it is
 * made again within seconds, as soon as there is a folder. Tells the log when it cannot be made.
 */
#ifndef APP_STATUS_SOCKET_H
#define APP_STATUS_SOCKET_H

#include "net/loop.h"
#include "net/responder.h"

struct status_socket;

/* `state_dir` is copied. NULL: no memory. */
struct status_socket *status_socket_create(struct loop *loop, const char *state_dir,
                                           responder_fn *fn, void *arg);
void status_socket_destroy(struct status_socket *socket);

#endif
