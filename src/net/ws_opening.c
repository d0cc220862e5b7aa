#include "net/ws_opening.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

int ws_opening_begin(struct ws_opening *o, const struct ws_address *address,
                     const struct http_headers *headers, const unsigned char nonce[WS_NONCE_BYTES])
{
    const char *lines[HTTP_HEADERS_MAX + 1] = {NULL};
    const struct curl_slist *item = headers ? http_headers_native(headers) : NULL;
    *o = (struct ws_opening){.state = WS_OPENING_WAITS};
    o->answer = (struct ws_answer){.retry_after_ms = -1, .content_length = -1};
    buf_init(&o->request, WS_HEAD_MAX);
    for (int i = 0; item && i < HTTP_HEADERS_MAX; i++, item = item->next)
        lines[i] = item->data;
    ws_handshake_key(o->key, nonce);
    ws_handshake_request(&o->request, address, o->key, lines);
    return buf_failed(&o->request) ? -ENOMEM : 0;
}

void ws_opening_finish(struct ws_opening *o)
{
    ws_opening_forget(o);
}

/* --- the request ------------------------------------------------------------------------------ */

const char *ws_opening_to_send(const struct ws_opening *o, size_t *len_bytes)
{
    *len_bytes = o->request.len_bytes - o->sent_bytes;
    return buf_text(&o->request) + o->sent_bytes;
}

void ws_opening_sent(struct ws_opening *o, size_t len_bytes)
{
    o->sent_bytes += len_bytes;
    if (o->sent_bytes == o->request.len_bytes)
        ws_opening_forget(o);
}

void ws_opening_forget(struct ws_opening *o)
{
    if (o->request.data)
        explicit_bzero(o->request.data, o->request.cap_bytes);
    buf_finish(&o->request);
    o->sent_bytes = o->request.len_bytes;
}

/* --- the answer ------------------------------------------------------------------------------- */

char *ws_opening_room(struct ws_opening *o, size_t *room_bytes)
{
    *room_bytes = sizeof(o->head) - o->to;
    return o->head + o->to;
}

static enum ws_opening_state take_body(struct ws_opening *o)
{
    struct ws_answer *a = &o->answer;
    size_t there = o->to - o->from, room = WS_BODY_KEPT - a->body_len_bytes;
    if (there > room)
        there = room;
    memcpy(a->body + a->body_len_bytes, o->head + o->from, there);
    a->body_len_bytes += there;
    a->body[a->body_len_bytes] = '\0';
    o->from = o->to = 0;
    bool whole = a->content_length >= 0 && (int64_t)a->body_len_bytes >= a->content_length;
    return whole || a->body_len_bytes == WS_BODY_KEPT ? WS_OPENING_ENDED : WS_OPENING_REFUSED;
}

/* 100, 103: the final answer follows. */
static void drop_interim(struct ws_opening *o, size_t head_len)
{
    memmove(o->head, o->head + head_len, o->to - head_len);
    o->to -= head_len;
    o->answer.status = 0;
}

static enum ws_opening_state take_head(struct ws_opening *o, size_t head_len, int64_t wall_ns,
                                       struct err *err)
{
    if (ws_answer_read(&o->answer, o->head, head_len, wall_ns, err))
        return WS_OPENING_INVALID;
    if (o->answer.status < 200 && o->answer.status != 101) {
        drop_interim(o, head_len);
        return WS_OPENING_WAITS;
    }
    o->from = head_len;
    if (o->answer.status != 101)
        return take_body(o);
    return ws_handshake_check(o->head, head_len, o->key, err) ? WS_OPENING_INVALID
                                                              : WS_OPENING_OPEN;
}

enum ws_opening_state ws_opening_received(struct ws_opening *o, size_t len_bytes, int64_t wall_ns,
                                          struct err *err)
{
    size_t head_len;
    o->to += len_bytes;
    if (o->state == WS_OPENING_REFUSED)
        o->state = take_body(o);
    while (o->state == WS_OPENING_WAITS && (head_len = ws_head_len(o->head, o->to)))
        o->state = take_head(o, head_len, wall_ns, err);
    if (o->state == WS_OPENING_WAITS && o->to == sizeof(o->head)) {
        err_set(err, -EMSGSIZE, "the headers of the answer are too long");
        o->state = WS_OPENING_INVALID;
    }
    return o->state;
}

size_t ws_opening_rest(struct ws_opening *o, void *out, size_t out_bytes)
{
    size_t some = o->to - o->from < out_bytes ? o->to - o->from : out_bytes;
    memcpy(out, o->head + o->from, some);
    o->from += some;
    return some;
}
