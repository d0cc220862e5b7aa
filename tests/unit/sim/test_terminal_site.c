#include "sim/terminal_site.h"

#include "sim/sim_market.h"
#include "support/headers.h"
#include "support/t.h"

#include <stdlib.h>

#define NOON_NS (INT64_C(1795446000) * NS_PER_S) /* 2026-11-23 12:00 in Argentina */
#define ORIGIN  "http://matriz.test:8081"
#define LOGIN   "{\"username\":\"alice\",\"password\":\"s3cret\"}"

static struct terminal_site site;
static struct account account;
static struct sim_market *market;
static struct web_answer answer;
static struct now now = {1000, NOON_NS};
static char cookies[600], csrf[64]; /* what the client keeps */

static int make(void **state)
{
    struct err err;
    const struct sim_market_config config = {12, 0, 1};
    (void)state;
    t_row("");
    account_init(&account, NULL, "alice", "s3cret", 1000);
    if (sim_market_create(&market, &config, NOON_NS, &err))
        return -1;
    site = (struct terminal_site){.rules = {.checks = TERMINAL_CHECK_ALL},
                                  .account = &account,
                                  .source = sim_market_source(market),
                                  .parser = json_parser_create()};
    terminal_sessions_init(&site.sessions, 60000);
    web_answer_init(&answer);
    cookies[0] = csrf[0] = '\0';
    return 0;
}

static int finish(void **state)
{
    (void)state;
    json_parser_destroy(site.parser);
    sim_market_destroy(market);
    web_answer_finish(&answer);
    return 0;
}

/* --- a client --------------------------------------------------------------------------------- */

static int keep_cookie(void *arg, const char *name, const char *value)
{
    struct buf kept;
    size_t name_bytes = strcspn(value, "=") + 1;
    (void)arg;
    if (strcmp(name, "set-cookie") != 0)
        return 0;
    buf_init(&kept, sizeof(cookies) - 1);
    for (char *part = strtok(cookies, "; "); part; part = strtok(NULL, "; ")) {
        if (strncmp(part, value, name_bytes) != 0)
            buf_printf(&kept, "%s; ", part);
    }
    buf_append(&kept, value, strcspn(value, ";"));
    t_true(!buf_failed(&kept));
    strcpy(cookies, buf_text(&kept));
    buf_finish(&kept);
    return 0;
}

struct request {
    const char *path, *origin, *csrf, *body; /* body: a POST */
    const char *session_id, *conn_id;        /* NULL: not in the query */
};

static void fill(const struct request *r, struct t_header headers[5], struct web_request *out)
{
    const struct t_header list[] = {
        {"Host", "matriz.test:8081"}, {"Origin", r->origin}, {"Cookie", cookies},
        {"X-CSRF-TOKEN", r->csrf},    {NULL, NULL},
    };
    memcpy(headers, list, sizeof(list));
    *out = (struct web_request){.post = r->body != NULL,
                                .path = r->path,
                                .body = r->body,
                                .body_bytes = r->body ? strlen(r->body) : 0,
                                .header = t_find_header,
                                .self = headers};
    if (r->session_id)
        out->params[out->params_count++] = (struct web_param){"session_id", r->session_id};
    if (r->conn_id)
        out->params[out->params_count++] = (struct web_param){"conn_id", r->conn_id};
}

static int ask(const struct request *r)
{
    struct t_header headers[5];
    struct web_request request;
    fill(r, headers, &request);
    answer.kept_bytes = 0;
    web_put(&answer, 200, "text/plain", "");
    terminal_site_answer(&site, &request, now, &answer);
    web_each_header(&answer, keep_cookie, NULL);
    return answer.status;
}

/* "" = admitted, else the reason. */
static const char *knock(const struct request *r)
{
    struct t_header headers[5];
    struct web_request request;
    fill(r, headers, &request);
    answer.kept_bytes = 0;
    web_put(&answer, 200, "text/plain", "");
    return terminal_site_admits(&site, &request, now, &answer) ? "" : site.counts.reason;
}

/* A member of the last answer, in a buffer of its own. */
static char *member(const char *key)
{
    struct json_parser *parser = json_parser_create();
    const struct json *root =
        json_parse(parser, buf_text(&answer.body), answer.body.len_bytes, NULL);
    const char *text = json_string(json_get(root, key));
    char *copy = text ? strdup(text) : NULL;
    json_parser_destroy(parser);
    return copy;
}

static void read_csrf(void)
{
    t_int(ask(&(struct request){.path = "api/v2/profile"}), 200);
    char *text = member("csrfToken");
    t_true(text);
    snprintf(csrf, sizeof(csrf), "%s", text);
    free(text);
}

static void log_in(void)
{
    read_csrf();
    t_int(
        ask(&(struct request){.path = "auth/login", .origin = ORIGIN, .csrf = csrf, .body = LOGIN}),
        200);
}

/* --- pages ------------------------------------------------------------------------------------ */

static void the_first_answer_sets_both_cookies(void **state)
{
    static const char *const paths[] = {"", "login", "api/v2/profile"};
    (void)state;
    for (size_t i = 0; i < T_COUNT(paths); i++) {
        t_row(paths[i]);
        cookies[0] = '\0';
        t_int(ask(&(struct request){.path = paths[i]}), 200);
        t_contains(cookies, "_mtz_web_key=SFMyNTY.");
        t_contains(cookies, "SERVERID=");
        t_int(ask(&(struct request){.path = paths[i]}), 200);
        t_true(!web_answer_header(&answer, "set-cookie")); /* known by now */
    }
}

static void the_profile_before_and_after_login(void **state)
{
    char before[sizeof(cookies)];
    (void)state;
    read_csrf();
    t_true(!member("sessionId"));
    strcpy(before, cookies);
    log_in();
    t_true(strcmp(before, cookies) != 0);
    read_csrf();
    char *session_id = member("sessionId"), *connection_id = member("connectionId");
    t_int(strlen(session_id), 64);
    t_int(strlen(connection_id), 64);
    t_contains(buf_text(&answer.body), "\"account\":{\"id\":\"1234\"}");
    free(session_id);
    free(connection_id);
    t_int(site.counts.logins, 1);
}

static void logins(void **state)
{
    static const struct row {
        const char *name, *csrf, *origin, *body;
        unsigned checks;
        int status;
    } rows[] = {
        {"correct", NULL, ORIGIN, LOGIN, TERMINAL_CHECK_ALL, 200},
        {"over TLS", NULL, "https://MATRIZ.test:8081", LOGIN, TERMINAL_CHECK_ALL, 200},
        {"no token", "", ORIGIN, LOGIN, TERMINAL_CHECK_ALL, 403},
        {"another token", "x", ORIGIN, LOGIN, TERMINAL_CHECK_ALL, 403},
        {"another token, not checked", "x", ORIGIN, LOGIN, TERMINAL_CHECK_ORIGIN, 200},
        {"no Origin", NULL, "", LOGIN, TERMINAL_CHECK_ALL, 403},
        {"another Origin", NULL, "http://evil.test", LOGIN, TERMINAL_CHECK_ALL, 403},
        {"another scheme", NULL, "file://matriz.test:8081", LOGIN, TERMINAL_CHECK_ALL, 403},
        {"another Origin, not checked", NULL, "http://evil.test", LOGIN, TERMINAL_CHECK_CSRF, 200},
        {"wrong password", NULL, ORIGIN, "{\"username\":\"alice\",\"password\":\"x\"}",
         TERMINAL_CHECK_ALL, 401},
        {"no password", NULL, ORIGIN, "{\"username\":\"alice\"}", TERMINAL_CHECK_ALL, 400},
        {"a form", NULL, ORIGIN, "username=alice&password=s3cret", TERMINAL_CHECK_ALL, 400},
        {"not a POST", NULL, ORIGIN, NULL, TERMINAL_CHECK_ALL, 405},
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        cookies[0] = '\0';
        site.rules.checks = rows[i].checks;
        read_csrf();
        t_int(ask(&(struct request){.path = "auth/login",
                                    .origin = rows[i].origin,
                                    .csrf = rows[i].csrf ? rows[i].csrf : csrf,
                                    .body = rows[i].body}),
              rows[i].status);
    }
    t_int(site.counts.login_refused, 1);
    t_row("without the cookie of the token");
    cookies[0] = '\0';
    t_int(
        ask(&(struct request){.path = "auth/login", .origin = ORIGIN, .csrf = csrf, .body = LOGIN}),
        403);
}

static void the_list_of_instruments(void **state)
{
    (void)state;
    t_int(ask(&(struct request){.path = "api/v2/ref-data"}), 302);
    log_in();
    t_int(ask(&(struct request){.path = "api/v2/ref-data"}), 200);
    t_contains(buf_text(&answer.body),
               "{\"securities\":[{\"id\":\"rx_DDF_DLR_NOV26\",\"cfiCode\":\"FXXXSX\","
               "\"daysToExpiration\":7},{\"id\":\"rx_DDF_DLR_DIC26\"");
    t_contains(buf_text(&answer.body),
               "{\"id\":\"rx_RFXI_I.RFX20\",\"cfiCode\":\"MRIXXX\",\"daysToExpiration\":null}");
    t_contains(buf_text(&answer.body), "bm_MERV_AL30_24hs");
    site.rules.guest = true;
    cookies[0] = '\0';
    t_int(ask(&(struct request){.path = "api/v2/ref-data"}), 200);
    t_true(!strstr(buf_text(&answer.body), "bm_"));
}

static void an_ended_session_is_refused_as_configured(void **state)
{
    static const struct row {
        const char *name;
        enum terminal_refusal refusal;
        int status;
        const char *type;
    } rows[] = {
        {"redirect", TERMINAL_REFUSE_REDIRECT, 302, "text/html; charset=utf-8"},
        {"html", TERMINAL_REFUSE_HTML, 200, "text/html; charset=utf-8"},
        {"401", TERMINAL_REFUSE_401, 401, "application/json; charset=utf-8"},
        {"403", TERMINAL_REFUSE_403, 403, "application/json; charset=utf-8"},
    };
    (void)state;
    log_in();
    terminal_sessions_end(&site.sessions);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        site.rules.refusal = rows[i].refusal;
        t_int(ask(&(struct request){.path = "api/v2/ref-data"}), rows[i].status);
        t_str(answer.content_type, rows[i].type);
        t_str(knock(&(struct request){.path = "ws", .origin = ORIGIN, .session_id = "x"}),
              "session_id");
        t_int(answer.status, rows[i].status);
    }
    t_int(site.counts.refused, 4);
    t_int(ask(&(struct request){.path = "elsewhere"}), 404);
}

/* --- handshakes ------------------------------------------------------------------------------- */

#define TOKEN "3q2+7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs=" /* of the API */

static void handshakes(void **state)
{
    enum { IDS = TERMINAL_CHECK_IDS, COOKIE = TERMINAL_CHECK_COOKIE, FROM = TERMINAL_CHECK_ORIGIN };
    enum { ALL = TERMINAL_CHECK_ALL };
    char good[600], session_id[65], conn_id[65], blank[65];
    static const char *const S = "session", *const C = "connection", *const B = "blank";
    const struct row {
        const char *name, *path, *session_id, *conn_id, *origin, *cookies; /* NULL: the good ones */
        unsigned checks;
        bool guest;
        const char *reason;
    } rows[] = {
        {"correct", "ws", S, C, ORIGIN, NULL, ALL, false, ""},
        {"another path", "", S, C, ORIGIN, NULL, ALL, false, "path"},
        {"ids missing", "ws", NULL, NULL, ORIGIN, NULL, ALL, false, "session_id"},
        {"ids empty", "ws", "", "", ORIGIN, NULL, ALL, false, "session_id"},
        {"the token of the API", "ws", TOKEN, "", ORIGIN, NULL, ALL, false, "session_id"},
        {"the token, random conn_id", "ws", TOKEN, "8d3f", ORIGIN, NULL, ALL, false, "session_id"},
        {"plus read as a blank", "ws", B, C, ORIGIN, NULL, ALL, false, "session_id"},
        {"ids exchanged", "ws", C, S, ORIGIN, NULL, ALL, false, "session_id"},
        {"no conn_id", "ws", S, "", ORIGIN, NULL, ALL, false, "conn_id"},
        {"a random conn_id", "ws", S, "1795096978117", ORIGIN, NULL, ALL, false, "conn_id"},
        {"ids not checked", "ws", "x", "", ORIGIN, NULL, ALL & ~IDS, false, ""},
        {"no cookie", "ws", S, C, ORIGIN, "", ALL, false, "cookie"},
        {"only the cookie of the balancer", "ws", S, C, ORIGIN, "SERVERID=sim1", ALL, false,
         "cookie"},
        {"cookie not checked", "ws", S, C, ORIGIN, "", ALL & ~COOKIE, false, ""},
        {"no Origin", "ws", S, C, "", NULL, ALL, false, "origin"},
        {"another Origin", "ws", S, C, "http://localhost", NULL, ALL, false, "origin"},
        {"Origin not checked", "ws", S, C, "", NULL, ALL & ~FROM, false, ""},
        {"nothing checked", "ws", NULL, NULL, "", "", 0, false, ""},
        {"a guest", "ws", "", "", ORIGIN, "", ALL, true, ""},
        {"a guest without Origin", "ws", "", "", "", "", ALL, true, "origin"},
        {"a guest with an invented id", "ws", "x", "", ORIGIN, "", ALL, true, "session_id"},
        {"logged in at a guest host", "ws", S, C, ORIGIN, NULL, ALL, true, ""},
    };
    (void)state;
    log_in();
    read_csrf();
    char *texts[] = {member("sessionId"), member("connectionId")};
    strcpy(session_id, texts[0]);
    strcpy(conn_id, texts[1]);
    strcpy(blank, session_id);
    *strchr(blank, '+') = ' ';
    free(texts[0]);
    free(texts[1]);
    strcpy(good, cookies);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        const char *ids[] = {r->session_id, r->conn_id};
        for (int n = 0; n < 2; n++)
            ids[n] = ids[n] == S   ? session_id
                     : ids[n] == C ? conn_id
                     : ids[n] == B ? blank
                                   : ids[n];
        t_row(r->name);
        site.rules.checks = r->checks;
        site.rules.guest = r->guest;
        strcpy(cookies, r->cookies ? r->cookies : good);
        t_str(knock(&(struct request){
                  .path = r->path, .origin = r->origin, .session_id = ids[0], .conn_id = ids[1]}),
              r->reason);
        if (strcmp(r->reason, "path") == 0)
            t_int(answer.status, 404);
        else if (strcmp(r->reason, "origin") == 0)
            t_int(answer.status, 403);
        else if (*r->reason)
            t_int(answer.status, 302);
    }
}

static void a_cookie_of_another_session(void **state)
{
    (void)state;
    log_in();
    read_csrf();
    char *session_id = member("sessionId"), *conn_id = member("connectionId");
    cookies[0] = '\0';
    log_in(); /* again */
    const struct request mixed = {
        .path = "ws", .origin = ORIGIN, .session_id = session_id, .conn_id = conn_id};
    t_str(knock(&mixed), "cookie");
    site.rules.checks = TERMINAL_CHECK_ALL & ~TERMINAL_CHECK_IDS;
    t_str(knock(&mixed), "cookie"); /* named, though not checked */
    free(session_id);
    free(conn_id);
}

static void ids_end_with_the_session(void **state)
{
    (void)state;
    log_in();
    read_csrf();
    char *session_id = member("sessionId"), *conn_id = member("connectionId");
    const struct request good = {
        .path = "ws", .origin = ORIGIN, .session_id = session_id, .conn_id = conn_id};
    t_str(knock(&good), "");
    now.mono_ms += 60000;
    t_str(knock(&good), "session_id");
    read_csrf(); /* anonymous again */
    t_true(!member("sessionId"));
    log_in();
    free(session_id);
    free(conn_id);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_first_answer_sets_both_cookies),
        TEST(the_profile_before_and_after_login),
        TEST(logins),
        TEST(the_list_of_instruments),
        TEST(an_ended_session_is_refused_as_configured),
        TEST(handshakes),
        TEST(a_cookie_of_another_session),
        TEST(ids_end_with_the_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
