#include "matriz/batch.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t skip_blanks(const char *text, size_t len_bytes, size_t at)
{
    while (at < len_bytes && is_blank(text[at]))
        at++;
    return at;
}

size_t matriz_batch_begin(const char *text, size_t len_bytes)
{
    size_t at = skip_blanks(text, len_bytes, 0);
    return at < len_bytes && text[at] == '[' ? at + 1 : 0;
}

static enum matriz_batch_value broken(const struct matriz_batch *b, const char *what,
                                      struct err *why)
{
    err_set(why, -EBADMSG, "%s at byte %zu of %zu", what, b->at, b->len_bytes);
    return MATRIZ_BATCH_BROKEN;
}

/* --- strings ---------------------------------------------------------------------------------- */

/* Bytes of a string that need attention: its end, escapes, control characters. */
static bool is_special(unsigned char c)
{
    return c < 0x20 || c == '"' || c == '\\';
}

/* Whether one of the eight bytes at `text` is special: a byte-wise comparison in one word. */
static bool any_special(const char *text)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones << 7;
    uint64_t eight;
    memcpy(&eight, text, sizeof(eight));
    uint64_t quote = eight ^ (ones * '"'), backslash = eight ^ (ones * '\\');
    uint64_t found = ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) |
                     ((eight - ones * 0x20) & ~eight);
    return (found & highs) != 0;
}

/* From `at`, which is after the opening quote, to the closing one; false: there is none. */
static bool find_end(const struct matriz_batch *b, size_t *end, bool *escapes, bool *controls)
{
    size_t at = b->at;
    *escapes = *controls = false;
    while (at < b->len_bytes) {
        while (b->len_bytes - at >= 8 && !any_special(b->text + at))
            at += 8;
        while (at < b->len_bytes && !is_special((unsigned char)b->text[at]))
            at++;
        if (at == b->len_bytes)
            break;
        char c = b->text[at];
        if (c == '"') {
            *end = at;
            return true;
        }
        *escapes |= c == '\\';
        *controls |= c != '\\';
        at += c == '\\' ? 2 : 1;
    }
    return false;
}

static enum matriz_batch_value take_string(struct matriz_batch *b, const char **line,
                                           size_t *line_bytes, struct err *why)
{
    bool escapes, controls;
    size_t end;
    b->at++;
    if (!find_end(b, &end, &escapes, &controls))
        return broken(b, "the list is truncated in the line", why);
    *line = b->text + b->at;
    *line_bytes = end - b->at;
    b->at = end + 1;
    if (controls)
        return MATRIZ_BATCH_INVALID;
    return escapes ? MATRIZ_BATCH_ESCAPED : MATRIZ_BATCH_TEXT;
}

/* --- other values ----------------------------------------------------------------------------- */

static bool ends_scalar(char c)
{
    return is_blank(c) || c == ',' || c == ']' || c == '}' || c == '[' || c == '{' || c == '"';
}

/* A number or a word. */
static bool skip_scalar(struct matriz_batch *b)
{
    size_t begin = b->at;
    while (b->at < b->len_bytes && !ends_scalar(b->text[b->at]))
        b->at++;
    return b->at > begin && b->at < b->len_bytes;
}

/* An object or a list, of any depth. */
static bool skip_nested(struct matriz_batch *b)
{
    size_t depth = 0, end;
    bool ignored;
    for (; b->at < b->len_bytes; b->at++) {
        char c = b->text[b->at];
        if (c == '"') {
            b->at++;
            if (!find_end(b, &end, &ignored, &ignored))
                return false;
            b->at = end;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            b->at++;
            return true;
        }
    }
    return false;
}

static enum matriz_batch_value take_other(struct matriz_batch *b, const char **line,
                                          size_t *line_bytes, struct err *why)
{
    size_t begin = b->at;
    bool nested = b->text[begin] == '{' || b->text[begin] == '[';
    if (nested ? !skip_nested(b) : !skip_scalar(b))
        return broken(b, "the list is truncated, or has no value,", why);
    *line = b->text + begin;
    *line_bytes = b->at - begin;
    return MATRIZ_BATCH_OTHER;
}

/* --- the list --------------------------------------------------------------------------------- */

static enum matriz_batch_value at_end(struct matriz_batch *b, struct err *why)
{
    b->at = skip_blanks(b->text, b->len_bytes, b->at + 1);
    return b->at == b->len_bytes ? MATRIZ_BATCH_END : broken(b, "text after the list", why);
}

/* A value is behind the '[' or a comma; a value never ends in '['. */
enum matriz_batch_value matriz_batch_next(struct matriz_batch *b, const char **line,
                                          size_t *line_bytes, struct err *why)
{
    bool first = b->text[b->at - 1] == '[';
    b->at = skip_blanks(b->text, b->len_bytes, b->at);
    if (b->at == b->len_bytes)
        return broken(b, "the list is truncated", why);
    if (b->text[b->at] == ']')
        return at_end(b, why);
    if (!first) {
        if (b->text[b->at] != ',')
            return broken(b, "no comma between two lines", why);
        b->at = skip_blanks(b->text, b->len_bytes, b->at + 1);
        if (b->at == b->len_bytes)
            return broken(b, "the list is truncated", why);
    }
    return b->text[b->at] == '"' ? take_string(b, line, line_bytes, why)
                                 : take_other(b, line, line_bytes, why);
}

/* --- escapes ---------------------------------------------------------------------------------- */

struct source {
    const char *text;
    size_t len_bytes, at;
};

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The four digits of \uXXXX; -1: they are not there. */
static long take_unit(struct source *s)
{
    long unit = 0;
    if (s->len_bytes - s->at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(s->text[s->at++]);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

/* A code point of one or two units; -1 as above, also for half of a pair. */
static long take_code_point(struct source *s)
{
    long unit = take_unit(s);
    if (unit < 0xd800 || unit > 0xdfff)
        return unit;
    if (unit > 0xdbff || s->len_bytes - s->at < 6 || memcmp(s->text + s->at, "\\u", 2) != 0)
        return -1;
    s->at += 2;
    long low = take_unit(s);
    return low < 0xdc00 || low > 0xdfff ? -1 : 0x10000 + (unit - 0xd800) * 0x400 + low - 0xdc00;
}

static size_t put_utf8(char out[4], long code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t len = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = len; i-- > 1; code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(lead[len] | code);
    return len;
}

/* What follows a backslash, as UTF-8; 0: it is not JSON, or a NUL. */
static size_t take_escape(struct source *s, char out[4])
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    if (s->at == s->len_bytes)
        return 0;
    char c = s->text[s->at++];
    if (c == 'u') {
        long code = take_code_point(s);
        return code > 0 ? put_utf8(out, code) : 0;
    }
    const char *name = c ? strchr(names, c) : NULL;
    if (!name)
        return 0;
    out[0] = values[name - names];
    return 1;
}

long matriz_batch_unescape(char *out, size_t out_bytes, const char *line, size_t line_bytes)
{
    struct source s = {line, line_bytes, 0};
    size_t n = 0;
    while (s.at < s.len_bytes) {
        char one[4] = {s.text[s.at++]};
        size_t len = one[0] == '\\' ? take_escape(&s, one) : 1;
        if (len == 0)
            return -EBADMSG;
        if (len > out_bytes - n)
            return -EMSGSIZE;
        memcpy(out + n, one, len);
        n += len;
    }
    return (long)n;
}
