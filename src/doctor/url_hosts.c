#include "doctor/url_subject.h"

#include <stdio.h>
#include <string.h>

#define PAGES "connect a page to cinta at " URL_OF_CINTA ", which needs no token of the broker"

/* --- the API host ----------------------------------------------------------------------------- */

static void todo_api(const struct url_subject *s, struct url_finding *f)
{
    url_todo(f,
             "use wss://%s/ with the header X-Auth-Token, or, because a browser cannot send this "
             "header, " PAGES,
             s->host.api);
}

static void say_token_as_session(struct url_subject *s, struct url_findings *out)
{
    char words[URL_VALUE_TEXT];
    struct url_finding *f =
        url_found(s, out, URL_TOKEN_AS_SESSION,
                  "The session_id has %s, the form of a REST token, and %s is the API host",
                  url_value_text(words, &s->session.value), s->host.name);
    url_means(f, "session_id and conn_id belong to the browser terminal, another system on another "
                 "host, which has ids of its own; the API host refuses this handshake");
    todo_api(s, f);
}

static void say_terminal_form(struct url_subject *s, struct url_findings *out)
{
    struct url_finding *f =
        url_found(s, out, URL_TERMINAL_FORM,
                  "There are ids of the browser terminal for the API host %s", s->host.name);
    url_means(f, "session_id and conn_id belong to the terminal, another system on another host; "
                 "the API host wants a token in a header");
    url_todo(f,
             "use wss://%s/ with the header X-Auth-Token (a page: " URL_OF_CINTA " of cinta)%s%s%s",
             s->host.api,
             *s->host.terminal ? ", or, with the ids of the terminal's profile, wss://" : "",
             s->host.terminal, *s->host.terminal ? "/ws" : "");
}

/* True: it is the form of the terminal. */
static bool check_terminal_form(struct url_subject *s, struct url_findings *out)
{
    if (!s->session.parameter && !s->connection.parameter)
        return false;
    if (s->session.value.shape == URL_VALUE_TOKEN)
        say_token_as_session(s, out);
    else
        say_terminal_form(s, out);
    return true;
}

static void check_api_path(struct url_subject *s, struct url_findings *out, bool terminal_form)
{
    struct url_finding *f;
    if (url_subject_at_root(s) || (terminal_form && url_subject_at_ws(s)))
        return;
    if (url_subject_at_ws(s)) {
        f = url_found(s, out, URL_WS_PATH, "The path is /ws on the API host %s", s->host.name);
        url_means(f, "the API host has its stream at the path /; /ws is that of the browser "
                     "terminal");
    } else {
        bool rest =
            url_part_begins(s->parts.path, "/rest/") || url_part_begins(s->parts.path, "/auth/");
        f = url_found(s, out, URL_API_PATH, "The path is not / on the API host %s", s->host.name);
        url_means(f, "%sthe API host has its stream at the path / only",
                  rest ? "this is a path of the REST API; " : "");
    }
    todo_api(s, f);
}

static void check_api_query(struct url_subject *s, struct url_findings *out, bool terminal_form)
{
    struct url_finding *f;
    if (s->token.parameter) {
        f = url_found(s, out, URL_TOKEN_IN_QUERY,
                      "There is a token in the query for the API host %s", s->host.name);
        url_means(f, "the API host reads the token from the header X-Auth-Token of the handshake, "
                     "and not from the URL, which would also store it in logs and histories");
        todo_api(s, f);
    } else if (s->parts.parameters && !terminal_form) {
        f = url_found(s, out, URL_API_QUERY, "There is a query for the API host %s", s->host.name);
        url_means(f, "the stream of the API host has no parameters");
        todo_api(s, f);
    }
}

static void check_api(struct url_subject *s, struct url_findings *out)
{
    int before = out->count;
    bool terminal_form = check_terminal_form(s, out);
    check_api_path(s, out, terminal_form);
    check_api_query(s, out, terminal_form);
    if (out->count > before)
        return;
    struct url_finding *f = url_found(s, out, URL_FINE_API, "The URL is the API host's stream");
    url_means(f, "the broker accepts the handshake only with the header X-Auth-Token, which a "
                 "browser cannot send");
    url_todo(f, "send the token of auth/getToken in this header, or " PAGES);
}

/* --- the terminal ----------------------------------------------------------------------------- */

static void say_terminal_as_broker(struct url_subject *s, struct url_findings *out)
{
    struct url_finding *f =
        url_found(s, out, URL_TERMINAL_AS_BROKER,
                  "The host %s is the browser terminal, not the API host", s->host.name);
    url_means(f, "it has no REST API for programs, and its stream is at /ws with the ids of a "
                 "session");
    url_todo(f, "use the API host: https://%s/ as broker.url, wss://%s/ for the stream",
             s->host.api, s->host.api);
}

static void say_terminal_path(struct url_subject *s, struct url_findings *out)
{
    struct url_finding *f = url_found(s, out, URL_TERMINAL_PATH,
                                      "The path is not /ws on the terminal %s", s->host.name);
    url_means(f, "the terminal has its stream at /ws only");
    url_todo(f, "use wss://%s/ws", s->host.name);
}

static void check_terminal(struct url_subject *s, struct url_findings *out)
{
    bool ids = s->session.parameter || s->connection.parameter;
    if (!ids && !url_subject_at_ws(s)) {
        say_terminal_as_broker(s, out);
        return;
    }
    if (!url_subject_at_ws(s))
        say_terminal_path(s, out);
    url_ids_check(s, out);
}

static bool is_empty(const struct url_credential *c)
{
    return c->parameter && c->value.shape == URL_VALUE_EMPTY;
}

static void check_guest(struct url_subject *s, struct url_findings *out)
{
    int before = out->count;
    struct url_finding *f;
    if (!url_subject_at_ws(s))
        say_terminal_path(s, out);
    if (!is_empty(&s->session) || !is_empty(&s->connection)) {
        bool given = s->session.value.shape != URL_VALUE_EMPTY ||
                     s->connection.value.shape != URL_VALUE_EMPTY;
        f = url_found(s, out, given ? URL_GUEST_IDS : URL_IDS_MISSING,
                      "%s for the public terminal %s",
                      given ? "There are ids" : "There are no empty ids", s->host.name);
        url_means(f,
                  "it has no login, so ids of a broker's terminal or tokens are not valid there; "
                  "it wants both ids, empty");
        url_todo(f, "use wss://%s/ws?session_id=&conn_id=", s->host.name);
    }
    if (out->count > before)
        return;
    f = url_found(s, out, URL_FINE_GUEST, "The URL is the stream of a public terminal");
    url_means(f, "it works without login and has Matba Rofex futures, the reference rate of the "
                 "central bank and some repos");
    url_todo(f, "send Origin: https://%s, and the text ping every 40 s", s->host.name);
}

/* --- cinta ------------------------------------------------------------------------------------ */

static void check_local_address(struct url_subject *s, struct url_findings *out)
{
    struct url_finding *f;
    if (url_part_is(s->parts.host, "0.0.0.0") || url_part_is(s->parts.host, "[::]")) {
        f = url_found(s, out, URL_HOST_WILDCARD, "The host %s is an address to listen at",
                      s->host.name);
        url_means(f, "a client cannot rely on connecting to it");
        url_todo(f, "use " URL_OF_CINTA);
    }
    if (s->parts.scheme == URL_SCHEME_WSS || s->parts.scheme == URL_SCHEME_HTTPS) {
        f = url_found(s, out, URL_LOCAL_TLS, "The URL asks for TLS at %s", s->host.name);
        url_means(f, "cinta's local API has no TLS of its own");
        url_todo(f, "use ws://, or put a web server with TLS before it (docs/local-api.md)");
    }
    if (!s->parts.port.len_bytes && s->parts.slashes) {
        f = url_found(s, out, URL_LOCAL_PORT, "The URL has no port");
        url_means(f, "a browser then uses port 80 or 443, and cinta listens at 8787 unless "
                     "serve.listen says otherwise");
        url_todo(f, "use %s, or local_api of `cinta status --json`", URL_OF_CINTA);
    }
}

static void check_local(struct url_subject *s, struct url_findings *out)
{
    int before = out->count;
    struct url_finding *f;
    check_local_address(s, out);
    if (!url_subject_at_root(s) && !url_subject_at_ws(s)) {
        f = url_found(s, out, URL_LOCAL_PATH, "The path is neither / nor /ws");
        url_means(f, "cinta's local API has its stream at these two paths only");
        url_todo(f, "use " URL_OF_CINTA);
    }
    if (out->count > before)
        return;
    f = url_found(s, out, URL_FINE_LOCAL, "The URL can be that of cinta's local API%s",
                  s->host.kind == URL_HOST_PRIVATE ? " on another machine" : "");
    bool remote = s->host.kind == URL_HOST_PRIVATE && s->parts.scheme == URL_SCHEME_WS;
    url_means(f,
              "it works while `cinta run` runs with this address in serve.listen; no token of the "
              "broker is needed, one of serve.token if that is set%s",
              remote ? ", and a page that was loaded by https cannot open it" : "");
    url_todo(f, "compare the address with local_api of `cinta status --json`");
}

/* --- other hosts ------------------------------------------------------------------------------ */

static void say_broker(struct url_subject *s, struct url_findings *out)
{
    struct url_finding *f =
        url_found(s, out, URL_BROKER_HOST, "The host %s is neither the API host nor the terminal",
                  s->host.name);
    url_means(f, "programs use the host that begins with api.%s",
              *s->host.terminal ? ", browsers the one that begins with matriz." : "");
    url_todo(f, "use wss://%s/ with the header X-Auth-Token", s->host.api);
}

static void say_misspelt(struct url_subject *s, struct url_findings *out)
{
    struct url_finding *f =
        url_found(s, out, URL_HOST_MISTYPED, "The host %s is nearly that of a broker, %s",
                  s->host.name, s->host.meant);
    url_means(f, "it is probably misspelt");
    url_todo(f, "use wss://%s/", s->host.meant);
}

static void say_address(struct url_subject *s, struct url_findings *out)
{
    struct url_finding *f =
        url_found(s, out, URL_HOST_ADDRESS_ONLY, "The host is an IP address, %s", s->host.name);
    url_means(f, "a broker's certificate is for its name, and its server needs the name too");
    url_todo(f, "use the name: wss://api.BROKER.xoms.com.ar/");
}

/* A token in the place of an id is the cause at any host. */
static void say_unknown(struct url_subject *s, struct url_findings *out)
{
    struct url_finding *f = url_found(s, out, URL_HOST_UNKNOWN_NAME,
                                      "The host %s is not one of a known broker", s->host.name);
    url_means(f, "a broker's API host is usually api.BROKER.xoms.com.ar, its terminal "
                 "matriz.BROKER.xoms.com.ar");
    url_todo(f, "check the name with the broker; the API host wants the path / and the header "
                "X-Auth-Token, the terminal /ws with the ids of its profile");
    if (s->session.value.shape == URL_VALUE_TOKEN || s->connection.value.shape == URL_VALUE_TOKEN)
        url_ids_check(s, out);
}

void url_hosts_check(struct url_subject *s, struct url_findings *out)
{
    switch (s->host.kind) {
    case URL_HOST_API:
        check_api(s, out);
        return;
    case URL_HOST_TERMINAL:
        check_terminal(s, out);
        return;
    case URL_HOST_GUEST:
        check_guest(s, out);
        return;
    case URL_HOST_LOCAL:
    case URL_HOST_PRIVATE:
        check_local(s, out);
        return;
    case URL_HOST_BROKER:
        say_broker(s, out);
        return;
    case URL_HOST_MISSPELT:
        say_misspelt(s, out);
        return;
    case URL_HOST_ADDRESS:
        say_address(s, out);
        return;
    case URL_HOST_UNKNOWN:
        say_unknown(s, out);
        return;
    case URL_HOST_NONE:
    case URL_HOST_INVALID:
        return; /* url_form */
    }
}
