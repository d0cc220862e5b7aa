#include "base/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_init(struct buf *buf, size_t max_bytes)
{
    *buf = (struct buf){.max_bytes = max_bytes};
}

void buf_finish(struct buf *buf)
{
    free(buf->data);
    buf_init(buf, buf->max_bytes);
}

void buf_clear(struct buf *buf)
{
    buf_truncate(buf, 0);
}

void buf_truncate(struct buf *buf, size_t len_bytes)
{
    buf->len_bytes = len_bytes;
    buf->failed = false;
    if (buf->data)
        buf->data[len_bytes] = '\0';
}

static int fail(struct buf *buf, int code)
{
    buf->failed = true;
    return code;
}

/* Makes room for `more` bytes and the NUL. */
static int reserve(struct buf *buf, size_t more)
{
    if (buf->failed || more > buf->max_bytes - buf->len_bytes)
        return fail(buf, -EMSGSIZE);
    size_t need = buf->len_bytes + more + 1;
    if (need <= buf->cap_bytes)
        return 0;
    size_t cap = buf->cap_bytes ? buf->cap_bytes : 256;
    while (cap < need)
        cap *= 2;
    char *data = realloc(buf->data, cap);
    if (!data)
        return fail(buf, -ENOMEM);
    buf->data = data;
    buf->cap_bytes = cap;
    return 0;
}

int buf_append(struct buf *buf, const void *data, size_t len_bytes)
{
    int rc = reserve(buf, len_bytes);
    if (rc)
        return rc;
    if (len_bytes)
        memcpy(buf->data + buf->len_bytes, data, len_bytes);
    buf->len_bytes += len_bytes;
    buf->data[buf->len_bytes] = '\0';
    return 0;
}

int buf_puts(struct buf *buf, const char *text)
{
    return buf_append(buf, text, strlen(text));
}

/* Behind the content, which stays as long as it is, as far as there is room; vsnprintf()'s value.
 */
__attribute__((format(printf, 2, 0))) static int print(struct buf *buf, const char *fmt, va_list ap)
{
    size_t room = buf->cap_bytes - buf->len_bytes;
    return vsnprintf(room ? buf->data + buf->len_bytes : NULL, room, fmt, ap);
}

int buf_printf(struct buf *buf, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int len = print(buf, fmt, ap); /* mostly it fits */
    va_end(ap);
    if (len < 0)
        return fail(buf, -EINVAL);
    bool fits = buf->len_bytes + (size_t)len < buf->cap_bytes;
    int rc = reserve(buf, (size_t)len);
    if (rc == 0 && !fits) {
        va_start(ap, fmt);
        print(buf, fmt, ap);
        va_end(ap);
    }
    if (rc == 0)
        buf->len_bytes += (size_t)len;
    else if (buf->data)
        buf->data[buf->len_bytes] = '\0'; /* as before */
    return rc;
}

bool buf_failed(const struct buf *buf)
{
    return buf->failed;
}

const char *buf_text(const struct buf *buf)
{
    return buf->data ? buf->data : "";
}
