#include "matriz/address.h"

#include "base/percent.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#define API_PREFIX "api."
#define XOMS       ".xoms.com.ar"

/* The authority: host and port. */
struct host {
    const char *text;
    size_t len_bytes;
};

static struct host host_of(const char *url)
{
    const char *scheme = strstr(url, "://");
    const char *text = scheme ? scheme + 3 : url;
    return (struct host){text, strcspn(text, "/?#")};
}

static bool is_host(struct host host, const char *name)
{
    return host.len_bytes == strlen(name) && strncasecmp(host.text, name, host.len_bytes) == 0;
}

bool matriz_base_of(struct buf *out, const char *api_url)
{
    struct host host = host_of(api_url);
    size_t prefix = strlen(API_PREFIX), suffix = strlen(XOMS);
    if (strncasecmp(api_url, "https://", 8) != 0 || host.len_bytes <= prefix + suffix ||
        strncasecmp(host.text, API_PREFIX, prefix) != 0 ||
        strncasecmp(host.text + host.len_bytes - suffix, XOMS, suffix) != 0)
        return false;
    buf_printf(out, "https://matriz.%.*s/", (int)(host.len_bytes - prefix), host.text + prefix);
    return true;
}

bool matriz_is_guest(const char *base)
{
    struct host host = host_of(base);
    return is_host(host, "matbarofex.primary.ventures") || is_host(host, "mtr.primary.ventures");
}

void matriz_put_url(struct buf *out, const char *base, const char *path, int64_t now_ms,
                    uint64_t random)
{
    buf_printf(out, "%s%s?_ds=%" PRId64 "-%" PRIu64, base, path, now_ms, random % 1000000);
}

void matriz_put_stream_url(struct buf *out, const char *base, const char *session_id,
                           const char *connection_id)
{
    struct host host = host_of(base);
    bool plain = strncasecmp(base, "http:", 5) == 0;
    buf_printf(out, "%s://", plain ? "ws" : "wss");
    buf_append(out, host.text, host.len_bytes);
    buf_puts(out, "/ws?session_id=");
    percent_encode(out, session_id);
    buf_puts(out, "&conn_id=");
    percent_encode(out, connection_id);
}

void matriz_put_origin(struct buf *out, const char *base)
{
    struct host host = host_of(base);
    buf_append(out, base, (size_t)(host.text - base) + host.len_bytes);
}
