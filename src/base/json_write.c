#include "base/json_write.h"

#include "base/num.h"
#include "base/utf8.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static void put_escaped(struct buf *buf, unsigned char c)
{
    switch (c) {
    case '"':
        buf_puts(buf, "\\\"");
        return;
    case '\\':
        buf_puts(buf, "\\\\");
        return;
    case '\n':
        buf_puts(buf, "\\n");
        return;
    case '\t':
        buf_puts(buf, "\\t");
        return;
    default:
        buf_printf(buf, "\\u%04x", c);
    }
}

/* Most characters: what plain() says, without a look at the bytes that follow. */
static bool plain_ascii(unsigned char c)
{
    return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

static bool plain(const char *text, size_t len)
{
    return len > 0 && *text != '"' && *text != '\\' && !utf8_acts(text, len);
}

/* As \uXXXX, so that a terminal does not interpret it. All characters of utf8_acts() beyond ASCII
 * have two or three bytes. */
static void put_code_point(struct buf *buf, const char *text, size_t len)
{
    unsigned lead = (unsigned char)text[0], code = len == 2 ? lead & 0x1f : lead & 0x0f;
    for (size_t i = 1; i < len; i++)
        code = code << 6 | ((unsigned char)text[i] & 0x3f);
    buf_printf(buf, "\\u%04x", code);
}

/* Writes one character that needs an escape. Returns the bytes taken from `text`. */
static size_t put_one(struct buf *buf, const char *text)
{
    size_t len = utf8_sequence(text, strnlen(text, 4));
    if (len == 1)
        put_escaped(buf, (unsigned char)*text);
    else if (len)
        put_code_point(buf, text, len);
    else
        buf_puts(buf, "\xef\xbf\xbd");
    return len ? len : 1;
}

/* Bytes that need no escape; most texts are one such run and take one append. */
static size_t plain_run(const char *text)
{
    size_t run = 0;
    while (text[run]) {
        size_t len = 1;
        if (!plain_ascii((unsigned char)text[run])) {
            len = utf8_sequence(text + run, strnlen(text + run, 4));
            if (!plain(text + run, len))
                break;
        }
        run += len;
    }
    return run;
}

void json_put_string(struct buf *buf, const char *text)
{
    if (!text) {
        buf_puts(buf, "null");
        return;
    }
    buf_puts(buf, "\"");
    for (;;) {
        size_t run = plain_run(text);
        buf_append(buf, text, run);
        text += run;
        if (!*text)
            break;
        text += put_one(buf, text);
    }
    buf_puts(buf, "\"");
}

void json_put_number(struct buf *buf, double value)
{
    char text[NUM_TEXT];
    if (isfinite(value))
        buf_append(buf, text, (size_t)(num_put(text, value) - text));
    else
        buf_append(buf, "null", 4);
}
