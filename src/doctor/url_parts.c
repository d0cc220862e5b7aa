#include "doctor/url_parts.h"

#include <string.h>
#include <strings.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"

bool url_part_is(struct url_part part, const char *word)
{
    return part.len_bytes == strlen(word) && strncasecmp(part.text, word, part.len_bytes) == 0;
}

bool url_part_begins(struct url_part part, const char *word)
{
    size_t len = strlen(word);
    return part.len_bytes >= len && strncasecmp(part.text, word, len) == 0;
}

bool url_part_ends(struct url_part part, const char *word)
{
    size_t len = strlen(word);
    return part.len_bytes >= len && strncasecmp(part.text + part.len_bytes - len, word, len) == 0;
}

static struct url_part part_of(const char *text, size_t len)
{
    return (struct url_part){text, len};
}

static enum url_scheme scheme_of(struct url_part word)
{
    static const struct {
        const char *word;
        enum url_scheme scheme;
    } rows[] = {
        {"ws", URL_SCHEME_WS},
        {"wss", URL_SCHEME_WSS},
        {"http", URL_SCHEME_HTTP},
        {"https", URL_SCHEME_HTTPS},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (url_part_is(word, rows[i].word))
            return rows[i].scheme;
    }
    return URL_SCHEME_OTHER;
}

/* "wss://", also "wss:/", "wss:", "wss//"; "host:8080" has no scheme. Returns what follows. */
static const char *take_scheme(struct url_parts *out, const char *url)
{
    size_t len = strspn(url, LETTERS DIGITS "+.-"), after = len;
    enum url_scheme scheme = scheme_of(part_of(url, len));
    out->scheme = URL_SCHEME_NONE;
    if (strncmp(url + len, "://", 3) == 0 && len > 0) {
        out->scheme = scheme;
        out->slashes = true;
        return url + len + 3;
    }
    if (scheme == URL_SCHEME_OTHER || (url[len] != ':' && strncmp(url + len, "//", 2) != 0))
        return url[0] == '/' && url[1] == '/' ? url + 2 : url;
    after += url[after] == ':';
    out->scheme = scheme;
    return url + after + strspn(url + after, "/");
}

/*
 * The length of "user:password@". A password that is not encoded may contain '/', '?' and '@', so
 * it ends at the last '@'; what is before the first '/' has then no numeric port.
 */
static size_t user_len(const char *text)
{
    const char *last = strrchr(text, '@');
    size_t authority = strcspn(text, "/?#");
    const char *colon = memchr(text, ':', authority);
    bool port = !colon || *text == '[' ||
                strspn(colon + 1, DIGITS) == authority - (size_t)(colon + 1 - text);
    if (!last || (port && !memchr(text, '@', authority)))
        return 0;
    return (size_t)(last + 1 - text);
}

static const char *take_authority(struct url_parts *out, const char *text)
{
    size_t user = user_len(text);
    out->user = part_of(text, user ? user - 1 : 0);
    text += user;
    size_t len = strcspn(text, "/?#"), host = *text == '[' ? strcspn(text, "]") + 1 : 0;
    if (host > len)
        host = len;
    host += strcspn(text + host, ":/?#");
    out->host = part_of(text, host);
    out->port = host < len ? part_of(text + host + 1, len - host - 1) : part_of(text + len, 0);
    return text + len;
}

#define NAME_BYTES 20 /* a longer one, without a value, is a value that ends in '=' */

static struct url_parameter parameter_of(const char *text, size_t len)
{
    size_t name = strcspn(text, "=&#"), value = name + 1;
    if (name >= len || (name > NAME_BYTES && name + strspn(text + name, "=") == len))
        return (struct url_parameter){part_of(text, 0), part_of(text, len), false};
    return (struct url_parameter){part_of(text, name), part_of(text + value, len - value), true};
}

static const char *take_query(struct url_parts *out, const char *text)
{
    if (*text != '?')
        return text;
    do {
        size_t len = strcspn(++text, "&#");
        if (len && out->parameters < URL_PARAMETERS_MAX)
            out->parameter[out->parameters++] = parameter_of(text, len);
        text += len;
    } while (*text == '&');
    return text;
}

void url_parts_read(struct url_parts *out, const char *url)
{
    memset(out, 0, sizeof(*out));
    const char *text = take_authority(out, take_scheme(out, url));
    size_t path = strcspn(text, "?#");
    out->path = part_of(text, path);
    text = take_query(out, text + path);
    out->has_fragment = *text == '#';
    out->fragment = part_of(text + out->has_fragment, strlen(text + out->has_fragment));
}
