#include "doctor/url_subject.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- scheme, user, host, port ----------------------------------------------------------------- */

static bool is_near(const struct url_subject *s)
{
    return s->host.kind == URL_HOST_LOCAL || s->host.kind == URL_HOST_PRIVATE;
}

struct scheme_fault {
    enum url_fault fault;
    const char *what, *meaning;
};

static const struct scheme_fault no_scheme = {
    URL_SCHEME_MISSING, "The URL has no scheme",
    "a program cannot tell that a WebSocket is meant, or reads the host as a path"};
static const struct scheme_fault no_slashes = {URL_SCHEME_BROKEN,
                                               "The scheme is not followed by ://",
                                               "the host is read as a path, or not at all"};
static const struct scheme_fault http = {
    URL_SCHEME_WRONG, "The scheme is http",
    "that is a page or a REST request; a WebSocket has ws or wss"};
static const struct scheme_fault https = {
    URL_SCHEME_WRONG, "The scheme is https",
    "that is a page or a REST request; a WebSocket has ws or wss"};
static const struct scheme_fault other = {URL_SCHEME_WRONG, "The scheme is not one of a WebSocket",
                                          "a WebSocket has ws or wss"};
static const struct scheme_fault clear = {
    URL_UNENCRYPTED, "The scheme is ws, without TLS",
    "brokers have wss only, and a token or an id would be sent in the clear"};

static const struct scheme_fault *fault_of_scheme(const struct url_subject *s)
{
    bool page = s->host.kind == URL_HOST_TERMINAL && !url_subject_at_ws(s); /* url_hosts says it */
    if (s->parts.scheme != URL_SCHEME_NONE && !s->parts.slashes)
        return &no_slashes;
    switch (s->parts.scheme) {
    case URL_SCHEME_NONE:
        return &no_scheme;
    case URL_SCHEME_WS:
        return is_near(s) ? NULL : &clear;
    case URL_SCHEME_WSS:
        return NULL;
    case URL_SCHEME_HTTP:
        return page ? NULL : &http;
    case URL_SCHEME_HTTPS:
        return page ? NULL : &https;
    case URL_SCHEME_OTHER:
        return &other;
    }
    return NULL;
}

static void check_scheme(struct url_subject *s, struct url_findings *out)
{
    const struct scheme_fault *fault = fault_of_scheme(s);
    if (!fault)
        return;
    struct url_finding *f = url_found(s, out, fault->fault, "%s", fault->what);
    url_means(f, "%s", fault->meaning);
    url_todo(f, "begin the URL with %s://", is_near(s) ? "ws" : "wss");
}

static void check_user(struct url_subject *s, struct url_findings *out)
{
    if (!s->parts.user.len_bytes)
        return;
    struct url_finding *f =
        url_found(s, out, URL_USER, "There is a user or a password before the host");
    url_means(f, "browsers refuse or remove it, no broker reads it, and it ends up in logs");
    url_todo(f, "remove it up to the @, and change the password if the URL was shared");
}

static void check_host(struct url_subject *s, struct url_findings *out)
{
    struct url_finding *f;
    if (s->host.kind == URL_HOST_NONE) {
        f = url_found(s, out, URL_NO_HOST, "The URL has no host");
        url_means(f, "there is nothing to connect to");
    } else if (s->host.kind == URL_HOST_INVALID) {
        f = url_found(s, out, URL_HOST_BAD, "The host is not a host name (%zu bytes)",
                      s->parts.host.len_bytes);
        url_means(f, "it has other characters than letters, digits, - and ., or another form");
    } else {
        return;
    }
    url_todo(f, "write the API host between :// and the next /, as in "
                "wss://api.remarkets.primary.com.ar/");
}

static void check_port(struct url_subject *s, struct url_findings *out)
{
    struct url_part port = s->parts.port;
    size_t digits = strspn(port.text, "0123456789");
    bool number = port.len_bytes > 0 && port.len_bytes <= 5 && digits >= port.len_bytes;
    long value = number ? strtol(port.text, NULL, 10) : 0;
    struct url_finding *f;
    if (!port.len_bytes)
        return;
    if (value < 1 || value > 65535) {
        f = url_found(s, out, URL_PORT, "The port is not a number from 1 to 65535");
        url_means(f, "the URL cannot be read");
    } else if (!is_near(s) && value != 443 && s->host.kind != URL_HOST_UNKNOWN &&
               s->host.kind != URL_HOST_ADDRESS) {
        f = url_found(s, out, URL_PORT, "The port is %ld", value);
        url_means(f, "brokers listen at 443, the default of wss");
    } else {
        return;
    }
    url_todo(f, "remove the port and the : before it");
}

/* --- characters ------------------------------------------------------------------------------- */

static void check_unusual(struct url_subject *s, struct url_findings *out)
{
    const struct url_text *t = &s->text;
    struct url_finding *f;
    if (!t->unusual_count)
        return;
    f = url_found(s, out, URL_UNUSUAL,
                  "The text has %zu character%s that cannot be in a URL, the "
                  "first is U+%04" PRIX32,
                  t->unusual_count, t->unusual_count == 1 ? "" : "s", t->unusual);
    url_means(f, "invisible, full-width and typographic characters come from chats, documents and "
                 "web pages, and make another host or another value");
    url_todo(f, "type the URL again, or copy it from a plain text");
}

static void check_characters(struct url_subject *s, struct url_findings *out)
{
    const struct url_text *t = &s->text;
    struct url_finding *f;
    if (t->blank) {
        f = url_found(s, out, URL_BLANK, "There is a blank inside the URL");
        url_means(f, "a blank ends the URL or makes the request invalid; in an id it was a + that "
                     "somebody decoded");
        url_todo(f, "remove the blank, or write %%2B if it was a + of an id");
    }
    if (t->broken) {
        f = url_found(s, out, URL_LINE_BREAK, "There is a line break inside the URL");
        url_means(f, "a terminal or a mail program broke the line");
        url_todo(f, "join the lines without a blank");
    }
    if (t->control) {
        f = url_found(s, out, URL_CONTROL, "There is a control character inside the URL");
        url_means(f, "it is not visible, and is sent or refused");
        url_todo(f, "type the URL again");
    }
    if (t->backslashes) {
        f = url_found(s, out, URL_BACKSLASHES, "There are backslashes in the URL");
        url_means(f, "a URL has slashes; a backslash comes from a file name or an escaped text");
        url_todo(f, "write / in their place");
    }
}

static void check_around(struct url_subject *s, struct url_findings *out)
{
    const struct url_text *t = &s->text;
    struct url_finding *f;
    if (t->text_before || t->text_after) { /* then quotes are those of a program */
        f = url_found(s, out, URL_TEXT_AROUND, "There is other text %s the URL",
                      !t->text_after ? "before" : (t->text_before ? "around" : "after"));
        url_means(f, "it was left out of this explanation");
        url_todo(f, "paste the URL alone if another part of the text was meant");
    } else if (t->enclosed) {
        f = url_found(s, out, URL_ENCLOSED, "There are blanks, quotes or brackets around the URL");
        url_means(f, "in a configuration or a program they become part of the URL");
        url_todo(f, "remove them, unless they belong to the language of the program");
    }
}

/* --- parameters and fragment ------------------------------------------------------------------ */

static void check_encoding(struct url_subject *s, struct url_findings *out)
{
    struct url_finding *f;
    bool entity = false, invalid = url_value_of(s->parts.path).invalid;
    for (int i = 0; i < s->parts.parameters; i++) {
        entity |= url_part_begins(s->parts.parameter[i].name, "amp;");
        invalid |= url_value_of(s->parts.parameter[i].value).invalid;
    }
    if (entity) {
        f = url_found(s, out, URL_HTML_ENTITY, "There is &amp; in the query");
        url_means(f, "it was copied from HTML, and the parameter after it has another name");
        url_todo(f, "write & in its place");
    }
    if (invalid) {
        f = url_found(s, out, URL_BAD_PERCENT, "There is a %% without two hexadecimal digits");
        url_means(f, "the value is truncated, or a %% of it is not encoded");
        url_todo(f, "copy the whole value and encode it: a %% is %%25");
    }
}

static bool same(struct url_part a, struct url_part b)
{
    return a.len_bytes == b.len_bytes && memcmp(a.text, b.text, a.len_bytes) == 0;
}

static void check_repeated(struct url_subject *s, struct url_findings *out)
{
    const struct url_parameter *p = s->parts.parameter;
    for (int i = 1; i < s->parts.parameters; i++) {
        for (int j = 0; j < i; j++) {
            if (!p[i].equals || !p[j].equals || !same(p[i].name, p[j].name))
                continue;
            struct url_finding *f =
                url_found(s, out, URL_REPEATED, "A parameter is there more than once");
            url_means(f, "servers read the first one or the last one");
            url_todo(f, "keep one of them");
            return;
        }
    }
}

/* Parameters that neither the terminal nor cinta reads. */
static void check_odd(struct url_subject *s, struct url_findings *out)
{
    int odd = 0;
    for (int i = 0; i < s->parts.parameters; i++) {
        const struct url_parameter *p = &s->parts.parameter[i];
        odd += p != s->session.parameter && p != s->connection.parameter && p != s->token.parameter;
    }
    if (!odd || s->host.kind == URL_HOST_API) /* there any parameter is a fault of its own */
        return;
    struct url_finding *f = url_found(s, out, URL_ODD_PARAMETER,
                                      "There %s %d parameter%s that no "
                                      "stream reads",
                                      odd == 1 ? "is" : "are", odd, odd == 1 ? "" : "s");
    url_means(f, "the URL may be of another program, such as Socket.IO");
    url_todo(f, "remove what is not session_id, conn_id or, for cinta, token");
}

static void check_fragment(struct url_subject *s, struct url_findings *out)
{
    if (!s->parts.has_fragment)
        return;
    struct url_finding *f = url_found(s, out, URL_FRAGMENT, "There is a # in the URL");
    url_means(f, "what follows it is not sent to the server, and a WebSocket may not have it");
    url_todo(f, "remove it, or write %%23 if it is part of a value");
}

void url_form_check(struct url_subject *s, struct url_findings *out)
{
    check_scheme(s, out);
    check_user(s, out);
    check_host(s, out);
    check_port(s, out);
    check_unusual(s, out);
    check_characters(s, out);
    check_around(s, out);
    check_encoding(s, out);
    check_repeated(s, out);
    check_odd(s, out);
    check_fragment(s, out);
}
