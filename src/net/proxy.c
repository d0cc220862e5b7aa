#include "net/proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ITEM_BYTES 256
#define LOCAL      "localhost,127.0.0.0/8,::1"

/* --- environment variables -------------------------------------------------------------------- */

/* False: no memory. A variable that is not set or empty gives NULL. */
static bool copy_variable(char **out, const char *name)
{
    const char *value = getenv(name);
    *out = value && *value ? strdup(value) : NULL;
    return *out || !value || !*value;
}

int proxy_env_read(struct proxy_env *env)
{
    static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
    *env = (struct proxy_env){0};
    bool ok = copy_variable(&env->exceptions[0], "no_proxy") &&
              copy_variable(&env->exceptions[1], "NO_PROXY");
    for (size_t i = 0; ok && !env->url && i < sizeof(names) / sizeof(names[0]); i++)
        ok = copy_variable(&env->url, names[i]);
    if (ok)
        return 0;
    proxy_env_finish(env);
    return -ENOMEM;
}

void proxy_env_finish(struct proxy_env *env)
{
    free(env->url);
    free(env->exceptions[0]);
    free(env->exceptions[1]);
    *env = (struct proxy_env){0};
}

/* --- exceptions ------------------------------------------------------------------------------- */

struct ip {
    int family; /* 0 = not a numeric address */
    unsigned char bytes[16];
};

static struct ip read_ip(const char *text)
{
    struct ip ip = {0};
    if (inet_pton(AF_INET, text, ip.bytes) == 1)
        ip.family = AF_INET;
    else if (inet_pton(AF_INET6, text, ip.bytes) == 1)
        ip.family = AF_INET6;
    return ip;
}

static bool same_prefix(const struct ip *a, const struct ip *b, long bits)
{
    size_t whole = (size_t)bits / 8;
    unsigned rest = (unsigned)bits % 8;
    if (memcmp(a->bytes, b->bytes, whole) != 0)
        return false;
    return rest == 0 || ((a->bytes[whole] ^ b->bytes[whole]) >> (8 - rest)) == 0;
}

/* `item` is an address, perhaps with a prefix length; it is modified. */
static bool covers_address(char *item, const struct ip *host)
{
    long max = host->family == AF_INET ? 32 : 128, bits = max;
    char *slash = strchr(item, '/'), *end = NULL;
    if (slash) {
        *slash = '\0';
        bits = strtol(slash + 1, &end, 10);
        if (end == slash + 1 || *end || bits < 0 || bits > max)
            return false;
    }
    struct ip ip = read_ip(item);
    return ip.family == host->family && same_prefix(&ip, host, bits);
}

static size_t length_without_dot(const char *name)
{
    size_t len = strlen(name);
    return len && name[len - 1] == '.' ? len - 1 : len;
}

static bool covers_name(const char *item, const char *host)
{
    item += item[0] == '*' && item[1] == '.';
    item += item[0] == '.';
    size_t item_len = length_without_dot(item), host_len = length_without_dot(host);
    if (item_len == 0 || item_len > host_len)
        return false;
    const char *tail = host + host_len - item_len;
    return strncasecmp(tail, item, item_len) == 0 && (tail == host || tail[-1] == '.');
}

/* Removes ":port" and the brackets of "[::1]". Returns the port, or -1 when there is none. */
static long take_port(char **item)
{
    char *text = *item, *colon = strrchr(text, ':'), *bracket = strchr(text, ']');
    long port = -1;
    if (colon && (bracket ? colon > bracket : strchr(text, ':') == colon)) {
        port = strtol(colon + 1, NULL, 10);
        *colon = '\0';
    }
    if (*text == '[' && bracket) {
        memmove(bracket, bracket + 1, strlen(bracket)); /* a prefix length may follow */
        *item = text + 1;
    }
    return port;
}

static bool item_covers(const char *text, size_t len, const char *host, int port)
{
    char copy[ITEM_BYTES], *item = copy;
    if (len >= sizeof(copy))
        return false;
    snprintf(copy, sizeof(copy), "%.*s", (int)len, text);
    if (strcmp(item, "*") == 0)
        return true;
    long item_port = take_port(&item);
    if (item_port >= 0 && item_port != port)
        return false;
    if (strcmp(item, "*") == 0)
        return true;
    struct ip ip = read_ip(host);
    return ip.family ? covers_address(item, &ip) : covers_name(item, host);
}

bool proxy_excepts(const char *list, const char *host, int port)
{
    while (*list) {
        size_t len = strcspn(list, ", \t");
        if (len && item_covers(list, len, host, port))
            return true;
        list += len;
        list += strspn(list, ", \t");
    }
    return false;
}

const char *proxy_for(const struct proxy_env *env, bool tls, const char *host, int port)
{
    if (!tls || !env->url || proxy_excepts(LOCAL, host, port))
        return "";
    for (int i = 0; i < 2; i++) {
        if (env->exceptions[i] && proxy_excepts(env->exceptions[i], host, port))
            return "";
    }
    return env->url;
}
