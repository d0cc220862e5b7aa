#include "net/http_headers.h"

#include "net/wipe.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct http_headers {
    struct curl_slist *list;
    int count; /* lines */
    int users; /* references: the creator and each request in flight */
};

static void wipe_list(struct curl_slist *list)
{
    for (struct curl_slist *item = list; item; item = item->next)
        explicit_bzero(item->data, strlen(item->data));
    curl_slist_free_all(list);
}

/* Wipes and frees `line`, which libcurl copies. */
static bool append_line(struct http_headers *headers, char *line)
{
    struct curl_slist *longer = NULL;
    if (line && headers->count < HTTP_HEADERS_MAX)
        longer = curl_slist_append(headers->list, line);
    if (line)
        explicit_bzero(line, strlen(line));
    free(line);
    if (!longer)
        return false;
    headers->list = longer;
    headers->count++;
    return true;
}

static bool is_token(const char *name)
{
    static const char others[] = "!#$%&'*+-.^_`|~";
    for (const char *c = name; *c; c++) {
        bool word =
            (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9');
        if (!word && !strchr(others, *c))
            return false;
    }
    return *name != '\0';
}

/* A line break in a value could inject another header. */
static bool is_clean(const char *value)
{
    for (const unsigned char *c = (const unsigned char *)value; *c; c++) {
        if (*c < 0x20 || *c == 0x7f)
            return false;
    }
    return true;
}

/* Not asprintf(), which leaves a copy of the text in memory that it frees. */
static bool add_header(struct http_headers *headers, const char *name, const char *value)
{
    size_t size = strlen(name) + strlen(value) + sizeof(": ");
    char *line;
    if (!is_token(name) || !*value || !is_clean(value) || !(line = malloc(size)))
        return false;
    snprintf(line, size, "%s: %s", name, value);
    return append_line(headers, line);
}

static size_t cookies_bytes(const char *const cookies[])
{
    size_t bytes = sizeof("Cookie: ");
    for (const char *const *c = cookies; *c; c += 2)
        bytes += strlen(c[0]) + strlen(c[1]) + 3; /* "=" and "; " */
    return bytes;
}

static bool add_cookies(struct http_headers *headers, const char *const cookies[])
{
    size_t size = cookies_bytes(cookies), used;
    char *line = malloc(size);
    if (!line)
        return false;
    used = (size_t)snprintf(line, size, "Cookie: ");
    for (const char *const *c = cookies; *c; c += 2) {
        if (!is_token(c[0]) || !is_clean(c[1]) || strchr(c[1], ';')) {
            explicit_bzero(line, size);
            free(line);
            return false;
        }
        used += (size_t)snprintf(line + used, size - used, "%s%s=%s", c == cookies ? "" : "; ",
                                 c[0], c[1]);
    }
    return append_line(headers, line);
}

static bool fill(struct http_headers *headers, const char *const pairs[],
                 const char *const cookies[])
{
    bool accept = false, ok = true;
    for (const char *const *p = pairs; ok && *p; p += 2) {
        accept |= strcasecmp(p[0], "Accept") == 0;
        ok = add_header(headers, p[0], p[1]);
    }
    if (ok && cookies && *cookies)
        ok = add_cookies(headers, cookies);
    return ok && (accept || add_header(headers, "Accept", "application/json"));
}

struct http_headers *http_headers_create(const char *const pairs[], const char *const cookies[])
{
    struct http_headers *headers = calloc(1, sizeof(*headers));
    if (!headers || wipe_setup()) {
        free(headers);
        return NULL;
    }
    headers->users = 1;
    if (!fill(headers, pairs, cookies)) {
        http_headers_destroy(headers);
        return NULL;
    }
    return headers;
}

void http_headers_destroy(struct http_headers *headers)
{
    if (!headers || --headers->users > 0)
        return;
    wipe_list(headers->list);
    free(headers);
}

struct http_headers *http_headers_hold(const struct http_headers *headers)
{
    struct http_headers *held = (struct http_headers *)headers; /* only `users` changes */
    held->users++;
    return held;
}

void *http_headers_native(const struct http_headers *headers)
{
    return headers->list;
}
