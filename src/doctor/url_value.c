#include "doctor/url_value.h"

#include "base/percent.h"
#include "doctor/url_text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TOKEN_LENGTH   44
#define SESSION_LENGTH 64
#define HEX_LENGTH_MIN 16 /* a shorter one may be a word */
#define UPPER          "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER          "abcdefghijklmnopqrstuvwxyz"
#define DIGITS         "0123456789"

static bool only(const char *text, const char *alphabet)
{
    return text[strspn(text, alphabet)] == '\0';
}

/* Letters, digits, + and /, at most two = at the end. */
static bool is_base64(const char *text)
{
    size_t body = strspn(text, UPPER LOWER DIGITS "+/"), padding = strspn(text + body, "=");
    return body > 0 && padding <= 2 && !text[body + padding];
}

static bool is_uuid(const char *text)
{
    static const char form[] = "########-####-####-####-############";
    if (strlen(text) != sizeof(form) - 1)
        return false;
    for (size_t i = 0; form[i]; i++) {
        if (form[i] == '#' ? !strchr(DIGITS "abcdefABCDEF", text[i]) : text[i] != form[i])
            return false;
    }
    return true;
}

/* A Phoenix signed value: three parts with dots, the first one names the algorithm. */
static bool is_cookie(const char *text)
{
    if (strncasecmp(text, "_mtz_web_key", 12) == 0 || strstr(text, "; "))
        return true;
    const char *dot = strchr(text, '.'), *second = dot ? strchr(dot + 1, '.') : NULL;
    return second && dot - text >= 4 && second - dot > 16 && strlen(second) > 16 &&
           only(text, UPPER LOWER DIGITS "-_.=");
}

static bool is_placeholder(const char *text)
{
    static const char *const words[] = {"undefined", "null",       "none",      "nan",
                                        "nil",       "true",       "false",     "test",
                                        "token",     "session_id", "sessionid", "conn_id"};
    static const char *const parts[] = {"your", "object object", "...", "xxx", "tu_", "mi_"};
    size_t len = strlen(text);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcasecmp(text, words[i]) == 0)
            return true;
    }
    for (size_t i = 0; len < 40 && i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (strcasestr(text, parts[i]))
            return true;
    }
    return strchr("<{$[", text[0]) != NULL;
}

static enum url_shape shape_of(const char *text, size_t len)
{
    if (len == 0)
        return URL_VALUE_EMPTY;
    if (is_placeholder(text))
        return URL_VALUE_PLACEHOLDER;
    if (is_uuid(text))
        return URL_VALUE_UUID;
    if (only(text, DIGITS))
        return len == 10 || len == 13 ? URL_VALUE_TIME : URL_VALUE_NUMBER;
    if (len == TOKEN_LENGTH && is_base64(text) && text[len - 1] == '=')
        return URL_VALUE_TOKEN;
    if (len >= HEX_LENGTH_MIN && (only(text, DIGITS "abcdef") || only(text, DIGITS "ABCDEF")))
        return URL_VALUE_HEX;
    if (len == SESSION_LENGTH && is_base64(text))
        return URL_VALUE_SESSION;
    if (is_cookie(text))
        return URL_VALUE_COOKIE;
    if (is_base64(text) && len >= 20)
        return URL_VALUE_BASE64;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < ' ' || text[i] > '~')
            return URL_VALUE_OTHER;
    }
    return URL_VALUE_WORDS;
}

static bool has_sequence(const char *text)
{
    for (; (text = strchr(text, '%')); text++) {
        if (text[1] && strchr(DIGITS "abcdefABCDEF", text[1]) && text[2] &&
            strchr(DIGITS "abcdefABCDEF", text[2]))
            return true;
    }
    return false;
}

/* Whether each '%' of the raw text begins a sequence. */
static bool is_invalid(struct url_part part)
{
    for (size_t i = 0; i < part.len_bytes; i++) {
        char three[4] = {0};
        memcpy(three, part.text + i, part.len_bytes - i < 3 ? part.len_bytes - i : 3);
        if (three[0] == '%' && !has_sequence(three))
            return true;
    }
    return false;
}

static size_t decode(char *out, const char *text, size_t len)
{
    size_t decoded = percent_decode(out, text, len);
    out[decoded] = '\0';
    return decoded;
}

struct url_value url_value_of(struct url_part part)
{
    char text[URL_BYTES_MAX + 1];
    struct url_value value = {
        .plus = memchr(part.text, '+', part.len_bytes) || memchr(part.text, ' ', part.len_bytes),
        .reserved =
            memchr(part.text, '/', part.len_bytes) || memchr(part.text, '=', part.len_bytes),
        .invalid = is_invalid(part),
    };
    size_t len = part.len_bytes < URL_BYTES_MAX ? part.len_bytes : URL_BYTES_MAX;
    len = decode(text, part.text, len);
    value.twice = strlen(text) == len && has_sequence(text);
    if (value.twice)
        len = decode(text, text, len);
    for (char *blank = text; !strchr(text, ';') && (blank = strchr(blank, ' '));)
        *blank = '+'; /* the value is that of a '+' which was decoded */
    value.length = len;
    value.shape = strlen(text) == len ? shape_of(text, len) : URL_VALUE_OTHER;
    return value;
}

char *url_value_text(char *out, const struct url_value *value)
{
    static const char *const alphabets[] = {
        [URL_VALUE_EMPTY] = "",
        [URL_VALUE_PLACEHOLDER] = ", a placeholder",
        [URL_VALUE_TOKEN] = " of base64",
        [URL_VALUE_SESSION] = " of base64",
        [URL_VALUE_COOKIE] = ", a cookie",
        [URL_VALUE_TIME] = ", the digits of a time",
        [URL_VALUE_UUID] = ", a UUID",
        [URL_VALUE_NUMBER] = ", all digits",
        [URL_VALUE_HEX] = " of hexadecimal",
        [URL_VALUE_BASE64] = " of base64",
        [URL_VALUE_WORDS] = "",
        [URL_VALUE_OTHER] = ", not all printable ASCII",
    };
    if (value->shape == URL_VALUE_EMPTY)
        return strcpy(out, "empty");
    snprintf(out, URL_VALUE_TEXT, "%zu character%s%s", value->length, value->length == 1 ? "" : "s",
             alphabets[value->shape]);
    return out;
}
