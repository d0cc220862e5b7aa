#include "net/responder.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define TEXT_BYTES  (1024 * 1024)
#define PATIENCE_MS 2000
#define CLIENTS_MAX 16
#define PAUSE_MS    200 /* before accept() is tried again after it failed */

struct client {
    struct responder *responder;
    struct client *next;
    ev_io io;
    struct loop_timer *patience;
    struct buf text;
    size_t sent_bytes;
};

struct responder {
    struct loop *loop;
    responder_fn *fn;
    void *arg;
    char *path;
    dev_t device; /* of the socket file */
    ino_t inode;
    ev_io io;
    struct loop_timer *resume; /* the end of a pause in accepting */
    struct client *clients;
    int clients_count;
};

/* --- addresses -------------------------------------------------------------------------------- */

/* sun_path holds 107 bytes; /proc/self/fd/N of the open folder makes longer paths usable. */
static int make_address(const char *path, struct sockaddr_un *address, int *folder_fd)
{
    char folder[PATH_MAX], name[PATH_MAX];
    snprintf(folder, sizeof(folder), "%s", path);
    snprintf(name, sizeof(name), "%s", path);
    *folder_fd = open(dirname(folder), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*folder_fd < 0)
        return -errno;
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    int len = snprintf(address->sun_path, sizeof(address->sun_path), "/proc/self/fd/%d/%s",
                       *folder_fd, basename(name));
    if (len < (int)sizeof(address->sun_path))
        return 0;
    close(*folder_fd);
    return -ENAMETOOLONG;
}

/* --- clients ---------------------------------------------------------------------------------- */

static void drop(struct client *c)
{
    struct responder *r = c->responder;
    struct client **at = &r->clients;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    r->clients_count--;
    ev_io_stop(loop_native(r->loop), &c->io);
    loop_timer_destroy(c->patience);
    close(c->io.fd);
    buf_finish(&c->text);
    free(c);
}

static void on_writable(struct ev_loop *ev, ev_io *w, int revents)
{
    struct client *c = w->data;
    (void)ev;
    (void)revents;
    ssize_t n = send(w->fd, buf_text(&c->text) + c->sent_bytes, c->text.len_bytes - c->sent_bytes,
                     MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN)
        return;
    c->sent_bytes += n > 0 ? (size_t)n : 0;
    if (n < 0 || c->sent_bytes == c->text.len_bytes)
        drop(c);
}

static void on_impatient(void *arg)
{
    drop(arg);
}

static void greet(struct responder *r, int fd)
{
    struct client *c = r->clients_count < CLIENTS_MAX ? calloc(1, sizeof(*c)) : NULL;
    if (c)
        c->patience = loop_timer_create(r->loop, on_impatient, c);
    if (!c || !c->patience) {
        free(c);
        close(fd);
        return;
    }
    c->responder = r;
    c->next = r->clients;
    r->clients = c;
    r->clients_count++;
    buf_init(&c->text, TEXT_BYTES);
    r->fn(r->arg, &c->text);
    ev_io_init(&c->io, on_writable, fd, EV_WRITE);
    c->io.data = c;
    ev_io_start(loop_native(r->loop), &c->io);
    loop_timer_set(c->patience, PATIENCE_MS);
}

/* Out of descriptors or memory: the client stays in the queue. */
static bool is_lasting(int error)
{
    return error != EAGAIN && error != EINTR && error != ECONNABORTED;
}

/* The socket stays readable while the client is queued, so watching it would spin the loop. */
static void pause_accepting(struct responder *r)
{
    ev_io_stop(loop_native(r->loop), &r->io);
    loop_timer_set(r->resume, PAUSE_MS);
}

static void on_resume(void *arg)
{
    struct responder *r = arg;
    ev_io_start(loop_native(r->loop), &r->io);
}

static void on_client(struct ev_loop *ev, ev_io *w, int revents)
{
    struct responder *r = w->data;
    (void)ev;
    (void)revents;
    int fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0)
        greet(r, fd);
    else if (is_lasting(errno))
        pause_accepting(r);
}

/* --- create and destroy ----------------------------------------------------------------------- */

/* Sets the mode before bind(): changing the umask instead would affect all threads. */
static int bind_private(int fd, const struct sockaddr_un *address)
{
    unlink(address->sun_path); /* left by a process that was killed */
    return fchmod(fd, 0600) || bind(fd, (const struct sockaddr *)address, sizeof(*address)) ||
                   listen(fd, CLIENTS_MAX)
               ? -errno
               : 0;
}

static int listen_at(struct responder *r)
{
    struct sockaddr_un address;
    int folder_fd, rc = make_address(r->path, &address, &folder_fd);
    if (rc)
        return rc;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    rc = fd < 0 ? -errno : bind_private(fd, &address);
    close(folder_fd);
    if (rc && fd >= 0)
        close(fd);
    if (rc)
        return rc;
    ev_io_init(&r->io, on_client, fd, EV_READ);
    r->io.data = r;
    ev_io_start(loop_native(r->loop), &r->io);
    return 0;
}

static void note_file(struct responder *r)
{
    struct stat st;
    if (lstat(r->path, &st))
        return;
    r->device = st.st_dev;
    r->inode = st.st_ino;
}

bool responder_reachable(const struct responder *r)
{
    struct stat st;
    if (lstat(r->path, &st))
        return errno != ENOENT && errno != ENOTDIR;
    return st.st_dev == r->device && st.st_ino == r->inode;
}

int responder_create(struct responder **out, struct loop *loop, const char *path, responder_fn *fn,
                     void *arg, struct err *err)
{
    struct responder *r = calloc(1, sizeof(*r));
    if (!r)
        return err_set(err, -ENOMEM, "out of memory");
    *r = (struct responder){.loop = loop, .fn = fn, .arg = arg, .path = strdup(path), .io.fd = -1};
    r->resume = loop_timer_create(loop, on_resume, r);
    int rc = r->path && r->resume ? listen_at(r) : -ENOMEM;
    if (rc == 0)
        note_file(r);
    if (rc) {
        loop_timer_destroy(r->resume);
        free(r->path);
        free(r);
        return err_set(err, rc, "cannot create the socket '%s': %s", path, strerror(-rc));
    }
    *out = r;
    return 0;
}

void responder_destroy(struct responder *r)
{
    if (!r)
        return;
    while (r->clients)
        drop(r->clients);
    ev_io_stop(loop_native(r->loop), &r->io);
    loop_timer_destroy(r->resume);
    close(r->io.fd);
    if (responder_reachable(r)) /* do not remove a file that replaced it */
        unlink(r->path);
    free(r->path);
    free(r);
}

/* --- client side ------------------------------------------------------------------------------ */

static int read_all(int fd, int64_t deadline_ms, struct buf *text)
{
    char piece[16384];
    for (;;) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        int64_t left_ms = deadline_ms - clock_now().mono_ms;
        if (left_ms <= 0 || poll(&ready, 1, (int)left_ms) == 0)
            return -ETIMEDOUT;
        ssize_t n = recv(fd, piece, sizeof(piece), MSG_DONTWAIT);
        if (n == 0)
            return 0;
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return -errno;
        if (n > 0 && buf_append(text, piece, (size_t)n))
            return -EMSGSIZE;
    }
}

int responder_ask(const char *path, int64_t timeout_ms, struct buf *text)
{
    struct sockaddr_un address;
    int folder_fd, rc = make_address(path, &address, &folder_fd);
    if (rc)
        return rc;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
        rc = -errno;
    close(folder_fd);
    if (rc == 0)
        rc = read_all(fd, clock_now().mono_ms + timeout_ms, text);
    if (fd >= 0)
        close(fd);
    return rc;
}
