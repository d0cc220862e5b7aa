/*
 * unix_socket: listens on a Unix socket file and connects to one.
 *
 * The path may be longer than the 107 bytes that an address holds. Never removes a file that is not
 * a socket, nor the socket of a process that listens on it.
 */
#ifndef NET_UNIX_SOCKET_H
#define NET_UNIX_SOCKET_H

#include <sys/types.h>

/*
 * A listening descriptor, non-blocking and close-on-exec; the file has the permissions `mode`. A
 * socket that a process left when it was killed is replaced. -EADDRINUSE: a process listens there;
 * -EEXIST: the path is another kind of file; otherwise another -errno.
 */
int unix_socket_listen(const char *path, mode_t mode, int backlog);

/* A connected, blocking descriptor, or -errno: -ENOENT, -ECONNREFUSED when nobody listens. */
int unix_socket_connect(const char *path);

#endif
