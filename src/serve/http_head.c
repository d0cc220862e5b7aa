#include "serve/http_head.h"

#include <string.h>
#include <strings.h>

#define METHOD_BYTES 16

/* --- scanning --------------------------------------------------------------------------------- */

/* The beginning of "GET /", as far as it has arrived. */
static bool begins_as_request(const char *data, size_t len)
{
    size_t n = 0;
    while (n < len && data[n] >= 'A' && data[n] <= 'Z')
        n++;
    return n <= METHOD_BYTES && (n == len || (n > 0 && data[n] == ' '));
}

static bool valid_byte(char c)
{
    return (unsigned char)c >= ' ' ? c != 127 : c == '\t' || c == '\r' || c == '\n';
}

/* Of the line that begins at `at`, without LF; *ended: the LF has arrived. */
static size_t line_bytes(const char *data, size_t len, size_t at, bool *ended)
{
    const char *end = memchr(data + at, '\n', len - at);
    *ended = end != NULL;
    return end ? (size_t)(end - data) - at : len - at;
}

static bool is_empty(const char *line, size_t len)
{
    return len == 0 || (len == 1 && *line == '\r');
}

static bool valid_line(const char *line, size_t len, bool first)
{
    for (size_t i = 0; i < len; i++) {
        if (!valid_byte(line[i]))
            return false;
    }
    return !first || begins_as_request(line, len);
}

struct http_head http_head_scan(const char *data, size_t len)
{
    size_t most = len < HTTP_HEAD_BYTES ? len : HTTP_HEAD_BYTES;
    size_t at = 0;
    bool ended = true;
    for (int lines = 0; at < most && lines <= HTTP_HEAD_HEADERS + 1; lines++) {
        size_t bytes = line_bytes(data, most, at, &ended);
        size_t next = at + bytes + ended;
        if (!valid_line(data + at, bytes, lines == 0))
            return (struct http_head){HTTP_HEAD_INVALID, 0};
        if (lines == 0 && bytes > HTTP_HEAD_TARGET)
            return (struct http_head){HTTP_HEAD_TOO_LONG, 0};
        if (ended && lines > 0 && is_empty(data + at, bytes))
            return (struct http_head){HTTP_HEAD_COMPLETE, next};
        at = next;
    }
    bool full = most == HTTP_HEAD_BYTES || at < most;
    return (struct http_head){full ? HTTP_HEAD_TOO_LONG : HTTP_HEAD_INCOMPLETE, 0};
}

static bool begins_with(const char *line, size_t len, const char *name)
{
    return len >= strlen(name) && strncasecmp(line, name, strlen(name)) == 0;
}

static bool has_header(const char *data, size_t len, const char *name)
{
    bool ended = true;
    for (size_t at = 0; at < len && ended;) {
        size_t bytes = line_bytes(data, len, at, &ended);
        if (begins_with(data + at, bytes, name))
            return true;
        at += bytes + 1;
    }
    return false;
}

/* --- rewriting -------------------------------------------------------------------------------- */

/* Bytes of "http://host" at the beginning of a target; 0: it is not absolute. */
static size_t authority_bytes(const char *target, size_t len)
{
    static const char *const schemes[] = {"http://", "https://", "ws://", "wss://"};
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        size_t n = strlen(schemes[i]);
        if (len <= n || strncasecmp(target, schemes[i], n) != 0)
            continue;
        while (n < len && target[n] != '/' && target[n] != '?' && target[n] != ' ')
            n++;
        return n;
    }
    return 0;
}

/* The request line without authority and with the version 1.0. */
static void put_line(struct buf *out, const char *line, size_t len, size_t target, size_t authority)
{
    static const char version[] = " HTTP/1.1";
    const char *path = line + target + authority;
    size_t path_bytes = len - target - authority, version_bytes = sizeof(version) - 1;
    buf_append(out, line, target);
    if (path_bytes == 0 || *path != '/')
        buf_puts(out, "/");
    if (path_bytes >= version_bytes &&
        strncmp(path + path_bytes - version_bytes, version, version_bytes) == 0) {
        buf_append(out, path, path_bytes - 1);
        buf_puts(out, "0");
    } else {
        buf_append(out, path, path_bytes);
    }
}

/* False: the target is not absolute, and `out` is the head as it is. */
static bool put_relative(struct buf *out, const char *data, size_t len)
{
    bool ended;
    size_t line = line_bytes(data, len, 0, &ended), method = 0;
    if (line > 0 && data[line - 1] == '\r')
        line--;
    while (method < line && data[method] != ' ')
        method++;
    size_t target = method < line ? method + 1 : line;
    size_t authority = authority_bytes(data + target, line - target);
    if (authority)
        put_line(out, data, line, target, authority);
    buf_append(out, data + (authority ? line : 0), authority ? len - line : len);
    return authority > 0;
}

/* In the query of the first line; true: there is one. */
static bool mark_pluses(char *data, size_t len)
{
    bool ended, marked = false;
    size_t line = line_bytes(data, len, 0, &ended);
    char *at = memchr(data, '?', line), *end = data + line;
    for (; at && at + 2 < end; at++) {
        if (at[0] != '%' || at[1] != '2' || (at[2] | 0x20) != 'b')
            continue;
        at[1] = '0';
        at[2] = '0' + HTTP_HEAD_PLUS;
        marked = true;
    }
    return marked;
}

bool http_head_rewrite(struct buf *out, const char *data, size_t len)
{
    bool changed = put_relative(out, data, len);
    if (!buf_failed(out) && has_header(data, len, "upgrade:"))
        changed = mark_pluses(out->data, out->len_bytes) || changed;
    return changed;
}

/* A length of zero is none. */
static bool announces_body(const char *line, size_t len)
{
    static const char length[] = "content-length:";
    if (begins_with(line, len, "transfer-encoding:"))
        return true;
    if (!begins_with(line, len, length))
        return false;
    size_t value = sizeof(length) - 1;
    while (value < len && strchr(" \t0\r", line[value]))
        value++;
    return value < len;
}

bool http_head_has_body(const char *data, size_t len)
{
    bool ended = true;
    for (size_t at = 0; at < len && ended;) {
        size_t bytes = line_bytes(data, len, at, &ended);
        if (announces_body(data + at, bytes))
            return true;
        at += bytes + 1;
    }
    return false;
}
