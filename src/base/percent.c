#include "base/percent.h"

#include <stdbool.h>
#include <string.h>

static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                 "0123456789-._~";

void percent_encode(struct buf *out, const char *text)
{
    for (;;) {
        size_t run = strspn(text, unreserved);
        buf_append(out, text, run);
        text += run;
        if (!*text)
            return;
        buf_printf(out, "%%%02X", (unsigned)(unsigned char)*text++);
    }
}

/* -1: not a hexadecimal digit. */
static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

size_t percent_decode(char *out, const char *text, size_t len_bytes)
{
    size_t n = 0;
    for (size_t i = 0; i < len_bytes; i++) {
        bool whole = text[i] == '%' && len_bytes - i > 2;
        int high = whole ? hex(text[i + 1]) : -1, low = whole ? hex(text[i + 2]) : -1;
        if (high >= 0 && low >= 0) {
            out[n++] = (char)(high * 16 + low);
            i += 2;
        } else {
            out[n++] = text[i];
        }
    }
    return n;
}
