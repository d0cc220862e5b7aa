#include "net/listener.h"

#include "net/unix_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ev.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAUSE_MS   200 /* before accept() is tried again after it failed */
#define ACCEPT_MAX 16  /* clients per call; others on the loop wait for so long */

struct listener {
    struct listener_parts parts;
    char *path;   /* of the Unix socket, owned; NULL: TCP */
    dev_t device; /* of its file */
    ino_t inode;
    ev_io io;
    struct loop_timer *resume; /* the end of a pause in accepting */
};

/* --- accepting -------------------------------------------------------------------------------- */

/* Out of descriptors or memory: the client stays in the queue. */
static bool is_lasting(int error)
{
    return error != EAGAIN && error != EINTR && error != ECONNABORTED;
}

/* The socket stays readable while a client is queued, so watching it would keep the loop busy. */
static void pause_accepting(struct listener *l)
{
    ev_io_stop(loop_native(l->parts.loop), &l->io);
    loop_timer_set(l->resume, PAUSE_MS);
}

static void on_resume(void *arg)
{
    struct listener *l = arg;
    ev_io_start(loop_native(l->parts.loop), &l->io);
}

/* False: no further client now. */
static bool accept_one(struct listener *l)
{
    int on = 1, fd = accept4(l->io.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        if (is_lasting(errno))
            pause_accepting(l);
        return false;
    }
    if (!l->path)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    l->parts.accepted(l->parts.arg, fd);
    return true;
}

static void on_client(struct ev_loop *ev, ev_io *w, int revents)
{
    (void)ev;
    (void)revents;
    for (int n = 0; n < ACCEPT_MAX && accept_one(w->data); n++)
        ;
}

/* --- TCP -------------------------------------------------------------------------------------- */

static int cannot_listen(struct err *err, int error, const struct listener_address *a)
{
    const char *why = error == EADDRINUSE      ? "the port is in use"
                      : error == EADDRNOTAVAIL ? "this machine has no such address"
                      : error == EACCES        ? "ports below 1024 require root"
                                               : strerror(error);
    return err_set(err, -error, "cannot listen on %s:%d: %s", a->host, a->port, why);
}

static int listen_tcp(const struct listener_address *a, struct err *err)
{
    struct addrinfo *address, hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM};
    char service[12];
    int on = 1;
    snprintf(service, sizeof(service), "%d", a->port);
    if (getaddrinfo(a->host, service, &hints, &address))
        return err_set(err, -EINVAL, "cannot listen on %s:%d: %s is not an IP address", a->host,
                       a->port, a->host);
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int failed = fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
                 bind(fd, address->ai_addr, address->ai_addrlen) || listen(fd, SOMAXCONN);
    int rc = failed ? cannot_listen(err, errno, a) : 0;
    freeaddrinfo(address);
    if (rc && fd >= 0)
        close(fd);
    return rc ? rc : fd;
}

int listener_port(const struct listener *l)
{
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof(address);
    if (l->path || getsockname(l->io.fd, (struct sockaddr *)&address, &len))
        return 0;
    return address.ss_family == AF_INET6 ? ntohs(((struct sockaddr_in6 *)&address)->sin6_port)
                                         : ntohs(((struct sockaddr_in *)&address)->sin_port);
}

/* --- Unix socket ------------------------------------------------------------------------------ */

static int listen_unix(struct listener *l, struct err *err)
{
    struct stat st;
    int fd = unix_socket_listen(l->path, l->parts.address.mode, SOMAXCONN);
    const char *why = fd == -EADDRINUSE ? "another process listens on it"
                      : fd == -EEXIST   ? "the path is not a socket: remove or rename that file"
                                        : strerror(-fd);
    if (fd < 0)
        return err_set(err, fd, "cannot create the socket '%s': %s", l->path, why);
    if (lstat(l->path, &st) == 0) {
        l->device = st.st_dev;
        l->inode = st.st_ino;
    }
    return fd;
}

bool listener_reachable(const struct listener *l)
{
    struct stat st;
    if (!l->path)
        return true;
    if (lstat(l->path, &st))
        return errno != ENOENT && errno != ENOTDIR;
    return st.st_dev == l->device && st.st_ino == l->inode;
}

static void watch(struct listener *l, int fd)
{
    ev_io_init(&l->io, on_client, fd, EV_READ);
    l->io.data = l;
    ev_io_start(loop_native(l->parts.loop), &l->io);
}

int listener_renew(struct listener *l, struct err *err)
{
    if (listener_reachable(l))
        return 0;
    int fd = listen_unix(l, err);
    if (fd < 0)
        return fd;
    loop_timer_stop(l->resume);
    ev_io_stop(loop_native(l->parts.loop), &l->io);
    close(l->io.fd);
    watch(l, fd);
    return 1;
}

/* --- create and destroy ----------------------------------------------------------------------- */

static int open_socket(struct listener *l, struct err *err)
{
    const struct listener_address *address = &l->parts.address;
    l->resume = loop_timer_create(l->parts.loop, on_resume, l);
    if (address->path)
        l->path = strdup(address->path);
    if (!l->resume || (address->path && !l->path))
        return err_set(err, -ENOMEM, "out of memory");
    int fd = l->path ? listen_unix(l, err) : listen_tcp(address, err);
    if (fd < 0)
        return fd;
    watch(l, fd);
    return 0;
}

int listener_create(struct listener **out, const struct listener_parts *parts, struct err *err)
{
    struct listener *l = calloc(1, sizeof(*l));
    if (!l)
        return err_set(err, -ENOMEM, "out of memory");
    l->parts = *parts;
    l->io.fd = -1;
    int rc = open_socket(l, err);
    l->parts.address.host = l->parts.address.path = NULL; /* borrowed until here */
    if (rc) {
        listener_destroy(l);
        return rc;
    }
    *out = l;
    return 0;
}

void listener_destroy(struct listener *l)
{
    if (!l)
        return;
    if (l->io.fd >= 0) {
        ev_io_stop(loop_native(l->parts.loop), &l->io);
        close(l->io.fd);
        if (l->path && listener_reachable(l)) /* do not remove a file that replaced it */
            unlink(l->path);
    }
    loop_timer_destroy(l->resume);
    free(l->path);
    free(l);
}
