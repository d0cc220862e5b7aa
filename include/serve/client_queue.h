/*
 * client_queue: the frames that wait to be sent to one client.
 *
 * Bounded. Frames are sent in order; a frame with a key (an instrument) replaces a waiting one with
 * the same key, in its place, so that a slow client gets the newest value and not all the old ones.
 * Owns copies of the frames, or references to them. Pure: no sockets, no clock; `now_ms` is
 * monotonic.
 */
#ifndef SERVE_CLIENT_QUEUE_H
#define SERVE_CLIENT_QUEUE_H

#include "serve/shared_frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLIENT_QUEUE_NO_KEY (-1)

struct client_queue;

struct client_queue_limits {
    size_t bytes_max; /* of all waiting frames together */
    int32_t frames_max;
    int64_t stall_ms;      /* a client that makes no progress for so long is given up */
    size_t headroom_bytes; /* left free before the data of each copy */
};

/* A frame to be queued; `kind` and `code` are the caller's. */
struct client_frame {
    int32_t key; /* CLIENT_QUEUE_NO_KEY or >= 0 */
    int kind, code;
    const char *data; /* copied; NULL with `shared` */
    size_t len_bytes;
    struct shared_frame *shared; /* the queue takes a reference of its own; NULL: `data` */
};

/* A frame in the queue. */
struct waiting_frame {
    int kind, code;
    unsigned char *data; /* a copy: after `headroom_bytes`, which may be overwritten */
    size_t len_bytes;
    size_t sent_bytes; /* the caller's; a frame of which a part was sent is not replaced */
};

struct client_queue *client_queue_create(const struct client_queue_limits *limits);
void client_queue_destroy(struct client_queue *queue);

/* 0; -ENOBUFS: it would exceed a limit; -ENOMEM. Nothing is queued or replaced then. */
int client_queue_put(struct client_queue *queue, const struct client_frame *frame, int64_t now_ms);
/* The waiting frame with this key, if any, is not replaced any more: something that must come after
 * it is queued next. */
void client_queue_pin(struct client_queue *queue, int32_t key);

struct waiting_frame *client_queue_first(struct client_queue *queue); /* NULL: empty */
void client_queue_pop(struct client_queue *queue, int64_t now_ms);    /* the first was sent */
int32_t client_queue_count(const struct client_queue *queue);
size_t client_queue_bytes(const struct client_queue *queue);

/* The client has taken some bytes. client_queue_pop() says so too. */
void client_queue_progress(struct client_queue *queue, int64_t now_ms);
/* Time until the client is to be given up, <= 0: now; INT64_MAX: nothing waits for it. */
int64_t client_queue_patience_ms(const struct client_queue *queue, int64_t now_ms);

#endif
