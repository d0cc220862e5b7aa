#include "doctor/url_host.h"

#include "base/near.h"
#include "primary/brokers.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define XOMS      ".xoms.com.ar"
#define MATRIZOMS ".matrizoms.com.ar"
#define LETTERS   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS    "0123456789"

/* --- what may be shown ------------------------------------------------------------------------ */

/*
 * Whether it looks like a host name, and not like a secret in its place: labels of at most 32
 * characters, the last one of letters only and short.
 */
static bool is_name(struct url_part host)
{
    size_t label = 0, letters = 0;
    for (size_t i = 0; i < host.len_bytes; i++) {
        char c = host.text[i];
        if (c == '.') {
            if (label == 0)
                return false;
            label = letters = 0;
            continue;
        }
        if (!strchr(LETTERS DIGITS "-_", c) || ++label > 32)
            return false;
        letters += strchr(LETTERS, c) != NULL;
    }
    return host.len_bytes < URL_HOST_TEXT && label >= 2 && label <= 12 && letters == label;
}

static bool is_ipv4(struct url_part host)
{
    size_t dots = 0, digits = 0;
    for (size_t i = 0; i < host.len_bytes; i++) {
        if (host.text[i] == '.' && digits > 0) {
            dots++;
            digits = 0;
        } else if (!strchr(DIGITS, host.text[i]) || ++digits > 3) {
            return false;
        }
    }
    return dots == 3 && digits > 0;
}

static bool is_ipv6(struct url_part host)
{
    if (host.len_bytes < 4 || host.len_bytes > 48 || host.text[0] != '[' ||
        host.text[host.len_bytes - 1] != ']')
        return false;
    for (size_t i = 1; i + 1 < host.len_bytes; i++) {
        if (!strchr(DIGITS "abcdefABCDEF:.", host.text[i]))
            return false;
    }
    return true;
}

/* --- kinds ------------------------------------------------------------------------------------ */

static bool is_local(struct url_part host)
{
    return url_part_is(host, "localhost") || (is_name(host) && url_part_ends(host, ".localhost")) ||
           (is_ipv4(host) && url_part_begins(host, "127.")) || url_part_is(host, "0.0.0.0") ||
           url_part_is(host, "[::1]") || url_part_is(host, "[::]");
}

static bool is_private_ipv4(const char *name)
{
    int first = 0, second = 0;
    if (sscanf(name, "%3d.%3d", &first, &second) != 2)
        return false;
    return first == 10 || (first == 172 && second >= 16 && second <= 31) ||
           (first == 192 && second == 168) || (first == 169 && second == 254);
}

static bool is_private_ipv6(struct url_part host)
{
    return url_part_begins(host, "[fd") || url_part_begins(host, "[fc") ||
           url_part_begins(host, "[fe80:");
}

/* "https://api.eco.xoms.com.ar/" */
static size_t known_name(char out[URL_HOST_TEXT], const struct broker_host *broker)
{
    const char *name = broker->url + strlen("https://");
    size_t len = strcspn(name, "/");
    snprintf(out, URL_HOST_TEXT, "%.*s", (int)len, name);
    return len;
}

static bool is_known_api(struct url_part host)
{
    char name[URL_HOST_TEXT];
    for (size_t i = 0; i < broker_hosts_count; i++) {
        known_name(name, &broker_hosts[i]);
        if (url_part_is(host, name))
            return true;
    }
    return false;
}

/* The suffix of the brokers' hosts; NULL if it has none of them. */
static const char *broker_suffix(struct url_part host)
{
    if (url_part_ends(host, XOMS) && host.len_bytes > strlen(XOMS))
        return XOMS;
    return url_part_ends(host, MATRIZOMS) && host.len_bytes > strlen(MATRIZOMS) ? MATRIZOMS : NULL;
}

/* The broker's name without "api.", "matriz." or "www." before it. */
static struct url_part broker_name(struct url_part host, const char *suffix)
{
    static const char *const before[] = {"api.", "matriz.", "www."};
    struct url_part name = {host.text, host.len_bytes - strlen(suffix)};
    for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
        size_t len = strlen(before[i]);
        if (url_part_begins(name, before[i]) && name.len_bytes > len)
            return (struct url_part){name.text + len, name.len_bytes - len};
    }
    return name;
}

static void put_broker(struct url_host *out, struct url_part host, const char *suffix)
{
    struct url_part name = broker_name(host, suffix);
    snprintf(out->api, sizeof(out->api), "api.%.*s%s", (int)name.len_bytes, name.text, suffix);
    if (suffix[1] == 'x') /* the terminal of the others is not known */
        snprintf(out->terminal, sizeof(out->terminal), "matriz.%.*s%s", (int)name.len_bytes,
                 name.text, suffix);
    out->kind = url_part_begins(host, "api.")      ? URL_HOST_API
                : url_part_begins(host, "matriz.") ? URL_HOST_TERMINAL
                                                   : URL_HOST_BROKER;
}

/* Another host of the vendor, such as the web page of the sandbox. */
static bool is_vendor(struct url_host *out, struct url_part host)
{
    if (!url_part_ends(host, ".primary.com.ar"))
        return false;
    const char *sandbox = "api.remarkets.primary.com.ar", *production = "api.primary.com.ar";
    snprintf(out->api, sizeof(out->api), "%s",
             strcasestr(out->name, "remarket") ? sandbox : production);
    return true;
}

static bool is_guest(struct url_part host)
{
    return url_part_is(host, "matbarofex.primary.ventures") ||
           url_part_is(host, "mtr.primary.ventures");
}

/* --- misspelt hosts --------------------------------------------------------------------------- */

/* "eco.xoms.com", "eco.xoms.ar": the broker's host without its whole ending. */
static bool is_cut_suffix(struct url_host *out, struct url_part host)
{
    static const char *const endings[] = {".xoms.com",   ".xoms.ar",    ".xoms.com.arg",
                                          ".xoms.co.ar", ".xoms.comar", ".xom.com.ar",
                                          ".xmos.com.ar"};
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        if (!url_part_ends(host, endings[i]))
            continue;
        snprintf(out->meant, sizeof(out->meant), "%.*s%s",
                 (int)(host.len_bytes - strlen(endings[i])), host.text, XOMS);
        return true;
    }
    return false;
}

static bool is_near(struct url_host *out)
{
    char name[URL_HOST_TEXT];
    for (size_t i = 0; i < broker_hosts_count; i++) {
        known_name(name, &broker_hosts[i]);
        if (near_distance(out->name, name) > 2)
            continue;
        memcpy(out->meant, name, sizeof(name));
        return true;
    }
    return false;
}

/* --- whose ------------------------------------------------------------------------------------ */

static enum url_host_kind kind_of_name(struct url_host *out, struct url_part host)
{
    const char *suffix = broker_suffix(host);
    if (suffix) {
        put_broker(out, host, suffix);
        return out->kind;
    }
    if (is_known_api(host)) {
        memcpy(out->api, out->name, sizeof(out->name));
        return URL_HOST_API;
    }
    if (is_guest(host))
        return URL_HOST_GUEST;
    if (url_part_ends(host, ".local") || url_part_ends(host, ".lan"))
        return URL_HOST_PRIVATE;
    if (is_cut_suffix(out, host) || is_near(out))
        return URL_HOST_MISSPELT;
    return is_vendor(out, host) ? URL_HOST_BROKER : URL_HOST_UNKNOWN;
}

struct url_host url_host_of(struct url_part host)
{
    struct url_host out = {.kind = URL_HOST_INVALID};
    if (host.len_bytes && host.text[host.len_bytes - 1] == '.')
        host.len_bytes--; /* a name from the root on */
    if (host.len_bytes == 0) {
        out.kind = URL_HOST_NONE;
        return out;
    }
    bool local = host.len_bytes < URL_HOST_TEXT && is_local(host);
    if (!local && !is_ipv4(host) && !is_ipv6(host) && !is_name(host))
        return out;
    snprintf(out.name, sizeof(out.name), "%.*s", (int)host.len_bytes, host.text);
    if (local)
        out.kind = URL_HOST_LOCAL;
    else if (is_ipv4(host))
        out.kind = is_private_ipv4(out.name) ? URL_HOST_PRIVATE : URL_HOST_ADDRESS;
    else if (is_ipv6(host))
        out.kind = is_private_ipv6(host) ? URL_HOST_PRIVATE : URL_HOST_ADDRESS;
    else
        out.kind = kind_of_name(&out, host);
    return out;
}
