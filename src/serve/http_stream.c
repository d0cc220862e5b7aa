#include "serve/http_stream.h"

#include "net/tcp_state.h"
#include "serve/disconnect.h"
#include "serve/http_out.h"

#include <errno.h>
#include <ev.h>
#include <libwebsockets.h>
#include <stdlib.h>
#include <sys/socket.h>

#define CHUNK_BYTES 65536        /* collected from the queue for one system call */
#define TURN_BYTES  (256 * 1024) /* sent in one turn of the loop; then others get theirs */

/*
 * While an answer is awaited libwebsockets does not write to the connection (see http_connection),
 * so the stream watches the socket itself and sends without it.
 */
struct http_stream {
    struct http_stream_parts parts;
    ev_io writable; /* active while something waits and the stream has begun */
    struct client_queue *queue;
    struct buf chunk; /* taken from the queue; sent up to sent_bytes */
    size_t sent_bytes;
    int64_t progress;    /* tcp_progress() at the last look */
    int64_t progress_ms; /* last progress, or when something began to wait */
    bool begun, gone;    /* gone: disconnected soon, nothing more is sent */
};

static int64_t now_ms(const struct http_stream *s)
{
    return loop_now(s->parts.loop).mono_ms;
}

static void watch(struct http_stream *s, bool on)
{
    if (on)
        ev_io_start(loop_native(s->parts.loop), &s->writable);
    else
        ev_io_stop(loop_native(s->parts.loop), &s->writable);
}

static void give_up(struct http_stream *s)
{
    s->gone = true;
    watch(s, false);
    disconnect_soon(s->parts.lws);
}

/* --- sending ---------------------------------------------------------------------------------- */

static void fill_chunk(struct http_stream *s)
{
    struct waiting_frame *frame;
    buf_clear(&s->chunk);
    s->sent_bytes = 0;
    while (s->chunk.len_bytes < CHUNK_BYTES && (frame = client_queue_first(s->queue))) {
        buf_append(&s->chunk, frame->data, frame->len_bytes);
        client_queue_pop(s->queue, now_ms(s));
    }
    if (buf_failed(&s->chunk))
        give_up(s);
}

/* Returns the number of bytes that the socket took; 0: no more now, or the stream has ended. */
static size_t send_some(struct http_stream *s)
{
    if (s->sent_bytes == s->chunk.len_bytes)
        fill_chunk(s);
    size_t left = s->chunk.len_bytes - s->sent_bytes;
    if (s->gone || left == 0) {
        watch(s, false);
        return 0;
    }
    ssize_t n =
        send(s->writable.fd, s->chunk.data + s->sent_bytes, left, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR)
        give_up(s);
    if (n <= 0)
        return 0;
    s->sent_bytes += (size_t)n;
    s->progress_ms = now_ms(s);
    return (size_t)n;
}

static void on_writable(struct ev_loop *ev, ev_io *w, int revents)
{
    (void)ev;
    (void)revents;
    size_t some;
    for (size_t sent = 0; sent < TURN_BYTES && (some = send_some(w->data)) > 0; sent += some)
        continue;
}

void http_stream_send(struct http_stream *s, int32_t key, const char *data, size_t len_bytes)
{
    const struct client_frame frame = {.key = key, .data = data, .len_bytes = len_bytes};
    if (s->gone)
        return;
    if (http_stream_waiting_bytes(s) == 0)
        s->progress_ms = now_ms(s);
    if (client_queue_put(s->queue, &frame, now_ms(s))) /* full as it does not read, or no memory */
        give_up(s);
    else if (s->begun)
        watch(s, true);
}

size_t http_stream_waiting_bytes(const struct http_stream *s)
{
    return client_queue_bytes(s->queue) + s->chunk.len_bytes - s->sent_bytes;
}

bool http_stream_stalled(struct http_stream *s)
{
    int64_t progress = tcp_progress(s->writable.fd);
    if (progress != s->progress || http_stream_waiting_bytes(s) == 0)
        s->progress_ms = now_ms(s);
    s->progress = progress;
    int64_t stall_ms = s->parts.handler.stall_ms;
    return now_ms(s) - s->progress_ms >= (stall_ms ? stall_ms : HTTP_STREAM_STALL_MS);
}

/* --- begin and end ---------------------------------------------------------------------------- */

void http_stream_begin(struct http_stream *s, const struct web_answer *answer)
{
    http_out_stream_head(&s->chunk, answer);
    s->begun = true;
    if (buf_failed(&s->chunk))
        give_up(s);
    else
        watch(s, true);
}

struct http_stream *http_stream_create(const struct http_stream_parts *parts)
{
    const struct client_queue_limits limits = {HTTP_STREAM_QUEUE_BYTES, HTTP_STREAM_QUEUE_PIECES,
                                               HTTP_STREAM_STALL_MS, 0};
    struct http_stream *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->parts = *parts;
    buf_init(&s->chunk, CHUNK_BYTES + HTTP_STREAM_QUEUE_BYTES);
    ev_io_init(&s->writable, on_writable, lws_get_socket_fd(parts->lws), EV_WRITE);
    s->writable.data = s;
    s->queue = client_queue_create(&limits);
    if (!s->queue) {
        free(s);
        return NULL;
    }
    return s;
}

void http_stream_destroy(struct http_stream *s)
{
    if (!s)
        return;
    watch(s, false);
    s->parts.handler.closed(s->parts.handler.arg);
    client_queue_destroy(s->queue);
    buf_finish(&s->chunk);
    free(s);
}
