#include "base/percent.h"

#include <stdbool.h>

/* RFC 3986, 2.3. */
static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

static void put_encoded(struct buf *out, char c)
{
    static const char digits[] = "0123456789ABCDEF";
    unsigned byte = (unsigned char)c;
    buf_append(out, (const char[]){'%', digits[byte >> 4], digits[byte & 15]}, 3);
}

void percent_encode(struct buf *out, const char *text)
{
    while (*text) {
        const char *end = text;
        while (is_unreserved(*end))
            end++;
        buf_append(out, text, (size_t)(end - text));
        text = end;
        if (*text)
            put_encoded(out, *text++);
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
