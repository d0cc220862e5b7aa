#include "serve/http_out.h"

#include "serve/disconnect.h"

#include <libwebsockets.h>
#include <stdio.h>
#include <string.h>

#define HEAD_BYTES (WEB_HEADERS_BYTES + 1024) /* 1024: status line and the server's own headers */
#define NAME_BYTES 128

/* --- head ------------------------------------------------------------------------------------- */

struct head {
    struct lws *wsi;
    unsigned char *p, *end;
};

static int put_header(void *arg, const char *name, const char *value)
{
    struct head *head = arg;
    char key[NAME_BYTES];
    int len = snprintf(key, sizeof(key), "%s:", name);
    if (len >= (int)sizeof(key))
        return -1;
    return lws_add_http_header_by_name(head->wsi, (const unsigned char *)key,
                                       (const unsigned char *)value, (int)strlen(value), &head->p,
                                       head->end);
}

int http_out_head(void *lws, const struct web_answer *a, bool last)
{
    unsigned char text[LWS_PRE + HEAD_BYTES];
    unsigned char *start = text + LWS_PRE;
    struct head head = {lws, start, start + HEAD_BYTES};
    if (lws_add_http_common_headers(lws, (unsigned)a->status, a->content_type, a->body.len_bytes,
                                    &head.p, head.end) ||
        web_each_header(a, put_header, &head) ||
        (last && put_header(&head, "connection", "close")) ||
        lws_finalize_write_http_header(lws, start, &head.p, head.end))
        return -1;
    return 0;
}

static int put_line(void *out, const char *name, const char *value)
{
    return buf_printf(out, "%s: %s\r\n", name, value);
}

void http_out_stream_head(struct buf *out, const struct web_answer *a)
{
    buf_printf(out, "HTTP/1.1 %d OK\r\ncontent-type: %s\r\nconnection: close\r\n", a->status,
               a->content_type);
    web_each_header(a, put_line, out);
    buf_puts(out, "\r\n");
}

/* --- body ------------------------------------------------------------------------------------- */

int http_out_piece(void *lws, const struct buf *body, size_t limit, size_t *sent_bytes)
{
    unsigned char piece[LWS_PRE + HTTP_OUT_PIECE_BYTES];
    size_t len = limit - *sent_bytes;
    if (len > HTTP_OUT_PIECE_BYTES)
        len = HTTP_OUT_PIECE_BYTES;
    if (len == 0)
        return 0;
    bool last = *sent_bytes + len == limit;
    memcpy(piece + LWS_PRE, body->data + *sent_bytes, len);
    if (lws_write(lws, piece + LWS_PRE, len, last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < 0)
        return -1;
    *sent_bytes += len;
    return 0;
}

/* --- upgrades -------------------------------------------------------------------------------- */

/* Written here, because at this time libwebsockets believes that the client speaks HTTP/1.0. */
static int write_refusal_head(struct lws *wsi, const struct web_answer *a)
{
    struct buf text;
    buf_init(&text, LWS_PRE + HEAD_BYTES);
    buf_printf(&text, "%*s", LWS_PRE, "");
    buf_printf(&text,
               "HTTP/1.1 %d \r\ncontent-type: %s\r\ncontent-length: %zu\r\nconnection: close\r\n",
               a->status, a->content_type, a->body.len_bytes);
    web_each_header(a, put_line, &text);
    buf_puts(&text, "\r\n");
    int rc = buf_failed(&text) || lws_write(wsi, (unsigned char *)text.data + LWS_PRE,
                                            text.len_bytes - LWS_PRE, LWS_WRITE_HTTP_HEADERS) < 0
                 ? -1
                 : 0;
    buf_finish(&text);
    return rc;
}

int http_out_refuse_upgrade(void *lws, const struct web_answer *answer, enum web_action action)
{
    unsigned char nothing[LWS_PRE + 1] = {0};
    size_t sent = 0, len = answer->body.len_bytes;
    switch (action) {
    case WEB_RESET:
        disconnect_with_reset(lws);
        return -1;
    case WEB_CLOSE:
    case WEB_HANG: /* libwebsockets closes the connection anyway */
        return -1;
    case WEB_SEND:
    case WEB_TRUNCATE:
        break;
    }
    if (len > HTTP_OUT_PIECE_BYTES || write_refusal_head(lws, answer))
        return -1;
    if (len == 0) /* tells libwebsockets that the answer ends here */
        return lws_write(lws, nothing + LWS_PRE, 0, LWS_WRITE_HTTP_FINAL) < 0 ? -1 : 1;
    return http_out_piece(lws, &answer->body, len, &sent) ? -1 : 1;
}
