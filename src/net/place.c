#include "net/place.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool copy_part(CURLU *url, CURLUPart what, unsigned flags, char *out, size_t out_bytes)
{
    char *text = NULL;
    bool ok = curl_url_get(url, what, &text, flags) == CURLUE_OK && strlen(text) < out_bytes;
    if (ok)
        snprintf(out, out_bytes, "%s", text);
    curl_free(text);
    return ok;
}

/* In libcurl's form: without brackets, international names as punycode. */
static bool copy_host(CURLU *url, char *out, size_t out_bytes)
{
    if (!copy_part(url, CURLUPART_HOST, CURLU_PUNYCODE, out, out_bytes) &&
        !copy_part(url, CURLUPART_HOST, 0, out, out_bytes))
        return false;
    size_t len = strlen(out);
    if (out[0] == '[' && out[len - 1] == ']') {
        memmove(out, out + 1, len - 2);
        out[len - 2] = '\0';
    }
    return true;
}

static struct place read_url(const char *text, unsigned flags)
{
    struct place place = {.port = -1};
    char port[16];
    CURLU *url = curl_url();
    if (url && curl_url_set(url, CURLUPART_URL, text, flags) == CURLUE_OK &&
        copy_part(url, CURLUPART_SCHEME, 0, place.scheme, sizeof(place.scheme)) &&
        copy_host(url, place.host, sizeof(place.host)))
        place.port =
            copy_part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT, port, sizeof(port)) ? atoi(port) : 0;
    curl_url_cleanup(url);
    return place;
}

struct place place_of_url(const char *url)
{
    return read_url(url, 0);
}

struct place place_of_proxy(const char *text)
{
    char with_scheme[1024];
    bool bare = strstr(text, "://") == NULL;
    snprintf(with_scheme, sizeof(with_scheme), "%s%s", bare ? "http://" : "", text);
    struct place place = read_url(with_scheme, CURLU_NON_SUPPORT_SCHEME);
    const char *authority = strstr(with_scheme, "://") + 3, *at = strrchr(authority, '@');
    const char *colon = strrchr(at ? at : authority, ':');
    bool given = colon && !strchr(colon, ']');
    if (place.port >= 0 && !given)
        place.port = strcasecmp(place.scheme, "https") == 0 ? 443 : 1080;
    return place;
}

bool place_needs_no_look_up(const char *host)
{
    unsigned char bytes[16];
    size_t len = strlen(host);
    return inet_pton(AF_INET, host, bytes) == 1 || strchr(host, ':') ||
           strcasecmp(host, "localhost") == 0 ||
           (len > 10 && strcasecmp(host + len - 10, ".localhost") == 0);
}
