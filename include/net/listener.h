/*
 * listener: a listening socket on the loop, TCP or Unix.
 *
 * Owns the socket, and the file of a Unix socket, which it removes at the end. Calls accepted() for
 * each client. When the process has no free descriptor, it pauses and the clients wait.
 */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include "base/err.h"
#include "net/loop.h"

#include <stdbool.h>
#include <sys/types.h>

struct listener;

struct listener_address {
    const char *host; /* numeric IPv4 or IPv6 address of this machine */
    int port;         /* 0 picks one */
    const char *path; /* not NULL: a Unix socket instead */
    mode_t mode;      /* of its file */
};

struct listener_parts {
    struct loop *loop;
    struct listener_address address; /* copied */
    /* Takes `fd`: connected, non-blocking, close-on-exec. */
    void (*accepted)(void *arg, int fd);
    void *arg;
};

/* -EADDRINUSE and others, text in `err` with the address. */
int listener_create(struct listener **out, const struct listener_parts *parts, struct err *err);
void listener_destroy(struct listener *listener);

int listener_port(const struct listener *listener); /* the actual port; 0 for a Unix socket */
/* False: the file of the Unix socket was removed or replaced; clients cannot connect. */
bool listener_reachable(const struct listener *listener);
/*
 * Makes the Unix socket again if it is not reachable; clients that were accepted stay. 0: it was
 * reachable; 1: made again; negative: as listener_create(), and it is as before.
 */
int listener_renew(struct listener *listener, struct err *err);

#endif
