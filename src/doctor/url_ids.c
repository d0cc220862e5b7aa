#include "doctor/url_subject.h"

#include <stdio.h>
#include <string.h>

/* Where the ids of the terminal are. */
static void todo_ids(const struct url_subject *s, struct url_finding *f)
{
    const char *host = s->host.kind == URL_HOST_TERMINAL ? s->host.name : "the terminal's host";
    url_todo(
        f,
        "log in to the terminal, read sessionId and connectionId of https://%s/api/v2/profile, "
        "encode both (+ as %%2B, / as %%2F, = as %%3D) and send Origin: https://%s and the "
        "terminal's cookies with the handshake, or let cinta do it (stream.dialects)",
        host, host);
}

/* The way of the API: for somebody who has a REST token. */
static void todo_api(const struct url_subject *s, struct url_finding *f)
{
    url_todo(
        f,
        "with this token use wss://%s/ and the header X-Auth-Token, or connect a page to cinta "
        "at " URL_OF_CINTA ", because a browser cannot send this header",
        *s->host.api ? s->host.api : "API_HOST_OF_THE_BROKER");
}

static const char *name_of(const struct url_subject *s, const struct url_credential *c)
{
    return c == &s->session ? "session_id" : "conn_id";
}

/* --- which ids there are ---------------------------------------------------------------------- */

static void check_names(struct url_subject *s, struct url_findings *out)
{
    const struct url_credential *both[] = {&s->session, &s->connection};
    for (int i = 0; i < 2; i++) {
        const struct url_parameter *p = both[i]->parameter;
        if (!p || !both[i]->misnamed || url_part_begins(p->name, "amp;"))
            continue;
        struct url_finding *f = url_found(s, out, URL_NAMES, "A parameter is called %.*s",
                                          (int)p->name.len_bytes, p->name.text);
        url_means(f,
                  "the terminal reads session_id and conn_id, in lower case, and no other names");
        url_todo(f, "call it %s", name_of(s, both[i]));
        return;
    }
}

static bool check_presence(struct url_subject *s, struct url_findings *out)
{
    bool session = s->session.parameter, connection = s->connection.parameter;
    if (session && connection)
        return true;
    const char *missing = session      ? "conn_id is missing"
                          : connection ? "session_id is missing"
                                       : "session_id and conn_id are missing";
    struct url_finding *f = url_found(s, out, URL_IDS_MISSING, "The parameter%s %s",
                                      session || connection ? "" : "s", missing);
    url_means(f, "the terminal accepts a handshake with the two ids of a session only");
    todo_ids(s, f);
    return false;
}

static bool check_empty(struct url_subject *s, struct url_findings *out)
{
    bool session = s->session.value.shape == URL_VALUE_EMPTY;
    bool connection = s->connection.value.shape == URL_VALUE_EMPTY;
    if (!session && !connection)
        return true;
    struct url_finding *f = url_found(
        s, out, URL_IDS_EMPTY, "%s",
        session && connection ? "Both ids are empty"
                              : (session ? "The session_id is empty" : "The conn_id is empty"));
    url_means(f, "empty ids are those of the public terminals (matbarofex.primary.ventures); the "
                 "terminal of a broker closes such a connection");
    todo_ids(s, f);
    return session != connection;
}

/* --- what an id looks like -------------------------------------------------------------------- */

static void say_placeholder(struct url_subject *s, struct url_findings *out,
                            const struct url_credential *c)
{
    struct url_finding *f =
        url_found(s, out, URL_PLACEHOLDER, "The %s is a placeholder (%zu characters)",
                  name_of(s, c), c->value.length);
    url_means(f, "the value was not put in its place, or it was undefined");
    todo_ids(s, f);
}

static void say_token(struct url_subject *s, struct url_findings *out,
                      const struct url_credential *c)
{
    char words[URL_VALUE_TEXT];
    struct url_finding *f = url_found(s, out, URL_TOKEN_AT_TERMINAL,
                                      "The %s has %s, the form of a token of the REST API",
                                      name_of(s, c), url_value_text(words, &c->value));
    url_means(f, "the browser terminal is another system: its ids come from its own login and have "
                 "64 characters");
    todo_api(s, f);
}

static void say_cookie(struct url_subject *s, struct url_findings *out,
                       const struct url_credential *c)
{
    struct url_finding *f =
        url_found(s, out, URL_COOKIE, "The %s is the terminal's cookie", name_of(s, c));
    url_means(f, "the cookie belongs in the header Cookie; the ids are other values");
    todo_ids(s, f);
}

/* Neither an id nor anything else that is known. */
static bool is_invented(const struct url_credential *c)
{
    switch (c->value.shape) {
    case URL_VALUE_TIME:
    case URL_VALUE_UUID:
    case URL_VALUE_NUMBER:
    case URL_VALUE_HEX:
    case URL_VALUE_BASE64:
    case URL_VALUE_WORDS:
    case URL_VALUE_OTHER:
        return true;
    case URL_VALUE_EMPTY:
    case URL_VALUE_PLACEHOLDER:
    case URL_VALUE_TOKEN:
    case URL_VALUE_SESSION:
    case URL_VALUE_COOKIE:
        return false;
    }
    return false;
}

static void check_invented(struct url_subject *s, struct url_findings *out)
{
    char session[URL_VALUE_TEXT], connection[URL_VALUE_TEXT];
    bool a = is_invented(&s->session), b = is_invented(&s->connection);
    struct url_finding *f;
    url_value_text(session, &s->session.value);
    url_value_text(connection, &s->connection.value);
    if (a && b)
        f = url_found(s, out, URL_SESSION_INVENTED, "The session_id has %s, the conn_id %s",
                      session, connection);
    else if (a)
        f = url_found(s, out, URL_SESSION_INVENTED, "The session_id has %s", session);
    else if (b)
        f = url_found(s, out, URL_CONN_INVENTED, "The conn_id has %s", connection);
    else
        return;
    url_means(f, "the ids of the terminal have 64 characters of base64, so it was invented or is "
                 "incomplete");
    todo_ids(s, f);
}

static void check_shape(struct url_subject *s, struct url_findings *out,
                        const struct url_credential *c)
{
    switch (c->value.shape) {
    case URL_VALUE_EMPTY: /* check_empty */
    case URL_VALUE_SESSION:
        return;
    case URL_VALUE_PLACEHOLDER:
        say_placeholder(s, out, c);
        return;
    case URL_VALUE_TOKEN:
        say_token(s, out, c);
        return;
    case URL_VALUE_COOKIE:
        say_cookie(s, out, c);
        return;
    case URL_VALUE_TIME: /* check_invented */
    case URL_VALUE_UUID:
    case URL_VALUE_NUMBER:
    case URL_VALUE_HEX:
    case URL_VALUE_BASE64:
    case URL_VALUE_WORDS:
    case URL_VALUE_OTHER:
        return;
    }
}

static const char *either(bool session, bool connection)
{
    if (session && connection)
        return "Both ids have";
    return session ? "The session_id has" : "The conn_id has";
}

static void check_encoding(struct url_subject *s, struct url_findings *out)
{
    const struct url_value *a = &s->session.value, *b = &s->connection.value;
    bool raw_a = !a->twice && (a->plus || a->reserved),
         raw_b = !b->twice && (b->plus || b->reserved);
    if (a->twice || b->twice) {
        struct url_finding *f = url_found(s, out, URL_ENCODED_TWICE, "%s been encoded twice",
                                          either(a->twice, b->twice));
        url_means(f, "the server decodes it once and compares a value that has %%XX in it");
        url_todo(f, "encode each id once: a + is %%2B, not %%252B");
    }
    if (raw_a || raw_b) {
        struct url_finding *f = url_found(s, out, URL_NOT_ENCODED, "%s a raw +, / or =, or a blank",
                                          either(raw_a, raw_b));
        url_means(f, "a + in a query is read as a blank, so the server compares another id");
        url_todo(f, "encode the ids (encodeURIComponent): + as %%2B, / as %%2F, = as %%3D");
    }
}

static void check_equal(struct url_subject *s, struct url_findings *out)
{
    struct url_part a = s->session.parameter->value, b = s->connection.parameter->value;
    if (a.len_bytes == 0 || a.len_bytes != b.len_bytes || memcmp(a.text, b.text, a.len_bytes) != 0)
        return;
    struct url_finding *f =
        url_found(s, out, URL_SAME_IDS, "The session_id and the conn_id are equal");
    url_means(f, "they are two different values of the profile");
    todo_ids(s, f);
}

static void say_fine(struct url_subject *s, struct url_findings *out)
{
    struct url_finding *f =
        url_found(s, out, URL_FINE_TERMINAL, "The URL has the form of the terminal's stream");
    url_means(f,
              "whether the ids are still valid cannot be seen: they end with the session, within "
              "2 hours or less; then the server answers 302, 401, 403 or a page");
    todo_ids(s, f);
}

void url_ids_check(struct url_subject *s, struct url_findings *out)
{
    int before = out->count;
    check_names(s, out);
    if (!check_presence(s, out) || !check_empty(s, out))
        return;
    check_shape(s, out, &s->session);
    check_shape(s, out, &s->connection);
    check_invented(s, out);
    check_encoding(s, out);
    check_equal(s, out);
    if (out->count == before)
        say_fine(s, out);
}
