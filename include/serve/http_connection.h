/*
 * http_connection: one HTTP connection of the server: calls the handler for each request
 * and sends its answers in the order of the requests.
 *
 * A body is ignored, and not waited for, unless the server reads bodies: then the handler is called
 * when the body is complete. (libwebsockets 4.3 does not report the end of a body that is followed
 * by another request before the answer.) More than 64 kB end the connection. If bodies are ignored, a
 * request with one that is not the first of its connection is the last: libwebsockets 4.1 does not
 * leave its loop if that request was received together with the one before it.
 *
 * Owned by the server. A request that arrives while an answer is awaited or sent waits in
 * libwebsockets; it neither reaches the handler nor keeps the loop busy.
 */
#ifndef SERVE_HTTP_CONNECTION_H
#define SERVE_HTTP_CONNECTION_H

#include "net/loop.h"
#include "serve/deferred.h"
#include "serve/http_stream.h"
#include "serve/web.h"

#include <stdbool.h>
#include <stdint.h>

struct http_connection;

/*
 * Fills in `answer`, which is sent when the handler returns, as the returned action says. After
 * http_connection_defer() the returned value is ignored. Everything is borrowed until it returns.
 */
typedef enum web_action http_handler(void *arg, struct http_connection *connection,
                                     const struct web_request *request, struct web_answer *answer);

/*
 * In a handler, once: this request is answered by deferred_complete(). What `answer` contains so
 * far becomes the content of deferred_answer(). NULL: no memory; the handler must answer at once.
 */
struct deferred *http_connection_defer(struct http_connection *connection);

/*
 * In a handler, once: the answer is 200 with the content type and headers of `answer`, and a body
 * without end (serve/http_stream), which may be sent from now on. The handler leaves the body of
 * `answer` empty; the returned action is ignored. NULL: no memory; it must answer at once.
 */
struct http_stream *http_connection_stream(struct http_connection *connection,
                                           const struct http_stream_handler *handler);

struct http_stats {
    int64_t requests;
    int in_flight, max_in_flight; /* requests not completely answered yet */
};

/* What all connections of a server share; borrowed. */
struct http_service {
    struct loop *loop;
    http_handler *handler;
    void *arg;
    bool reads_bodies;
    struct http_stats stats;
};

/* For the server. `lws` is a struct lws; a nonzero result ends the connection or, after
 * http_connection_writable(), leaves it as it is when it is positive. */
struct http_connection *http_connection_create(struct http_service *service); /* NULL: no memory */
void http_connection_destroy(struct http_connection *connection);
int http_connection_request(struct http_connection *connection, void *lws, const char *uri,
                            bool first);
int http_connection_body(struct http_connection *connection, const void *data, size_t len_bytes);
int http_connection_body_complete(struct http_connection *connection);
int http_connection_writable(struct http_connection *connection);

#endif
