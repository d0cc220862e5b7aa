#include "base/json_scan.h"

#include "base/num.h"

#include <endian.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

const char *json_scan_fail(struct json_scan *s)
{
    s->failed = true;
    return s->end;
}

/* --- strings ---------------------------------------------------------------------------------- */

#define EACH_BYTE(value) (UINT64_C(0x0101010101010101) * (value))

/*
 * Length of the text before the first quote, backslash or NUL, in steps of eight bytes: the last
 * few are left. A byte that was 0 has the highest bit when 1 is subtracted, and had not before;
 * above the first such byte of the eight others may look like it too.
 */
static size_t plain_run(const char *at, const char *end)
{
    const char *begin = at;
    for (; end - at >= 8; at += 8) {
        uint64_t eight;
        memcpy(&eight, at, sizeof(eight));
        eight = le64toh(eight);
        uint64_t quote = eight ^ EACH_BYTE('"'), backslash = eight ^ EACH_BYTE('\\');
        uint64_t below =
            (eight - EACH_BYTE(1)) | (quote - EACH_BYTE(1)) | (backslash - EACH_BYTE(1));
        uint64_t found = below & ~eight & EACH_BYTE(0x80);
        if (found)
            return (size_t)(at - begin) + (size_t)__builtin_ctzll(found) / 8;
    }
    return (size_t)(at - begin);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The unit of the \uXXXX at `at`; -1 if it is none. */
static int32_t utf16_unit(const char *at, const char *end)
{
    int32_t unit = 0;
    if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
        return -1;
    for (int i = 2; i < 6; i++) {
        int digit = hex_value(at[i]);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

/* Length of the escape at `at`; 0 if it is not valid or a NUL, at which a C string would end. */
static size_t escape_bytes(const char *at, const char *end)
{
    if (end - at < 2)
        return 0;
    if (at[1] != 'u')
        return at[1] && strchr("\"\\/bfnrt", at[1]) ? 2 : 0;
    int32_t unit = utf16_unit(at, end);
    if (unit <= 0 || (unit >= 0xdc00 && unit <= 0xdfff))
        return 0;
    if (unit < 0xd800 || unit > 0xdfff)
        return 6;
    int32_t second = utf16_unit(at + 6, end); /* of a surrogate pair */
    return second >= 0xdc00 && second <= 0xdfff ? 12 : 0;
}

const char *json_scan_text(struct json_scan *s, const char *at, struct json_text *out)
{
    bool escaped = false;
    *out = (struct json_text){0};
    if (json_scan_char(s, at) != '"')
        return json_scan_fail(s);
    const char *begin = ++at;
    for (;;) {
        at += plain_run(at, s->end);
        char c = json_scan_char(s, at);
        if (c == '"')
            break;
        if (c == '\0')
            return json_scan_fail(s);
        size_t step = c == '\\' ? escape_bytes(at, s->end) : 1;
        if (step == 0)
            return json_scan_fail(s);
        escaped |= c == '\\';
        at += step;
    }
    *out = (struct json_text){begin, (size_t)(at - begin), escaped};
    return at + 1;
}

const char *json_text_plain(struct json_parser *parser, const struct json_text *text)
{
    return json_string(json_parse(parser, text->text - 1, text->len_bytes + 2, NULL));
}

bool json_text_is(struct json_parser *parser, const struct json_text *text, const char *word)
{
    if (!text->text)
        return false;
    if (text->escaped) {
        const char *plain = json_text_plain(parser, text);
        return plain && strcmp(plain, word) == 0;
    }
    return text->len_bytes == strlen(word) && memcmp(text->text, word, text->len_bytes) == 0;
}

/* --- numbers ---------------------------------------------------------------------------------- */

static struct json_scan_number of_kind(enum json_number_kind kind)
{
    return (struct json_scan_number){NAN, kind};
}

static struct json_scan_number of_value(double value)
{
    if (!isfinite(value))
        return of_kind(JSON_NUMBER_INFINITE);
    return (struct json_scan_number){value + 0.0, JSON_NUMBER_FINITE}; /* -0 + 0 is 0 */
}

/* strtod() stops at the closing quote, or at the NUL of a plain text. */
static struct json_scan_number of_text(const char *text, size_t len_bytes)
{
    double value;
    char *end;
    if (num_parse(text, len_bytes, &value))
        return of_value(value);
    bool infinite = !isfinite(strtod(text, &end)) && len_bytes && end == text + len_bytes;
    return of_kind(infinite ? JSON_NUMBER_INFINITE : JSON_NUMBER_OTHER);
}

static const char *number_in_text(struct json_scan *s, const char *at, struct json_scan_number *out)
{
    struct json_text text;
    at = json_scan_text(s, at, &text);
    const char *plain = text.escaped ? json_text_plain(s->parser, &text) : text.text;
    *out = plain ? of_text(plain, text.escaped ? strlen(plain) : text.len_bytes)
                 : of_kind(JSON_NUMBER_OTHER);
    return at;
}

static const char *plain_number(struct json_scan *s, const char *at, struct json_scan_number *out)
{
    double value;
    size_t used = num_scan(at, (size_t)(s->end - at), &value);
    if (used == 0) {
        *out = of_kind(JSON_NUMBER_OTHER);
        return json_scan_fail(s);
    }
    *out = of_value(value);
    return at + used;
}

const char *json_scan_number(struct json_scan *s, const char *at, struct json_scan_number *out)
{
    char c = json_scan_char(s, at);
    if (c == '-' || (c >= '0' && c <= '9'))
        return plain_number(s, at, out);
    if (c == '"')
        return number_in_text(s, at, out);
    const char *behind = json_scan_skip(s, at);
    bool empty = c == '[' && json_scan_char(s, json_scan_space(s, at + 1)) == ']';
    *out = of_kind(c == 'n' || empty ? JSON_NUMBER_NONE : JSON_NUMBER_OTHER);
    return behind;
}

/* --- other values ----------------------------------------------------------------------------- */

static const char *literal(struct json_scan *s, const char *at, const char *word)
{
    size_t len = strlen(word);
    bool same = (size_t)(s->end - at) >= len && memcmp(at, word, len) == 0;
    return same ? at + len : json_scan_fail(s);
}

/* Recursion is limited by json_scan_open(). */
static const char *skip_object(struct json_scan *s, const char *at)
{
    struct json_text key;
    for (bool more = json_scan_open(s, &at, '}'); more; more = json_scan_more(s, &at, '}'))
        at = json_scan_skip(s, json_scan_key(s, at, &key));
    return at;
}

static const char *skip_array(struct json_scan *s, const char *at)
{
    for (bool more = json_scan_open(s, &at, ']'); more; more = json_scan_more(s, &at, ']'))
        at = json_scan_skip(s, at);
    return at;
}

const char *json_scan_skip(struct json_scan *s, const char *at)
{
    struct json_text text;
    struct json_scan_number number;
    char c = json_scan_char(s, at);
    switch (c) {
    case '{':
        return skip_object(s, at);
    case '[':
        return skip_array(s, at);
    case '"':
        return json_scan_text(s, at, &text);
    case 'n':
        return literal(s, at, "null");
    case 't':
        return literal(s, at, "true");
    case 'f':
        return literal(s, at, "false");
    default:
        return c == '-' || (c >= '0' && c <= '9') ? plain_number(s, at, &number)
                                                  : json_scan_fail(s);
    }
}

/* --- the whole text --------------------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *skip_bom(const char *at, const char *end)
{
    return end - at >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0 ? at + 3 : at;
}

/* base/json skips a byte order mark and white space, and then cJSON skips both again. */
const char *json_scan_begin(struct json_scan *s, struct json_parser *parser, const char *text,
                            size_t len_bytes)
{
    *s = (struct json_scan){.end = text + len_bytes, .parser = parser};
    const char *at = skip_bom(text, s->end);
    while (at < s->end && is_blank(*at))
        at++;
    if (s->end - at >= 5)
        at = skip_bom(at, s->end);
    return json_scan_space(s, at);
}

bool json_scan_end(struct json_scan *s, const char *at)
{
    while (at < s->end && is_blank(*at))
        at++;
    if (at < s->end)
        json_scan_fail(s);
    return !s->failed;
}
