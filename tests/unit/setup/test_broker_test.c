#include "setup/broker_test.h"

#include "support/config_text.h"
#include "support/tcp_server.h"

#define HEAD(status) "HTTP/1.1 " status "\r\nConnection: close\r\n"
#define JSON         "Content-Type: application/json\r\n"
#define HTML         "Content-Type: text/html\r\n"
#define LIST         "{\"status\":\"OK\",\"instruments\":[]}"

enum answer { TOKEN, NO_TOKEN, REFUSED, PAGE, BROKEN, CLOSED, LISTED, UNAUTHORIZED };

static const struct server_step steps[] = {
    [TOKEN] = {HEAD("200 OK") "X-Auth-Token: t0ken-of-the-broker\r\nContent-Length: 0\r\n\r\n",
               .then = THEN_CLOSE},
    [NO_TOKEN] = {HEAD("200 OK") "Content-Length: 0\r\n\r\n", .then = THEN_CLOSE},
    [REFUSED] = {HEAD("401 Unauthorized") "Content-Length: 0\r\n\r\n", .then = THEN_CLOSE},
    [PAGE] = {HEAD("200 OK") HTML "Content-Length: 31\r\n\r\n<title>Mantenimiento</title><p>",
              .then = THEN_CLOSE},
    [BROKEN] = {HEAD("500 Oops") "Content-Length: 0\r\n\r\n", .then = THEN_CLOSE},
    [CLOSED] = {"", .then = THEN_CLOSE},
    [LISTED] = {HEAD("200 OK") JSON "Content-Length: 32\r\n\r\n" LIST, .then = THEN_CLOSE},
    [UNAUTHORIZED] = {HEAD("401 Unauthorized") JSON "Content-Length: 2\r\n\r\n{}",
                      .then = THEN_CLOSE},
};

/* A broker whose answer to each request is `answer`. */
static struct config *config_of(const struct tcp_server *server, enum answer answer)
{
    char text[512];
    struct config *config = NULL;
    struct err err;
    int len = snprintf(text, sizeof(text),
                       "broker { url = \"http://127.0.0.1:%d/%d/\"\nuser = alice }\n"
                       "instruments { symbols = {A} }\n",
                       server->port, (int)answer);
    if (config_parse(text, (size_t)len, "f.conf", &config, &err))
        fail_msg("%s", err.text);
    return config;
}

static void logins(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum answer answer;
        enum broker_test_end end;
        const char *words;
    } rows[] = {
        {"a token", TOKEN, BROKER_TEST_OK, ""},
        {"no token", NO_TOKEN, BROKER_TEST_UNAVAILABLE, "token"},
        {"refused", REFUSED, BROKER_TEST_REFUSED, "401"},
        {"a web page", PAGE, BROKER_TEST_UNAVAILABLE, "Mantenimiento"},
        {"an error of the broker", BROKEN, BROKER_TEST_UNAVAILABLE, "500"},
        {"closed without an answer", CLOSED, BROKER_TEST_UNAVAILABLE, ""},
    };
    struct tcp_server *server = server_start(steps);
    struct secret password = {0};
    t_int(secret_set(&password, "hunter2", 7), 0);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct config *config = config_of(server, rows[i].answer);
        struct cached_token token = {.token = "untouched"};
        struct err why = {0};
        t_row(rows[i].name);
        t_int(broker_test_login(config, &password, &token, &why), rows[i].end);
        t_str(token.token, rows[i].end == BROKER_TEST_OK ? "t0ken-of-the-broker" : "untouched");
        t_int(token.obtained_ns > 0, rows[i].end == BROKER_TEST_OK);
        t_contains(why.text, rows[i].words);
        t_int(*why.text != '\0', rows[i].end != BROKER_TEST_OK);
        t_true(!strstr(why.text, "hunter2"));
        config_free(config);
    }
    const char *seen = server_seen(server);
    t_contains(seen, "POST /0/auth/getToken HTTP/1.1\r\n");
    t_contains(seen, "X-Username: alice\r\n");
    t_contains(seen, "X-Password: hunter2\r\n");
    secret_wipe(&password);
    server_stop(server);
}

static void lists(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum answer answer;
        enum broker_test_end end;
        size_t max_bytes;
    } rows[] = {
        {"a list", LISTED, BROKER_TEST_OK, 1000},
        {"larger than the buffer", LISTED, BROKER_TEST_UNAVAILABLE, 31},
        {"refused", UNAUTHORIZED, BROKER_TEST_REFUSED, 1000},
        {"a web page", PAGE, BROKER_TEST_UNAVAILABLE, 1000},
        {"closed without an answer", CLOSED, BROKER_TEST_UNAVAILABLE, 1000},
    };
    struct tcp_server *server = server_start(steps);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct config *config = config_of(server, rows[i].answer);
        struct err why = {0};
        struct buf list;
        t_row(rows[i].name);
        buf_init(&list, rows[i].max_bytes);
        t_int(broker_test_list(config, "t0ken", &list, &why), rows[i].end);
        t_str(buf_text(&list), rows[i].end == BROKER_TEST_OK ? LIST : "");
        t_int(*why.text != '\0', rows[i].end != BROKER_TEST_OK);
        buf_finish(&list);
        config_free(config);
    }
    t_contains(server_seen(server), "GET /6/rest/instruments/all HTTP/1.1\r\n");
    t_contains(server_seen(server), "X-Auth-Token: t0ken\r\n");
    server_stop(server);
}

static void a_certificate_file_that_does_not_exist(void **state)
{
    (void)state;
    struct tcp_server *server = server_start(steps);
    struct config *config = config_of(server, TOKEN);
    char *before = config->broker.ca_file, missing[] = "/nowhere/ca.pem";
    struct secret password = {0};
    struct cached_token token = {.token = "untouched"};
    struct err why = {0};
    t_int(secret_set(&password, "hunter2", 7), 0);
    config->broker.ca_file = missing;
    t_int(broker_test_login(config, &password, &token, &why), BROKER_TEST_FAILED);
    t_contains(why.text, "/nowhere/ca.pem");
    t_int(server_connections(server), 0);
    config->broker.ca_file = before;
    secret_wipe(&password);
    config_free(config);
    server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logins),
        cmocka_unit_test(lists),
        cmocka_unit_test(a_certificate_file_that_does_not_exist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
