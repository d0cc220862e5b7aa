#include "primary/page.h"

#include "base/mask.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define SEARCHED_BYTES 16384 /* the title and the login form are near the start of a page */
#define QUOTED_BYTES   96    /* of the page's text */
#define LOGIN_FORM     "j_spring_security_check"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static char first_byte(const struct reply *reply)
{
    size_t i = reply->body_len_bytes >= 3 && memcmp(reply->body, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (i < reply->body_len_bytes && is_blank(reply->body[i]))
        i++;
    return i < reply->body_len_bytes ? reply->body[i] : '\0';
}

bool page_is(const struct reply *reply)
{
    char first = first_byte(reply);
    return first != '{' && first != '[';
}

/* --- login pages ------------------------------------------------------------------------------ */

static size_t searched(const struct reply *reply)
{
    return reply->body_len_bytes < SEARCHED_BYTES ? reply->body_len_bytes : SEARCHED_BYTES;
}

/* Case-insensitive; NULL if it is not there. */
static const char *find(const char *text, size_t len, const char *wanted)
{
    size_t wanted_len = strlen(wanted);
    for (size_t i = 0; i + wanted_len <= len; i++) {
        if (strncasecmp(text + i, wanted, wanted_len) == 0)
            return text + i;
    }
    return NULL;
}

static bool is_redirect(const struct reply *reply)
{
    return reply->status / 100 == 3;
}

bool page_is_login(const struct reply *reply)
{
    if (is_redirect(reply))
        return find(reply->location, strcspn(reply->location, "?#;"), "login") != NULL;
    return page_is(reply) && find(reply->body, searched(reply), LOGIN_FORM) != NULL;
}

/* --- description ------------------------------------------------------------------------------ */

/* It may contain credentials: ";jsessionid=...", a query. */
static void put_location(char *out, size_t out_bytes, const struct reply *reply)
{
    mask_url(out, out_bytes, reply->location);
    utf8_clean(out, out_bytes, out, strlen(out));
}

/* Cleaned and truncated; each run of blanks becomes one space. */
static void quote(char out[QUOTED_BYTES], const char *text, size_t len)
{
    char clean[2 * QUOTED_BYTES];
    size_t used = 0;
    while (len && is_blank(*text))
        text++, len--;
    while (len && is_blank(text[len - 1]))
        len--;
    utf8_clean(clean, sizeof(clean), text, len);
    for (const char *c = clean; *c; c++) {
        if (*c != ' ' || (used && clean[used - 1] != ' '))
            clean[used++] = *c;
    }
    utf8_clean(out, QUOTED_BYTES, clean, used);
}

static bool title(char out[QUOTED_BYTES], const struct reply *reply)
{
    const char *end = reply->body + searched(reply);
    const char *tag = find(reply->body, searched(reply), "<title");
    const char *text = tag ? memchr(tag, '>', (size_t)(end - tag)) : NULL;
    if (!text++)
        return false;
    const char *stop = memchr(text, '<', (size_t)(end - text));
    quote(out, text, (size_t)((stop ? stop : end) - text));
    return *out;
}

static bool is_html(const struct reply *reply)
{
    return first_byte(reply) == '<';
}

char *page_words(char *out, const struct reply *reply, const char *wanted)
{
    char text[QUOTED_BYTES];
    const char *kind = page_is_login(reply) ? "a login page" : "an HTML page";
    int status = reply->status;
    if (is_redirect(reply)) {
        put_location(text, sizeof(text), reply);
        snprintf(out, PAGE_WORDS, "a redirect to \"%s\" instead of %s (%d)", text, wanted, status);
    } else if (first_byte(reply) == '\0') {
        snprintf(out, PAGE_WORDS, "an empty body instead of %s (%d)", wanted, status);
    } else if (!is_html(reply)) {
        quote(text, reply->body, searched(reply));
        snprintf(out, PAGE_WORDS, "the text \"%s\" instead of %s (%d)", text, wanted, status);
    } else if (title(text, reply)) {
        snprintf(out, PAGE_WORDS, "%s, title \"%s\", instead of %s (%d)", kind, text, wanted,
                 status);
    } else {
        snprintf(out, PAGE_WORDS, "%s without a title instead of %s (%d)", kind, wanted, status);
    }
    return out;
}
