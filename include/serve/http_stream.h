/*
 * http_stream: an answer of HTTP whose body has no end, such as Server-Sent Events.
 *
 * Taken by the handler of a request (http_connection_stream()); owned by the connection. The body
 * ends when either side disconnects: there is no Content-Length. What the client does not read at
 * once waits in its queue, which is bounded; a client that takes nothing for a time is
 * disconnected. Used on the loop's thread; sending neither waits nor calls anybody back.
 */
#ifndef SERVE_HTTP_STREAM_H
#define SERVE_HTTP_STREAM_H

#include "net/loop.h"
#include "serve/client_queue.h"
#include "serve/web.h"

#include <stdbool.h>

/* Above these the client is disconnected. */
#define HTTP_STREAM_QUEUE_BYTES  (16 * 1024 * 1024)
#define HTTP_STREAM_QUEUE_PIECES 65536
#define HTTP_STREAM_STALL_MS     30000 /* without progress while something waits */

struct http_stream;

/* `closed` is called once, when the client has disconnected or is disconnected; the stream must not
 * be used any more from then on. */
struct http_stream_handler {
    void (*closed)(void *arg);
    void *arg;
    int64_t stall_ms; /* 0: HTTP_STREAM_STALL_MS */
};

/* A piece of the body: copied. With a key >= 0 it replaces a waiting piece with the same key. */
void http_stream_send(struct http_stream *stream, int32_t key, const char *data, size_t len_bytes);
/* What waits, in bytes; for whoever sends no more than the client takes. */
size_t http_stream_waiting_bytes(const struct http_stream *stream);

/* For http_connection. */
struct http_stream_parts {
    struct loop *loop;
    void *lws; /* its struct lws */
    struct http_stream_handler handler;
};
struct http_stream *http_stream_create(const struct http_stream_parts *parts); /* NULL: no memory */
void http_stream_destroy(struct http_stream *stream);                          /* calls closed() */
/* Sends status and headers of `answer`, then the pieces. */
void http_stream_begin(struct http_stream *stream, const struct web_answer *answer);
/* Whether the client has taken nothing for too long; to be called about once a second. */
bool http_stream_stalled(struct http_stream *stream);

#endif
