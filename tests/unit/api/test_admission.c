#include "api/admission.h"

#include "support/t.h"

#include <strings.h>

/* Headers as pairs of name and value. */
static const char *find_header(void *self, const char *name)
{
    const char *const *pairs = self;
    for (; *pairs; pairs += 2) {
        if (strcasecmp(pairs[0], name) == 0)
            return pairs[1];
    }
    return NULL;
}

static struct web_request request_of(const char *const *headers, const char *local)
{
    return (struct web_request){
        .path = "", .local = local, .header = find_header, .self = (void *)headers};
}

static void places(void **state)
{
    (void)state;
    static const char *const hosts[] = {"quotes.example"};
    static const char *const origins[] = {"https://app.example"};
    static const struct access_rules rules = {
        .hosts = hosts, .hosts_count = 1, .origins = origins, .origins_count = 1};
    static const struct {
        const char *name, *local, *host, *origin, *words; /* NULL: allowed */
    } rows[] = {
        {"the address of the connection", "192.0.2.5", "192.0.2.5:8787", NULL, NULL},
        {"another address of the machine", "192.0.2.5", "192.0.2.6:8787", NULL, "serve.hosts"},
        {"this machine", "127.0.0.1", "localhost:8787", NULL, NULL},
        {"a configured name", "192.0.2.5", "quotes.example", NULL, NULL},
        {"a name that resolves to us", "127.0.0.1", "evil.example:8787", NULL,
         "Host 'evil.example:8787' is not a name of this service"},
        {"no host", "127.0.0.1", NULL, NULL, "Host ''"},
        {"a page of ours", "127.0.0.1", "localhost:8787", "http://localhost:8787", NULL},
        {"a page of another port", "127.0.0.1", "localhost:8787", "http://localhost:1",
         "Origin 'http://localhost:1' may not"},
        {"a configured page", "127.0.0.1", "localhost:8787", "https://app.example", NULL},
        {"a strange page", "127.0.0.1", "localhost:8787", "https://x.example", "serve.origins"},
        {"any name by the file of a socket", "unix", "whatever", NULL, NULL},
        {"a page by the file of a socket", "unix", "whatever", "http://x.example", "serve.origins"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        const char *const headers[] = {rows[i].host ? "host" : "x",
                                       rows[i].host ? rows[i].host : "",
                                       rows[i].origin ? "origin" : "y", rows[i].origin, NULL};
        const struct web_request request = request_of(headers, rows[i].local);
        struct web_answer answer;
        web_answer_init(&answer);
        t_row(rows[i].name);
        t_int(admission_check_place(&rules, &request, &answer) != 0, rows[i].words != NULL);
        t_int(answer.status, rows[i].words ? 403 : 200);
        if (rows[i].words)
            t_contains(buf_text(&answer.body), rows[i].words);
        web_answer_finish(&answer);
    }
}

static void tokens(void **state)
{
    (void)state;
    static const struct {
        const char *token, *header, *name, *value;
        bool allowed;
    } rows[] = {
        {"", NULL, NULL, NULL, true},
        {"", "anything", NULL, NULL, true},
        {"secret", NULL, NULL, NULL, false},
        {"secret", "secret", NULL, NULL, true},
        {"secret", "secre", NULL, NULL, false},
        {"secret", NULL, "token", "secret", true},
        {"secret", NULL, "session_id", "secret", true},
        {"secret", NULL, "access_token", "secret", true},
        {"secret", NULL, "X-Auth-Token", "secret", true},
        {"secret", NULL, "server", "secret", false},
        {"secret", "wrong", "token", "secret", false}, /* the header is what counts */
        {"a+b", NULL, "token", "a b", true},           /* '+' in a URL */
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        const struct access_rules rules = {.token = rows[i].token};
        const char *const headers[] = {rows[i].header ? "x-auth-token" : "x", rows[i].header, NULL};
        struct web_request request = request_of(headers, "127.0.0.1");
        struct web_answer answer;
        web_answer_init(&answer);
        if (rows[i].name)
            request.params[request.params_count++] =
                (struct web_param){rows[i].name, rows[i].value};
        t_row(rows[i].name ? rows[i].name : "header");
        t_int(admission_check_token(&rules, &request, &answer) == 0, rows[i].allowed);
        t_int(answer.status, rows[i].allowed ? 200 : 401);
        web_answer_finish(&answer);
    }
}

static void what_a_page_may_see(void **state)
{
    (void)state;
    static const char *const none[] = {NULL};
    static const char *const page[] = {"Origin", "https://app.example",
                                       "Access-Control-Request-Private-Network", "true", NULL};
    struct web_request request = request_of(none, "127.0.0.1");
    struct web_answer answer;
    web_answer_init(&answer);
    admission_share(&request, &answer);
    t_true(!web_answer_header(&answer, "access-control-allow-origin"));
    request = request_of(page, "127.0.0.1");
    admission_share(&request, &answer);
    t_str(web_answer_header(&answer, "access-control-allow-origin"), "https://app.example");
    t_str(web_answer_header(&answer, "access-control-expose-headers"), "X-Auth-Token");
    t_str(web_answer_header(&answer, "vary"), "Origin");
    web_add_header(&answer, "x-other", "1");
    web_put(&answer, 500, "text/plain", "another answer");
    t_str(web_answer_header(&answer, "access-control-allow-origin"), "https://app.example");
    t_true(!web_answer_header(&answer, "x-other"));
    admission_preflight(&request, &answer);
    t_int(answer.status, 204);
    t_contains(web_answer_header(&answer, "access-control-allow-headers"), "X-Password");
    t_str(web_answer_header(&answer, "access-control-allow-private-network"), "true");
    web_answer_finish(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places),
        cmocka_unit_test(tokens),
        cmocka_unit_test(what_a_page_may_see),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
