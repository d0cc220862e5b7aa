#include "base/mask.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MASK         "***"
#define MASK_LEN     3
#define PART_MIN     8 /* bytes of a truncated secret that are enough to mask it */
#define BACKSLASHES  8 /* at most, in front of a character that was escaped several times */
#define ENTITY_BYTES 10

/* --- one character of the secret, escaped or not ---------------------------------------------- */

static bool hex_is(const char *digits, size_t count, unsigned char c)
{
    char copy[9], *end;
    snprintf(copy, sizeof(copy), "%.*s", (int)count, digits);
    return strlen(copy) == count && strtoul(copy, &end, 16) == c && !*end;
}

/* "%2B", and "%252B" in a URL that is part of another URL. */
static size_t match_percent(const char *text, unsigned char c)
{
    size_t at = 1;
    while (strncmp(text + at, "25", 2) == 0 && !hex_is(text + at, 2, c))
        at += 2;
    return hex_is(text + at, 2, c) ? at + 2 : 0;
}

static size_t match_entity(const char *text, unsigned char c)
{
    static const struct {
        const char *name;
        unsigned char c;
    } named[] = {{"&amp;", '&'}, {"&quot;", '"'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&apos;", '\''}};
    char decimal[ENTITY_BYTES], hexadecimal[ENTITY_BYTES];
    for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
        if (named[i].c == c && strncasecmp(text, named[i].name, strlen(named[i].name)) == 0)
            return strlen(named[i].name);
    }
    snprintf(decimal, sizeof(decimal), "&#%d;", c);
    snprintf(hexadecimal, sizeof(hexadecimal), "&#x%x;", c);
    if (strncmp(text, decimal, strlen(decimal)) == 0)
        return strlen(decimal);
    return strncasecmp(text, hexadecimal, strlen(hexadecimal)) == 0 ? strlen(hexadecimal) : 0;
}

static size_t match_backslash(const char *text, unsigned char c)
{
    size_t at = strspn(text, "\\");
    if (at > BACKSLASHES)
        return 0;
    if (text[at] == 'u' && hex_is(text + at + 1, 4, c))
        return at + 5;
    if (c == '\\') /* the last one may begin the next character, as in "\\\u0026" */
        return at > 1 && text[at] == 'u' ? at - 1 : at;
    return (unsigned char)text[at] == c ? at + 1 : 0;
}

/* Bytes of `text` that stand for `c`; 0 = none. */
static size_t match_char(const char *text, unsigned char c)
{
    switch (*text) {
    case '\0':
        return 0;
    case '\\':
        return match_backslash(text, c);
    case '%': {
        size_t len = match_percent(text, c);
        return len ? len : c == '%';
    }
    case '&': {
        size_t len = match_entity(text, c);
        return len ? len : c == '&';
    }
    case '+':
        return c == '+' || c == ' ';
    case '?': /* utf8_clean replaces a byte that is not UTF-8 by it */
        return c == '?' || c >= 0x80;
    default:
        return (unsigned char)*text == c;
    }
}

/* --- the whole secret ------------------------------------------------------------------------- */

static size_t backslashes(const char *text, size_t max)
{
    size_t count = strspn(text, "\\");
    return count < max ? count : max;
}

/* Bytes of `text` that stand for `secret`, or for a prefix of at least PART_MIN bytes; 0 = none. */
static size_t match_secret(const char *text, const char *secret)
{
    size_t at = 0, matched = 0;
    while (secret[matched]) {
        size_t len = match_char(text + at, (unsigned char)secret[matched]);
        if (len == 0)
            break;
        matched++;
        if (text[at] == '\\' && text[at + len - 1] == '\\') /* so many stand for several, too */
            matched += backslashes(secret + matched, len - 1);
        at += len;
    }
    return !secret[matched] || matched >= PART_MIN ? at : 0;
}

/* Masks `len` bytes: with MASK, or with as many '*' when there are fewer. Returns the position
 * after the mask. */
static char *put_mask(char *at, size_t len)
{
    if (len < MASK_LEN) {
        memset(at, '*', len);
        return at + len;
    }
    memcpy(at, MASK, MASK_LEN);
    memmove(at + MASK_LEN, at + len, strlen(at + len) + 1);
    return at + MASK_LEN;
}

void mask_secret(char *text, const char *secret)
{
    if (strlen(secret) < MASK_BYTES_MIN)
        return;
    for (char *at = text; *at;) {
        size_t len = match_secret(at, secret);
        at = len ? put_mask(at, len) : at + 1;
    }
}

/* --- values of headers and parameters that hold credentials ----------------------------------- */

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

static bool begins_with(const char *text, const char *name)
{
    return strncasecmp(text, name, strlen(name)) == 0;
}

/* The offset of the value of the header at `text`; 0 = it is none of these headers. */
static size_t header_value(const char *text)
{
    static const char *const names[] = {"set-cookie:",   "cookie:",     "authorization:",
                                        "x-auth-token:", "x-password:", "x-csrf-token:"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (begins_with(text, names[i]))
            return strlen(names[i]) + strspn(text + strlen(names[i]), " \t");
    }
    return 0;
}

static size_t query_value(const char *text)
{
    static const char *const names[] = {
        "token=", "access_token=", "session_id=", "conn_id=", "x-auth-token=", "password="};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (begins_with(text, names[i]))
            return strlen(names[i]);
    }
    return 0;
}

void mask_credentials(char *text)
{
    for (char *at = text; *at;) {
        bool word_begins = at == text || !is_name_byte(at[-1]);
        size_t header = word_begins ? header_value(at) : 0;
        size_t query = word_begins && !header ? query_value(at) : 0;
        if (!header && !query) {
            at++;
            continue;
        }
        at += header + query;
        size_t len = strcspn(at, header ? "\r\n\"<" : " \t\r\n\"'<>&;#");
        if (len)
            at = put_mask(at, len);
    }
}

/* --- URLs ------------------------------------------------------------------------------------- */

struct writer {
    char *out;
    size_t left; /* bytes, the final NUL included */
};

/* Cuts what does not fit. */
static void put(struct writer *w, const char *text, size_t len)
{
    if (w->left == 0)
        return;
    if (len > w->left - 1)
        len = w->left - 1;
    memcpy(w->out, text, len);
    w->out += len;
    w->left -= len;
    *w->out = '\0';
}

/* "https://", or 0 when `url` has no scheme: "://" may also occur in a query. */
static size_t scheme_len(const char *url)
{
    size_t len = strspn(url, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");
    return strncmp(url + len, "://", 3) == 0 ? len + 3 : 0;
}

/*
 * The length of "user:password@". A password that is not encoded may contain '/', '?' and '@', so
 * it ends at the last '@'; what is before the first '/' has then no numeric port.
 */
static size_t user_len(const char *text)
{
    const char *last = strrchr(text, '@');
    size_t authority = strcspn(text, "/?#");
    const char *colon = memchr(text, ':', authority);
    bool port = !colon || *text == '[' ||
                strspn(colon + 1, "0123456789") == authority - (size_t)(colon + 1 - text);
    if (!last || (port && !memchr(text, '@', authority)))
        return 0;
    return (size_t)(last + 1 - text);
}

/* A parameter; `ends`: the bytes that end it. Returns its length. */
static size_t put_parameter(struct writer *w, const char *text, const char *ends)
{
    size_t len = strcspn(text, ends);
    const char *equals = memchr(text, '=', len);
    size_t shown = equals ? (size_t)(equals + 1 - text) : 0;
    put(w, text, shown);
    if (len > shown)
        put(w, MASK, MASK_LEN);
    return len;
}

char *mask_url(char *out, size_t out_bytes, const char *url)
{
    struct writer w = {out, out_bytes};
    size_t scheme = scheme_len(url), user = user_len(url + scheme);
    put(&w, url, scheme);
    if (user)
        put(&w, MASK "@", MASK_LEN + 1);
    const char *at = url + scheme + user;
    size_t path = strcspn(at, ";?#");
    put(&w, at, path);
    at += path;
    const char *ends = "/;?#"; /* of a parameter in the path: "/login;jsessionid=1/next" */
    while (*at) {
        if (*at == '?' || *at == '#')
            ends = "&;#";
        put(&w, at, 1);
        bool parameter = *at++ != '/';
        size_t len = parameter ? 0 : strcspn(at, ";?#");
        put(&w, at, len);
        at += parameter ? put_parameter(&w, at, ends) : len;
    }
    return out;
}
