#include "config/nats_check.h"

#include "config/authority.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NATS_SERVERS_MAX  16
#define NATS_SERVER_BYTES 300
#define NATS_NAME_BYTES   32
#define NATS_EXAMPLE      "nats://127.0.0.1:4222 or tls://nats.example:4222"

/* The next server of a list; false: there is none. A longer one is cut, which check_nats refuses.
 */
static bool next_server(const char **rest, char out[NATS_SERVER_BYTES])
{
    if (!*rest)
        return false;
    size_t len = strcspn(*rest, ",");
    const char *begin = *rest + strspn(*rest, " ");
    int shown = (int)(*rest + len - begin);
    snprintf(out, NATS_SERVER_BYTES, "%.*s", shown > 0 ? shown : 0, begin);
    while (*out && out[strlen(out) - 1] == ' ')
        out[strlen(out) - 1] = '\0';
    *rest = (*rest)[len] ? *rest + len + 1 : NULL;
    return true;
}

static const char *nats_host(const char *url)
{
    const char *host = authority_after(url, "nats://");
    return host ? host : authority_after(url, "tls://");
}

static int check_server(const char *url, struct err *err)
{
    struct authority authority;
    const char *host = nats_host(url);
    if (strchr(url, '@'))
        return err_set(err, -EINVAL,
                       "contains a user name: use the keys user and password_file instead");
    if (!host)
        return err_set(err, -EINVAL, "'%s' is not an address like " NATS_EXAMPLE, url);
    if (strlen(url) >= NATS_SERVER_BYTES - 1 || strpbrk(url, " \"\\") ||
        !authority_split(host, &authority) || *authority.rest)
        return err_set(err, -EINVAL, "'%s' has no valid host and port: write it like " NATS_EXAMPLE,
                       url);
    return 0;
}

int check_nats(const char *text, struct err *err)
{
    char server[NATS_SERVER_BYTES];
    const char *rest = text;
    int count = 0, rc = 0;
    if (!*text)
        return 0;
    while (rc == 0 && next_server(&rest, server)) {
        rc = check_server(server, err);
        count++;
    }
    if (rc == 0 && count > NATS_SERVERS_MAX)
        return err_set(err, -EINVAL, "has more than %d servers", NATS_SERVERS_MAX);
    if (rc == 0 && strstr(text, "tls://") && strstr(text, "nats://"))
        return err_set(err, -EINVAL,
                       "has servers with and without TLS: write tls:// before all of them");
    return rc;
}

bool nats_is_plain(const char *servers)
{
    return strstr(servers, "nats://") != NULL;
}

bool nats_is_loopback(const char *servers)
{
    char server[NATS_SERVER_BYTES];
    struct authority a;
    while (next_server(&servers, server)) {
        const char *host = nats_host(server);
        if (!host || !authority_split(host, &a) || !authority_is_loopback(&a))
            return false;
    }
    return true;
}

static bool is_name(const char *text, const char *also)
{
    for (const char *c = text; *c; c++) {
        bool plain = (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z') ||
                     (*c >= '0' && *c <= '9') || *c == '-' || *c == '_';
        if (!plain && !strchr(also, *c))
            return false;
    }
    return *text != '\0';
}

int check_subject(const char *text, struct err *err)
{
    size_t len = strlen(text);
    bool dots = *text == '.' || strstr(text, "..") || (len && text[len - 1] == '.');
    if (is_name(text, ".") && !dots && len <= NATS_NAME_BYTES)
        return 0;
    return err_set(err, -EINVAL,
                   "'%.64s' is not like md or cinta.md: 1 to %d letters, digits, - and _, in parts "
                   "separated by dots",
                   text, NATS_NAME_BYTES);
}

static int check_name(const char *text, const char *example, struct err *err)
{
    if (is_name(text, "") && strlen(text) <= NATS_NAME_BYTES)
        return 0;
    return err_set(err, -EINVAL, "'%.64s' is not like %s: 1 to %d letters, digits, - and _", text,
                   example, NATS_NAME_BYTES);
}

int check_stream(const char *text, struct err *err)
{
    return check_name(text, "CINTA", err);
}

int check_bucket(const char *text, struct err *err)
{
    return check_name(text, "CINTA_LEASE", err);
}

int check_lease_name(const char *text, struct err *err)
{
    return *text ? check_name(text, "broker-a", err) : 0;
}
