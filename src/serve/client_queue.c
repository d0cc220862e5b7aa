#include "serve/client_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS_MIN 16

struct node {
    struct waiting_frame frame;
    struct node *next, *previous;
    struct node *same_bucket;    /* while `key` is set */
    struct shared_frame *shared; /* NULL: a copy */
    int32_t key;                 /* CLIENT_QUEUE_NO_KEY: cannot be replaced */
    unsigned char bytes[];       /* of a copy: headroom, then the data */
};

struct client_queue {
    struct client_queue_limits limits;
    struct node *first, *last;
    int32_t count;
    size_t bytes;
    int64_t progress_ms;   /* last progress, or when it became non-empty */
    struct node **buckets; /* nodes by key; NULL until the first key */
    size_t buckets_count;  /* a power of two, at least the number of keys */
    size_t keys_count;
};

/* --- nodes by key ----------------------------------------------------------------------------- */

static struct node **bucket_of(const struct client_queue *q, int32_t key)
{
    return &q->buckets[((uint32_t)key * UINT32_C(2654435761)) & (q->buckets_count - 1)];
}

static struct node *find(const struct client_queue *q, int32_t key)
{
    struct node *n = key >= 0 && q->buckets ? *bucket_of(q, key) : NULL;
    while (n && n->key != key)
        n = n->same_bucket;
    return n;
}

static void link_key(struct client_queue *q, struct node *n)
{
    struct node **bucket = bucket_of(q, n->key);
    n->same_bucket = *bucket;
    *bucket = n;
    q->keys_count++;
}

static void unlink_key(struct client_queue *q, struct node *n)
{
    if (n->key == CLIENT_QUEUE_NO_KEY)
        return;
    struct node **at = bucket_of(q, n->key);
    while (*at != n)
        at = &(*at)->same_bucket;
    *at = n->same_bucket;
    n->key = CLIENT_QUEUE_NO_KEY;
    q->keys_count--;
}

static int make_buckets(struct client_queue *q)
{
    if (q->buckets && q->keys_count < q->buckets_count)
        return 0;
    size_t count = q->buckets ? q->buckets_count * 2 : BUCKETS_MIN;
    struct node **buckets = calloc(count, sizeof(struct node *));
    if (!buckets)
        return -ENOMEM;
    free(q->buckets);
    q->buckets = buckets;
    q->buckets_count = count;
    q->keys_count = 0;
    for (struct node *n = q->first; n; n = n->next) {
        if (n->key != CLIENT_QUEUE_NO_KEY)
            link_key(q, n);
    }
    return 0;
}

/* --- the list --------------------------------------------------------------------------------- */

/* Puts `n` before `next`, at the end when that is NULL. */
static void insert(struct client_queue *q, struct node *n, struct node *next)
{
    n->next = next;
    n->previous = next ? next->previous : q->last;
    *(n->previous ? &n->previous->next : &q->first) = n;
    *(n->next ? &n->next->previous : &q->last) = n;
    q->count++;
    q->bytes += n->frame.len_bytes;
}

static void destroy_node(struct node *n)
{
    if (!n)
        return;
    shared_frame_unref(n->shared);
    free(n);
}

static void take_out(struct client_queue *q, struct node *n)
{
    unlink_key(q, n);
    *(n->previous ? &n->previous->next : &q->first) = n->next;
    *(n->next ? &n->next->previous : &q->last) = n->previous;
    q->count--;
    q->bytes -= n->frame.len_bytes;
    destroy_node(n);
}

static size_t bytes_of(const struct client_frame *frame)
{
    return frame->shared ? shared_frame_bytes(frame->shared) : frame->len_bytes;
}

static void fill_node(struct node *n, const struct client_frame *frame, size_t headroom)
{
    *n = (struct node){.key = frame->key};
    n->frame = (struct waiting_frame){
        .kind = frame->kind, .code = frame->code, .len_bytes = bytes_of(frame)};
    if (frame->shared) {
        n->shared = shared_frame_ref(frame->shared);
        n->frame.data = (unsigned char *)shared_frame_data(frame->shared); /* not written to */
        return;
    }
    n->frame.data = n->bytes + headroom;
    if (frame->len_bytes)
        memcpy(n->frame.data, frame->data, frame->len_bytes);
}

static struct node *make_node(const struct client_queue *q, const struct client_frame *frame)
{
    size_t headroom = frame->shared ? 0 : q->limits.headroom_bytes;
    struct node *n = malloc(sizeof(*n) + headroom + (frame->shared ? 0 : frame->len_bytes));
    if (n)
        fill_node(n, frame, headroom);
    return n;
}

/* --- putting ---------------------------------------------------------------------------------- */

static bool fits(const struct client_queue *q, const struct node *replaced, size_t len_bytes)
{
    size_t bytes = q->bytes - (replaced ? replaced->frame.len_bytes : 0);
    int32_t count = q->count - (replaced ? 1 : 0);
    return bytes <= q->limits.bytes_max && len_bytes <= q->limits.bytes_max - bytes &&
           count < q->limits.frames_max;
}

int client_queue_put(struct client_queue *q, const struct client_frame *frame, int64_t now_ms)
{
    struct node *old = find(q, frame->key);
    if (old && old->frame.sent_bytes > 0) {
        unlink_key(q, old);
        old = NULL;
    }
    if (!fits(q, old, bytes_of(frame)))
        return -ENOBUFS;
    struct node *n = make_node(q, frame);
    if (!n || (n->key != CLIENT_QUEUE_NO_KEY && make_buckets(q))) {
        destroy_node(n);
        return -ENOMEM;
    }
    if (!q->first)
        q->progress_ms = now_ms;
    insert(q, n, old);
    if (old)
        take_out(q, old);
    if (n->key != CLIENT_QUEUE_NO_KEY)
        link_key(q, n);
    return 0;
}

void client_queue_pin(struct client_queue *q, int32_t key)
{
    struct node *n = find(q, key);
    if (n)
        unlink_key(q, n);
}

/* --- sending ---------------------------------------------------------------------------------- */

struct waiting_frame *client_queue_first(struct client_queue *q)
{
    return q->first ? &q->first->frame : NULL;
}

void client_queue_pop(struct client_queue *q, int64_t now_ms)
{
    take_out(q, q->first);
    client_queue_progress(q, now_ms);
}

int32_t client_queue_count(const struct client_queue *q)
{
    return q->count;
}

size_t client_queue_bytes(const struct client_queue *q)
{
    return q->bytes;
}

void client_queue_progress(struct client_queue *q, int64_t now_ms)
{
    q->progress_ms = now_ms;
}

int64_t client_queue_patience_ms(const struct client_queue *q, int64_t now_ms)
{
    return q->first ? q->progress_ms + q->limits.stall_ms - now_ms : INT64_MAX;
}

/* --- create and destroy ----------------------------------------------------------------------- */

struct client_queue *client_queue_create(const struct client_queue_limits *limits)
{
    struct client_queue *q = calloc(1, sizeof(*q));
    if (q)
        q->limits = *limits;
    return q;
}

void client_queue_destroy(struct client_queue *q)
{
    if (!q)
        return;
    while (q->first)
        take_out(q, q->first);
    free(q->buckets);
    free(q);
}
