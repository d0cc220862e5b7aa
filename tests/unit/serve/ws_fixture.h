/*
 * ws_fixture: a plain WebSocket client over a blocking socket, for server_fixture's server.
 */
#ifndef WS_FIXTURE_H
#define WS_FIXTURE_H

#include "server_fixture.h"

#define WS_TEXT  0x81 /* first bytes of frames */
#define WS_CLOSE 0x88
#define WS_PING  0x89
#define WS_PONG  0x8a

struct ws_frame {
    int first;
    bool masked;
    struct buf data;
};

__attribute__((unused)) static void make_frame(struct ws_frame *f)
{
    buf_init(&f->data, 32 * MIB);
}

__attribute__((unused)) static void upgrade(int fd, const char *path, const char *more_headers)
{
    char text[1000];
    snprintf(text, sizeof(text),
             "GET /%s HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s\r\n",
             path, more_headers);
    say(fd, text);
}

/* Connected, and the upgrade accepted. */
__attribute__((unused)) static int dial_ws(const struct running *r)
{
    struct answer a;
    int fd = dial(r);
    upgrade(fd, "", "");
    t_true(read_head(fd, &a));
    t_contains(a.head, "HTTP/1.1 101");
    t_contains(a.head, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="); /* of that key, RFC 6455 section 1.3 */
    return fd;
}

/* Masked with zeros. */
__attribute__((unused)) static void ws_send(int fd, int first, const char *data, size_t len)
{
    unsigned char head[14] = {(unsigned char)first};
    size_t head_len = 2;
    if (len < 126) {
        head[1] = (unsigned char)(0x80 | len);
    } else {
        head[1] = 0x80 | 126;
        head[2] = (unsigned char)(len >> 8);
        head[3] = (unsigned char)len;
        head_len = 4;
    }
    say_bytes(fd, (const char *)head, head_len + 4);
    say_bytes(fd, data, len);
}

__attribute__((unused)) static void ws_say(int fd, const char *text)
{
    ws_send(fd, WS_TEXT, text, strlen(text));
}

__attribute__((unused)) static bool read_bytes(int fd, void *out, size_t len)
{
    return len == 0 || recv(fd, out, len, MSG_WAITALL) == (ssize_t)len;
}

/* False: the connection ended, or nothing was received in time. */
__attribute__((unused)) static bool ws_read(int fd, struct ws_frame *f)
{
    unsigned char head[2], more[8], piece[16384];
    buf_clear(&f->data);
    if (!read_bytes(fd, head, 2))
        return false;
    f->first = head[0];
    f->masked = head[1] & 0x80;
    uint64_t len = head[1] & 0x7f;
    size_t bytes = len == 126 ? 2 : len == 127 ? 8 : 0;
    if (!read_bytes(fd, more, bytes))
        return false;
    if (bytes)
        len = 0;
    for (size_t i = 0; i < bytes; i++)
        len = len << 8 | more[i];
    if (f->masked && !read_bytes(fd, more, 4))
        return false;
    while (len > 0) {
        size_t some = len < sizeof(piece) ? (size_t)len : sizeof(piece);
        if (!read_bytes(fd, piece, some))
            return false;
        buf_append(&f->data, piece, some);
        len -= some;
    }
    return true;
}

__attribute__((unused)) static void check_text(int fd, const char *text)
{
    struct ws_frame f;
    make_frame(&f);
    t_true(ws_read(fd, &f));
    t_int(f.first, WS_TEXT);
    t_str(buf_text(&f.data), text);
    buf_finish(&f.data);
}

/* The code of the close frame that comes next. */
__attribute__((unused)) static int close_code(int fd)
{
    struct ws_frame f;
    make_frame(&f);
    while (ws_read(fd, &f) && f.first != WS_CLOSE)
        ;
    int code = f.data.len_bytes >= 2
                   ? (unsigned char)f.data.data[0] << 8 | (unsigned char)f.data.data[1]
                   : 0;
    buf_finish(&f.data);
    return code;
}

#endif
