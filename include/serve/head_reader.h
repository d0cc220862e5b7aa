/*
 * head_reader: accepted connections until the head of their first request is complete.
 *
 * Owns their sockets until then, and only looks at what they have received. So a client that
 * connects and sends nothing, or half a request, uses nothing of the HTTP server; it is
 * disconnected after a time, however slowly it sends. What is not HTTP or too long is answered with
 * an error.
 */
#ifndef SERVE_HEAD_READER_H
#define SERVE_HEAD_READER_H

#include "net/loop.h"

#include <stddef.h>
#include <stdint.h>

struct head_reader;

struct head_reader_parts {
    struct loop *loop;
    int64_t timeout_ms; /* from being accepted to a complete head */
    /* Takes `fd`, in which the request is still to be read. `rewritten`: NULL, or its head, which
     * is to be used in place of the one received (http_head_rewrite). */
    void (*complete)(void *arg, void *guest, int fd, const char *rewritten, size_t len_bytes);
    void (*ended)(void *arg, void *guest); /* the connection was closed instead */
    void *arg;
};

struct head_reader *head_reader_create(const struct head_reader_parts *parts); /* NULL: no memory */
void head_reader_destroy(struct head_reader *reader); /* closes what is open, calling ended() */

/* Takes `fd`; `guest` is given back. -ENOMEM: `fd` is still the caller's. */
int head_reader_take(struct head_reader *reader, int fd, void *guest);
int head_reader_count(const struct head_reader *reader);

/* Answers with this status and closes `fd`: for a connection that nobody has read yet. */
void head_reader_refuse(int fd, int status, const char *words);

#endif
