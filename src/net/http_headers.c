#include "net/http_headers.h"

#include "net/wipe.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct http_headers {
    struct curl_slist *list;
    int users; /* references: the creator and each request in flight */
};

static void wipe_list(struct curl_slist *list)
{
    for (struct curl_slist *item = list; item; item = item->next)
        explicit_bzero(item->data, strlen(item->data));
    curl_slist_free_all(list);
}

static bool append_header(struct curl_slist **list, const char *name, const char *value)
{
    struct curl_slist *longer = NULL;
    size_t size = strlen(name) + strlen(value) + 3;
    char *line = malloc(size);
    if (!line)
        return false;
    snprintf(line, size, "%s: %s", name, value);
    longer = curl_slist_append(*list, line);
    explicit_bzero(line, size);
    free(line);
    if (longer)
        *list = longer;
    return longer != NULL;
}

/* A line break in a value could inject another header. */
static bool clean_value(const char *value)
{
    for (const unsigned char *c = (const unsigned char *)value; *c; c++) {
        if (*c < 0x20 || *c == 0x7f)
            return false;
    }
    return *value != '\0';
}

struct http_headers *http_headers_create(const char *const pairs[])
{
    struct http_headers *headers = calloc(1, sizeof(*headers));
    if (!headers || wipe_setup()) {
        free(headers);
        return NULL;
    }
    headers->users = 1;
    bool ok = append_header(&headers->list, "Accept", "application/json");
    for (; ok && *pairs; pairs += 2)
        ok = clean_value(pairs[1]) && append_header(&headers->list, pairs[0], pairs[1]);
    if (!ok) {
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
