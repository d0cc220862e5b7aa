#include "sim/terminal_site.h"

#include "base/json_write.h"
#include "sim/terminal_lines.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define JSON_TYPE "application/json; charset=utf-8"
#define HTML_TYPE "text/html; charset=utf-8"
#define BALANCER  "SERVERID" /* the cookie of the load balancer */
#define ACCOUNT   "1234"

/* --- cookies ---------------------------------------------------------------------------------- */

static struct terminal_session *session_of(struct terminal_site *site,
                                           const struct web_request *request, int64_t now_ms)
{
    return terminal_sessions_of(&site->sessions, web_header(request, "Cookie"), now_ms);
}

static void set_session_cookie(const struct terminal_session *session, struct web_answer *answer)
{
    char cookie[TERMINAL_COOKIE_BYTES + 64];
    snprintf(cookie, sizeof(cookie), TERMINAL_COOKIE "=%s; path=/; HttpOnly", session->cookie);
    web_add_header(answer, "set-cookie", cookie);
}

static bool has_balancer(const struct web_request *request)
{
    char value[8];
    return terminal_cookie_find(web_header(request, "Cookie"), BALANCER, value, sizeof(value));
}

static void set_balancer_cookie(const struct web_request *request, struct web_answer *answer)
{
    if (!has_balancer(request))
        web_add_header(answer, "set-cookie", BALANCER "=sim1; path=/");
}

/* That of the request, or a new one, whose cookie is set. */
static struct terminal_session *any_session(struct terminal_site *site,
                                            const struct web_request *request, struct now now,
                                            struct web_answer *answer)
{
    struct terminal_session *session = session_of(site, request, now.mono_ms);
    if (!session) {
        session = terminal_sessions_begin(&site->sessions);
        set_session_cookie(session, answer);
    }
    set_balancer_cookie(request, answer);
    return session;
}

/* --- refusals --------------------------------------------------------------------------------- */

static void put_login_page(struct web_answer *answer)
{
    web_put(answer, 200, HTML_TYPE,
            "<!doctype html><html><head><title>Iniciar sesi\xc3\xb3n</title></head>"
            "<body><form method=post action=\"/auth/login\"></form></body></html>");
}

static void put_error(struct web_answer *answer, int status, const char *words)
{
    web_put(answer, status, JSON_TYPE, "{\"error\":");
    json_put_string(&answer->body, words);
    buf_puts(&answer->body, "}");
}

static void refuse(const struct terminal_site *site, struct web_answer *answer)
{
    switch (site->rules.refusal) {
    case TERMINAL_REFUSE_REDIRECT:
        web_put(answer, 302, HTML_TYPE, "");
        web_add_header(answer, "location", "/login");
        return;
    case TERMINAL_REFUSE_HTML:
        put_login_page(answer);
        return;
    case TERMINAL_REFUSE_401:
        put_error(answer, 401, "unauthorized");
        return;
    case TERMINAL_REFUSE_403:
        put_error(answer, 403, "forbidden");
        return;
    }
}

/* --- pages ------------------------------------------------------------------------------------ */

static void front_page(struct terminal_site *site, const struct web_request *request,
                       struct now now, struct web_answer *answer)
{
    web_put(answer, 200, HTML_TYPE, "<!doctype html><html><head><title>Matriz</title>");
    const struct terminal_session *session = any_session(site, request, now, answer);
    buf_printf(&answer->body,
               "<meta name=\"csrf-token\" content=\"%s\"></head><body></body></html>",
               session->csrf);
}

static void login_page(struct terminal_site *site, const struct web_request *request,
                       struct now now, struct web_answer *answer)
{
    put_login_page(answer);
    any_session(site, request, now, answer);
}

static void profile(struct terminal_site *site, const struct web_request *request, struct now now,
                    struct web_answer *answer)
{
    site->counts.profiles++;
    web_put(answer, 200, JSON_TYPE, "");
    const struct terminal_session *session = any_session(site, request, now, answer);
    buf_printf(&answer->body, "{\"csrfToken\":\"%s\"", session->csrf);
    if (session->session_id[0])
        buf_printf(&answer->body,
                   ",\"sessionId\":\"%s\",\"connectionId\":\"%s\",\"account\":{\"id\":\"" ACCOUNT
                   "\"}",
                   session->session_id, session->connection_id);
    buf_puts(&answer->body, "}");
}

/* Whole days until a date of the form YYYYMMDD; -1: none. */
static int64_t days_until(const char *date, int64_t today)
{
    char text[CLOCK_TEXT];
    int32_t day;
    if (!date || strlen(date) != 8)
        return -1;
    snprintf(text, sizeof(text), "%.4s-%.2s-%.2s", date, date + 4, date + 6);
    return clock_parse_day(text, &day) ? day - today : -1;
}

static void put_security(struct buf *out, const struct instrument *i, int64_t today)
{
    char id[TERMINAL_INSTRUMENT_BYTES];
    int64_t days = days_until(i->maturity, today);
    terminal_lines_id(id, i->symbol, i->segment);
    buf_puts(out, "{\"id\":");
    json_put_string(out, id);
    buf_puts(out, ",\"cfiCode\":");
    json_put_string(out, i->cfi_code);
    if (days >= 0)
        buf_printf(out, ",\"daysToExpiration\":%lld}", (long long)days);
    else
        buf_puts(out, ",\"daysToExpiration\":null}");
}

static void reference_data(struct terminal_site *site, const struct web_request *request,
                           struct now now, struct web_answer *answer)
{
    const struct terminal_session *session = session_of(site, request, now.mono_ms);
    const struct market_source *source = site->source;
    const char *comma = "";
    if (!site->rules.guest && !(session && session->session_id[0])) {
        refuse(site, answer);
        return;
    }
    web_put(answer, 200, JSON_TYPE, "{\"securities\":[");
    for (int32_t n = 0; n < source->count(source->self); n++) {
        const struct instrument *i = source->instrument(source->self, n);
        if (site->rules.guest && terminal_lines_byma(i->symbol))
            continue;
        buf_puts(&answer->body, comma);
        put_security(&answer->body, i, art_day(now.wall_ns));
        comma = ",";
    }
    buf_puts(&answer->body, "]}");
}

/* --- login ------------------------------------------------------------------------------------ */

/* Browsers send it, and pages cannot change it. */
static bool own_origin(const struct web_request *request)
{
    const char *origin = web_header(request, "Origin"), *host = web_header(request, "Host");
    const char *at = strstr(origin, "://");
    return at && (strncmp(origin, "http:", 5) == 0 || strncmp(origin, "https:", 6) == 0) &&
           strcasecmp(at + 3, host) == 0;
}

/* 0, or the status of the refusal. */
static int check_credentials(struct terminal_site *site, const struct web_request *request)
{
    const struct json *root =
        request->body ? json_parse(site->parser, request->body, request->body_bytes, NULL) : NULL;
    const char *user = json_string(json_get(root, "username"));
    const char *password = json_string(json_get(root, "password"));
    if (!user || !password)
        return 400;
    return account_knows(site->account, user, password) ? 0 : 401;
}

static int check_login(struct terminal_site *site, const struct web_request *request,
                       const struct terminal_session *session)
{
    unsigned checks = site->rules.checks;
    if ((checks & TERMINAL_CHECK_CSRF) &&
        !(session && strcmp(web_header(request, "X-CSRF-TOKEN"), session->csrf) == 0))
        return 403;
    if ((checks & TERMINAL_CHECK_ORIGIN) && !own_origin(request))
        return 403;
    return check_credentials(site, request);
}

static void log_in(struct terminal_site *site, const struct web_request *request, struct now now,
                   struct web_answer *answer)
{
    struct terminal_session *session = session_of(site, request, now.mono_ms);
    int status = request->post ? check_login(site, request, session) : 405;
    if (status) {
        site->counts.login_refused += status == 401;
        put_error(answer, status, status == 401 ? "invalid credentials" : "invalid request");
        return;
    }
    if (!session)
        session = terminal_sessions_begin(&site->sessions);
    terminal_sessions_log_in(&site->sessions, session, now.mono_ms);
    site->counts.logins++;
    web_put(answer, 200, JSON_TYPE, "{\"status\":\"ok\"}");
    set_session_cookie(session, answer);
    set_balancer_cookie(request, answer);
}

/* --- routing ---------------------------------------------------------------------------------- */

typedef void page_fn(struct terminal_site *site, const struct web_request *request, struct now now,
                     struct web_answer *answer);

void terminal_site_answer(struct terminal_site *site, const struct web_request *request,
                          struct now now, struct web_answer *answer)
{
    static const struct {
        const char *path;
        page_fn *fn;
    } pages[] = {
        {"", front_page},
        {"login", login_page},
        {"api/v2/profile", profile},
        {"api/v2/ref-data", reference_data},
        {"auth/login", log_in},
    };
    site->counts.requests++;
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        if (strcmp(pages[i].path, request->path) == 0) {
            pages[i].fn(site, request, now, answer);
            return;
        }
    }
    put_error(answer, 404, "not found");
}

/* --- handshakes ------------------------------------------------------------------------------- */

static const char *id_param(const struct web_request *request, const char *name)
{
    const char *value = web_param(request, name);
    return value ? value : "";
}

/* NULL, or what is wrong. */
static const char *check_handshake(struct terminal_site *site, const struct web_request *request,
                                   int64_t now_ms)
{
    unsigned checks = site->rules.checks;
    const char *session_id = id_param(request, "session_id");
    const char *conn_id = id_param(request, "conn_id");
    bool guest = site->rules.guest && !*session_id && !*conn_id;
    const struct terminal_session *named =
        terminal_sessions_with_id(&site->sessions, session_id, now_ms);
    const struct terminal_session *shown = session_of(site, request, now_ms);

    if ((checks & TERMINAL_CHECK_ORIGIN) && !own_origin(request))
        return "origin";
    if ((checks & TERMINAL_CHECK_IDS) && !guest && !named)
        return "session_id";
    if ((checks & TERMINAL_CHECK_IDS) && !guest && strcmp(conn_id, named->connection_id) != 0)
        return "conn_id";
    if (!(checks & TERMINAL_CHECK_COOKIE) || guest)
        return NULL;
    if (!shown || !shown->session_id[0] || (named && shown != named) || !has_balancer(request))
        return "cookie";
    return NULL;
}

bool terminal_site_admits(struct terminal_site *site, const struct web_request *request,
                          struct now now, struct web_answer *answer)
{
    bool found = strcmp(request->path, "ws") == 0;
    const char *reason = found ? check_handshake(site, request, now.mono_ms) : "path";
    if (!reason)
        return true;
    site->counts.refused++;
    site->counts.reason = reason;
    if (!found)
        put_error(answer, 404, "not found");
    else if (strcmp(reason, "origin") == 0)
        put_error(answer, 403, "forbidden");
    else
        refuse(site, answer);
    return false;
}
