#include "doctor/url_subject.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct writer {
    char *out;
    size_t left; /* the final NUL included */
};

/* What does not fit is left out. */
static void put(struct writer *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void put(struct writer *w, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(w->out, w->left, fmt, args);
    va_end(args);
    if (len < 0 || (size_t)len >= w->left)
        len = w->left > 0 ? (int)w->left - 1 : 0;
    w->out += len;
    w->left -= (size_t)len;
}

static bool is_listed(struct url_part part, const char *const *list)
{
    for (; *list; list++) {
        if (url_part_is(part, *list))
            return true;
    }
    return false;
}

static void put_scheme(struct writer *w, const struct url_parts *parts)
{
    static const char *const words[] = {
        [URL_SCHEME_NONE] = "",       [URL_SCHEME_WS] = "ws",
        [URL_SCHEME_WSS] = "wss",     [URL_SCHEME_HTTP] = "http",
        [URL_SCHEME_HTTPS] = "https", [URL_SCHEME_OTHER] = "(another scheme)",
    };
    put(w, "%s%s", words[parts->scheme],
        parts->slashes                     ? "://"
        : parts->scheme != URL_SCHEME_NONE ? ":"
                                           : "");
}

static void put_host(struct writer *w, const struct url_subject *s)
{
    const struct url_parts *parts = &s->parts;
    if (parts->user.len_bytes)
        put(w, "(user)@");
    if (*s->host.name || !parts->host.len_bytes)
        put(w, "%s", s->host.name);
    else
        put(w, "(%zu bytes)", parts->host.len_bytes);
    if (!parts->port.len_bytes)
        return;
    if (parts->port.len_bytes <= 5 &&
        strspn(parts->port.text, "0123456789") >= parts->port.len_bytes)
        put(w, ":%.*s", (int)parts->port.len_bytes, parts->port.text);
    else
        put(w, ":(%zu bytes)", parts->port.len_bytes);
}

/* Only the usual parts of a path are shown: any other one may be a token. */
static void put_path(struct writer *w, struct url_part path)
{
    static const char *const usual[] = {
        "ws",        "wss",        "websocket", "socket",     "stream",  "rest",
        "auth",      "gettoken",   "login",     "api",        "v1",      "v2",
        "get",       "all",        "profile",   "marketdata", "segment", "instruments",
        "socket.io", "index.html", "events",    NULL};
    for (size_t at = 0; at < path.len_bytes;) {
        struct url_part segment = {path.text + at + 1, 0};
        at++; /* the '/' */
        while (at < path.len_bytes && path.text[at] != '/') {
            at++;
            segment.len_bytes++;
        }
        put(w, "/");
        if (is_listed(segment, usual))
            put(w, "%.*s", (int)segment.len_bytes, segment.text);
        else if (segment.len_bytes)
            put(w, "(%zu bytes)", segment.len_bytes);
    }
}

static bool is_plain_name(struct url_part name)
{
    for (size_t i = 0; i < name.len_bytes; i++) {
        char c = name.text[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && c != '_' && c != '-')
            return false;
    }
    return name.len_bytes > 0 && name.len_bytes <= 16;
}

static void put_parameter(struct writer *w, const struct url_parameter *p, bool first)
{
    char words[URL_VALUE_TEXT];
    const struct url_value value = url_value_of(p->value);
    put(w, "%s", first ? "?" : "&");
    if (p->equals && is_plain_name(p->name))
        put(w, "%.*s=", (int)p->name.len_bytes, p->name.text);
    else if (p->equals)
        put(w, "(name)=");
    put(w, "(%s)", url_value_text(words, &value));
}

void url_show(const struct url_subject *s, char out[URL_FINDING_TEXT])
{
    struct writer w = {out, URL_FINDING_TEXT};
    put_scheme(&w, &s->parts);
    put_host(&w, s);
    put_path(&w, s->parts.path);
    for (int i = 0; i < s->parts.parameters; i++)
        put_parameter(&w, &s->parts.parameter[i], i == 0);
    if (s->parts.has_fragment)
        put(&w, "#(%zu bytes)", s->parts.fragment.len_bytes);
}
