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

static bool plain(unsigned char c, size_t sequence)
{
    return sequence > 0 && c >= 0x20 && c != '"' && c != '\\' && c != 0x7f;
}

/* Bytes that may stand as they are; symbols and prices go out in one append. */
static size_t plain_run(const char *text)
{
    size_t run = 0;
    while (text[run]) {
        size_t len = utf8_sequence(text + run, strnlen(text + run, 4));
        if (!plain((unsigned char)text[run], len))
            break;
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
        if ((unsigned char)*text < 0x80)
            put_escaped(buf, (unsigned char)*text);
        else
            buf_puts(buf, "\xef\xbf\xbd");
        text++;
    }
    buf_puts(buf, "\"");
}

void json_put_number(struct buf *buf, double value)
{
    char text[NUM_TEXT];
    buf_puts(buf, isfinite(value) ? num_text(text, value) : "null");
}
