#include "config/authority.h"

#include <string.h>
#include <strings.h>

const char *authority_after(const char *url, const char *scheme)
{
    size_t len = strlen(scheme);
    return strncasecmp(url, scheme, len) == 0 ? url + len : NULL;
}

static size_t port_len(const char *text)
{
    size_t digits = *text == ':' ? strspn(text + 1, "0123456789") : 0;
    return digits ? digits + 1 : 0;
}

bool authority_split(const char *host, struct authority *out)
{
    size_t len = *host == '[' ? strcspn(host, "]/") + 1 : strcspn(host, ":/?#");
    if (*host == '[' && host[len - 1] != ']')
        return false;
    *out = (struct authority){host, len, host + len};
    out->rest += port_len(out->rest);
    return len > 0 &&
           (*out->rest == '\0' || *out->rest == '/' || *out->rest == '?' || *out->rest == '#');
}

/* Checks all four numbers, because "127.evil.example" begins with 127 too. */
static bool is_127(const char *host, size_t len)
{
    unsigned number = 0, parts = 0;
    size_t digits = 0;
    for (size_t i = 0; i <= len; i++) {
        if (i < len && host[i] >= '0' && host[i] <= '9' && digits < 3) {
            number = number * 10 + (unsigned)(host[i] - '0');
            digits++;
            continue;
        }
        if (digits == 0 || number > 255 || (parts == 0 && number != 127) ||
            (i < len && host[i] != '.'))
            return false;
        parts++;
        number = 0;
        digits = 0;
    }
    return parts == 4;
}

static bool host_is(const struct authority *a, const char *name)
{
    return a->host_len == strlen(name) && strncasecmp(a->host, name, a->host_len) == 0;
}

bool authority_is_loopback(const struct authority *a)
{
    return host_is(a, "localhost") || host_is(a, "[::1]") || is_127(a->host, a->host_len);
}
