#include "net/lookup.h"

#include "base/buf.h"
#include "net/detached_thread.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ev.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define ADDRESSES_BYTES 1024

/* One look-up; owned by its thread until it is put into the mailbox. */
struct job {
    struct job *next;
    struct mailbox *mailbox;
    char *addresses;
    char why[LOOKUP_WORDS];
    char host[];
};

struct mailbox {
    pthread_mutex_t lock;
    int shares; /* references: the loop's, and one per thread */
    int fd;     /* an eventfd, readable when `done` is not empty */
    struct job *done;
};

struct lookups {
    struct loop *loop;
    struct mailbox *mailbox;
    ev_io io;
    int threads, threads_max;
    lookups_fn *fn;
    void *arg;
};

/* --- mailbox ---------------------------------------------------------------------------------- */

static struct mailbox *mailbox_create(void)
{
    struct mailbox *mailbox = calloc(1, sizeof(*mailbox));
    if (!mailbox)
        return NULL;
    mailbox->shares = 1;
    mailbox->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (mailbox->fd < 0) {
        free(mailbox);
        return NULL;
    }
    pthread_mutex_init(&mailbox->lock, NULL);
    return mailbox;
}

static void free_job(struct job *job)
{
    free(job->addresses);
    free(job);
}

static void mailbox_take_share(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    mailbox->shares++;
    pthread_mutex_unlock(&mailbox->lock);
}

/* Adds `job`, if any, and releases one reference. */
static void mailbox_give_up(struct mailbox *mailbox, struct job *job)
{
    const uint64_t one = 1;
    pthread_mutex_lock(&mailbox->lock);
    if (job) {
        job->next = mailbox->done;
        mailbox->done = job;
        if (write(mailbox->fd, &one, sizeof(one)) < 0)
            abort(); /* cannot happen: an eventfd counts up to 2^64 - 2 */
    }
    bool last = --mailbox->shares == 0;
    pthread_mutex_unlock(&mailbox->lock);
    if (!last)
        return;
    while (mailbox->done) {
        struct job *left = mailbox->done;
        mailbox->done = left->next;
        free_job(left);
    }
    close(mailbox->fd);
    pthread_mutex_destroy(&mailbox->lock);
    free(mailbox);
}

static struct job *mailbox_empty(struct mailbox *mailbox)
{
    uint64_t count;
    pthread_mutex_lock(&mailbox->lock);
    if (read(mailbox->fd, &count, sizeof(count)) < 0)
        count = 0; /* spurious wake-up */
    struct job *done = mailbox->done;
    mailbox->done = NULL;
    pthread_mutex_unlock(&mailbox->lock);
    return done;
}

/* --- thread ----------------------------------------------------------------------------------- */

/* Skips link-local addresses: they need an interface name, which CURLOPT_RESOLVE cannot hold. */
static void put_address(struct buf *out, const struct addrinfo *a)
{
    char text[INET6_ADDRSTRLEN];
    const struct sockaddr_in *in = (const void *)a->ai_addr;
    const struct sockaddr_in6 *in6 = (const void *)a->ai_addr;
    const char *comma = out->len_bytes ? "," : "";
    if (a->ai_family == AF_INET && inet_ntop(AF_INET, &in->sin_addr, text, sizeof(text)))
        buf_printf(out, "%s%s", comma, text);
    else if (a->ai_family == AF_INET6 && !IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr) &&
             inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof(text)))
        buf_printf(out, "%s[%s]", comma, text);
}

static char *addresses_text(const struct addrinfo *list)
{
    struct buf out;
    buf_init(&out, ADDRESSES_BYTES);
    for (const struct addrinfo *a = list;
         a && out.len_bytes + INET6_ADDRSTRLEN + 4 < ADDRESSES_BYTES; a = a->ai_next)
        put_address(&out, a); /* what fits, twenty or more, is enough */
    return out.data;
}

static void say_why(struct job *job, int rc, int error)
{
    const char *words = gai_strerror(rc);
    char system[LOOKUP_WORDS];
    if (rc == EAI_SYSTEM)
        words = strerror_r(error, system, sizeof(system));
    if (rc == 0)
        words = "no usable address";
    snprintf(job->why, sizeof(job->why), "%s", words);
}

static void *run(void *arg)
{
    struct job *job = arg;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *list = NULL;
    int rc = getaddrinfo(job->host, NULL, &hints, &list), error = errno;
    if (rc == 0) {
        job->addresses = addresses_text(list);
        freeaddrinfo(list);
    }
    if (!job->addresses)
        say_why(job, rc, error);
    mailbox_give_up(job->mailbox, job);
    return NULL;
}

/* --- on the loop ------------------------------------------------------------------------------ */

static void on_done(struct ev_loop *ev, ev_io *w, int revents)
{
    struct lookups *l = w->data;
    (void)ev;
    (void)revents;
    struct job *job = mailbox_empty(l->mailbox);
    while (job) {
        struct job *next = job->next;
        char *addresses = job->addresses;
        job->addresses = NULL;
        l->threads--;
        l->fn(l->arg, job->host, addresses, job->why);
        free_job(job);
        job = next;
    }
}

int lookups_start(struct lookups *l, const char *host)
{
    if (l->threads >= l->threads_max)
        return -EAGAIN;
    size_t size = strlen(host) + 1;
    struct job *job = calloc(1, sizeof(*job) + size);
    if (!job)
        return -ENOMEM;
    memcpy(job->host, host, size);
    job->mailbox = l->mailbox;
    mailbox_take_share(l->mailbox);
    int rc = detached_thread_start(run, job);
    if (rc) {
        mailbox_give_up(l->mailbox, NULL);
        free_job(job);
        return rc;
    }
    l->threads++;
    return 0;
}

struct lookups *lookups_create(struct loop *loop, int threads_max, lookups_fn *fn, void *arg)
{
    struct lookups *l = calloc(1, sizeof(*l));
    if (!l)
        return NULL;
    *l = (struct lookups){.loop = loop, .threads_max = threads_max, .fn = fn, .arg = arg};
    l->mailbox = mailbox_create();
    if (!l->mailbox) {
        free(l);
        return NULL;
    }
    ev_io_init(&l->io, on_done, l->mailbox->fd, EV_READ);
    l->io.data = l;
    ev_io_start(loop_native(loop), &l->io);
    return l;
}

void lookups_destroy(struct lookups *l)
{
    if (!l)
        return;
    ev_io_stop(loop_native(l->loop), &l->io);
    mailbox_give_up(l->mailbox, NULL);
    free(l);
}
