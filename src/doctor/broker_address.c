#include "doctor/broker_address.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct parts {
    const char *host, *path; /* the path with its first '/', "" = none */
    size_t host_len;         /* with the port */
};

static struct parts split(const char *url)
{
    const char *scheme = strstr(url, "://");
    const char *host = scheme ? scheme + 3 : url;
    size_t len = strcspn(host, "/?#");
    return (struct parts){host, host + len, len};
}

static bool begins(const char *text, const char *start)
{
    return strncasecmp(text, start, strlen(start)) == 0;
}

static bool ends(const char *text, size_t len, const char *end)
{
    size_t end_len = strlen(end);
    return len >= end_len && strncasecmp(text + len - end_len, end, end_len) == 0;
}

static bool is_terminal(const struct parts *p)
{
    size_t name = strcspn(p->host, ":/?#");
    return begins(p->host, "matriz.") || ends(p->host, name, ".primary.ventures");
}

static bool is_page(const char *path)
{
    static const char *const endings[] = {".html", ".htm", ".jsp", ".php", ".aspx", ".do"};
    size_t len = strcspn(path, "?#;");
    while (len && path[len - 1] == '/')
        len--;
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        if (ends(path, len, endings[i]))
            return true;
    }
    return begins(path, "/login");
}

static bool is_endpoint(const char *path)
{
    static const char *const starts[] = {"/rest/", "/auth/", "/ws/", "/j_spring", "/api/v2/"};
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        if (begins(path, starts[i]))
            return true;
    }
    return strcasecmp(path, "/ws") == 0 || strcasecmp(path, "/rest") == 0;
}

enum address_kind address_kind(const char *url)
{
    struct parts p = split(url);
    if (is_terminal(&p))
        return ADDRESS_TERMINAL;
    if (is_page(p.path))
        return ADDRESS_PAGE;
    if (is_endpoint(p.path))
        return ADDRESS_ENDPOINT;
    if (strlen(p.path) > 1)
        return ADDRESS_PATH;
    return begins(p.host, "www.") ? ADDRESS_WEBSITE : ADDRESS_API;
}

char *address_of_api(char out[ADDRESS_BYTES], const char *url)
{
    struct parts p = split(url);
    const char *scheme = begins(url, "http:") || begins(url, "ws:") ? "http" : "https";
    *out = '\0';
    if (begins(p.host, "matriz."))
        snprintf(out, ADDRESS_BYTES, "https://api.%.*s/", (int)p.host_len - 7, p.host + 7);
    else if (!is_terminal(&p) && p.host_len && p.host_len < ADDRESS_BYTES - 16)
        snprintf(out, ADDRESS_BYTES, "%s://%.*s/", scheme, (int)p.host_len, p.host);
    return out;
}
