#include "serve/access.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#define HOST_BYTES 256

/* "[::1]:8787" -> "::1", "localhost:8787" -> "localhost". False: not a host, or too long. */
static bool host_of(const char *text, char out[HOST_BYTES])
{
    bool bracketed = text[0] == '[';
    const char *start = text + bracketed;
    size_t len = strcspn(start, bracketed ? "]" : ":");
    const char *rest = start + len;
    if (len == 0 || len >= HOST_BYTES || (bracketed && *rest++ != ']'))
        return false;
    if (*rest == ':')
        rest += 1 + strspn(rest + 1, "0123456789");
    if (*rest != '\0')
        return false;
    memcpy(out, start, len);
    out[len] = '\0';
    if (len > 1 && out[len - 1] == '.') /* a fully qualified name */
        out[len - 1] = '\0';
    return true;
}

/* 127.x.y.z in decimal; "127.evil.example" is a name like any other. */
static bool is_loopback_v4(const char *host)
{
    size_t dots = 0;
    for (const char *at = host; *at; at++) {
        if (*at == '.')
            dots++;
        else if (*at < '0' || *at > '9')
            return false;
    }
    return dots == 3 && strncmp(host, "127.", 4) == 0;
}

bool access_is_loopback(const char *host)
{
    return is_loopback_v4(host) || strcmp(host, "::1") == 0 || strcasecmp(host, "localhost") == 0;
}

bool access_host(const struct access_rules *rules, const char *host)
{
    char name[HOST_BYTES];
    if (!host || !host_of(host, name))
        return false;
    if (access_is_loopback(name) ||
        (rules->listen_host && strcasecmp(name, rules->listen_host) == 0))
        return true;
    for (int i = 0; i < rules->hosts_count; i++)
        if (strcasecmp(name, rules->hosts[i]) == 0)
            return true;
    return false;
}

static bool is_same_host(const char *origin, const char *host)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        size_t len = strlen(schemes[i]);
        if (strncasecmp(origin, schemes[i], len) == 0)
            return host && strcasecmp(origin + len, host) == 0;
    }
    return false;
}

bool access_origin(const struct access_rules *rules, const char *origin, const char *host)
{
    if (!origin || origin[0] == '\0' || is_same_host(origin, host))
        return true;
    for (int i = 0; i < rules->origins_count; i++)
        if (strcasecmp(origin, rules->origins[i]) == 0)
            return true;
    return false;
}

bool access_token(const struct access_rules *rules, const char *given)
{
    const char *token = rules->token ? rules->token : "";
    size_t len = strlen(token), given_len = given ? strlen(given) : 0;
    if (len == 0)
        return true;
    unsigned differs = len != given_len;
    for (size_t i = 0; i < given_len; i++)
        differs |= (unsigned char)given[i] ^ (unsigned char)token[i % len];
    return differs == 0;
}
