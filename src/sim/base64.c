#include "sim/base64.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define RANDOM_BYTES_MAX 64

void base64_text(char *out, enum base64_form form, const void *data, size_t len)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const char *last = form == BASE64_URL ? "-_" : "+/";
    const unsigned char *bytes = data;
    for (size_t i = 0; i < len; i += 3) {
        size_t some = len - i < 3 ? len - i : 3;
        unsigned long n = (unsigned long)bytes[i] << 16;
        n |= some > 1 ? (unsigned long)bytes[i + 1] << 8 : 0;
        n |= some > 2 ? bytes[i + 2] : 0;
        for (size_t c = 0; c < 4; c++) {
            unsigned long digit = n >> (18 - 6 * c) & 63;
            if (c <= some)
                *out++ = digit < 62 ? letters[digit] : last[digit - 62];
            else if (form == BASE64_PADDED)
                *out++ = '=';
        }
    }
    *out = '\0';
}

void base64_random(char *out, enum base64_form form, size_t bytes)
{
    unsigned char data[RANDOM_BYTES_MAX];
    if (bytes > sizeof(data) || getrandom(data, bytes, 0) != (ssize_t)bytes)
        abort();
    base64_text(out, form, data, bytes);
}
