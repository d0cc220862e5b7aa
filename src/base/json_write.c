#include "base/json_write.h"

#include "base/num.h"
#include "base/utf8.h"

#include <math.h>
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

void json_put_string(struct buf *buf, const char *text)
{
    if (!text) {
        buf_puts(buf, "null");
        return;
    }
    buf_puts(buf, "\"");
    while (*text) {
        unsigned char c = (unsigned char)*text;
        size_t len = utf8_sequence(text, strlen(text));
        if (len == 0) {
            buf_puts(buf, "\xef\xbf\xbd");
            len = 1;
        } else if (c < 0x20 || c == '"' || c == '\\' || c == 0x7f) {
            put_escaped(buf, c);
        } else {
            buf_append(buf, text, len);
        }
        text += len;
    }
    buf_puts(buf, "\"");
}

void json_put_number(struct buf *buf, double value)
{
    char text[NUM_TEXT];
    buf_puts(buf, isfinite(value) ? num_text(text, value) : "null");
}
