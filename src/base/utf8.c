#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

static size_t expected_length(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead < 0xe0)
        return 2;
    if (lead >= 0xe0 && lead < 0xf0)
        return 3;
    return lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
}

size_t utf8_sequence(const char *text, size_t len_bytes)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t want = len_bytes ? expected_length(s[0]) : 0;
    if (want == 0 || want > len_bytes)
        return 0;
    for (size_t i = 1; i < want; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    }
    /* overlong forms, surrogates, beyond U+10FFFF */
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return want;
}

bool utf8_acts(const char *text, size_t len_bytes)
{
    const unsigned char *s = (const unsigned char *)text;
    switch (len_bytes) {
    case 1:
        return s[0] < 0x20 || s[0] == 0x7f;
    case 2: /* U+0080 to U+009F: some terminals treat U+009B as ESC [; U+061C */
        return (s[0] == 0xc2 && s[1] < 0xa0) || (s[0] == 0xd8 && s[1] == 0x9c);
    case 3: /* U+200E and U+200F; U+2028 to U+202E; U+2066 to U+2069 */
        if (s[0] != 0xe2)
            return false;
        return (s[1] == 0x80 && (s[2] == 0x8e || s[2] == 0x8f || (s[2] >= 0xa8 && s[2] <= 0xae))) ||
               (s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9);
    default:
        return false;
    }
}

/* Cleans one character: `*put` bytes are written to `out`. Returns the bytes taken from `text`. */
static size_t clean_one(char out[4], size_t *put, const char *text, size_t len_bytes)
{
    size_t len = utf8_sequence(text, len_bytes);
    *put = 1;
    if (len == 0) {
        out[0] = '?';
        return 1;
    }
    if (utf8_acts(text, len)) {
        out[0] = ' ';
        return len;
    }
    memcpy(out, text, len);
    *put = len;
    return len;
}

#define NOT_ASCII UINT64_C(0x8080808080808080)

static inline bool eight_ascii(const char *text)
{
    uint64_t eight;
    memcpy(&eight, text, sizeof(eight));
    return !(eight & NOT_ASCII);
}

/* Length of the leading ASCII: in steps of 32 bytes, then of eight; the last ones overlap. */
static size_t ascii_run(const char *text, size_t len)
{
    uint64_t eights[4];
    size_t i = 0;
    for (; len - i >= sizeof(eights); i += sizeof(eights)) {
        memcpy(eights, text + i, sizeof(eights));
        if ((eights[0] | eights[1] | eights[2] | eights[3]) & NOT_ASCII)
            break;
    }
    while (len - i >= 8 && eight_ascii(text + i))
        i += 8;
    return len >= 8 && len - i < 8 && eight_ascii(text + len - 8) ? len : i;
}

bool utf8_valid(const char *text, size_t len_bytes)
{
    size_t i = 0;
    while (i < len_bytes) {
        i += ascii_run(text + i, len_bytes - i);
        if (i == len_bytes)
            break;
        size_t bytes = utf8_sequence(text + i, len_bytes - i);
        if (bytes == 0)
            return false;
        i += bytes;
    }
    return true;
}

void utf8_clean(char *out, size_t out_bytes, const char *text, size_t len_bytes)
{
    static const char more[] = "...";
    size_t used = 0, cut = 0, i = 0; /* cut: the last character boundary with room for `more` */

    if (out_bytes == 0)
        return;
    while (i < len_bytes) {
        char one[4];
        size_t put;
        size_t taken = clean_one(one, &put, text + i, len_bytes - i);
        if (used + sizeof(more) <= out_bytes)
            cut = used;
        if (used + put + 1 > out_bytes)
            break;
        memcpy(out + used, one, put);
        used += put;
        i += taken;
    }
    out[used] = '\0';
    if (i < len_bytes && cut + sizeof(more) <= out_bytes)
        memcpy(out + cut, more, sizeof(more));
}
