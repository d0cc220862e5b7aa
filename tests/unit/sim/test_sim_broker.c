#include "sim_fixture.h"

#define POLL_TARGET                                                                                \
    "GET "                                                                                         \
    "/rest/marketdata/get?marketId=ROFX&symbol=MERV+-+XMEV+-+AL30+-+24hs&entries=BI,OF&depth=5"

static const char *token_header(const struct sim *s)
{
    static char header[100];
    snprintf(header, sizeof(header), "X-Auth-Token: %s\r\n", s->token);
    return header;
}

static void requests_need_the_token(void **state)
{
    struct sim s;
    struct answer a;
    (void)state;
    make_answer(&a);
    start_sim(&s, "");
    int fd = dial(&s.running);
    ask(fd, POLL_TARGET, NULL, &a);
    t_int(a.status, 401);
    ask(fd, "POST /auth/getToken", "X-Username: demo\r\nX-Password: wrong\r\n", &a);
    t_int(a.status, 401);
    ask(fd, "POST /auth/getToken", "X-Username: demo\r\nX-Password: secret\r\n", &a);
    t_contains(a.head, "set-cookie: JSESSIONID=");
    t_contains(a.head, "; Path=/\r\n");
    log_in(&s);
    ask(fd, POLL_TARGET, token_header(&s), &a);
    t_int(a.status, 200);
    t_contains(buf_text(&a.body), "\"marketData\":{\"BI\":");
    t_int(counter(&s, "logins"), 2);
    t_int(counter(&s, "login_refused"), 1);
    t_int(counter(&s, "unauthorized"), 1);
    t_int(counter(&s, "market_data"), 2);
    close(fd);
    stop_sim(&s);
    buf_finish(&a.body);
}

static void control_requests(void **state)
{
    static const struct row {
        const char *request;
        int status;
        const char *body;
    } rows[] = {
        {"GET /sim/stats", 200, "\"requests\":"},
        {"POST /sim/stats", 404, "ERROR"},
        {"GET /sim/expire", 404, "ERROR"},
        {"POST /sim/none", 404, "ERROR"},
        {"POST /sim/market?rate=100", 200, "OK"},
        {"POST /sim/market?rate=0", 200, "OK"},
        {"POST /sim/market?rate=-1", 400, "rate must be from 0 to 1000000"},
        {"POST /sim/market?rate=1000001", 400, "rate must be from 0 to 1000000"},
        {"POST /sim/market?rate=x", 400, "rate must be"},
        {"POST /sim/market", 400, "rate must be"},
        {"POST /sim/market?state=closed", 200, "OK"},
        {"POST /sim/market?state=open&rate=0", 200, "OK"},
        {"POST /sim/market?state=ajar", 400, "allowed: open closed"},
        {"POST /sim/stream?kind=mute&dialect=fix", 400, "dialect is not valid"},
        {"POST /sim/stream?kind=mute&dialect=matriz", 200, "OK"},
        {"POST /sim/sessions", 404, "ERROR"}, /* there is no terminal */
        {"POST /sim/stream?kind=mute", 200, "OK"},
        {"POST /sim/stream?kind=goodbye&code=1000", 200, "OK"},
        {"POST /sim/stream?kind=goodbye&code=999", 400, "code must be from 1000 to 4999"},
        {"POST /sim/stream?kind=goodbye&code=5000", 400, "code must be from 1000 to 4999"},
        {"POST /sim/stream?kind=drip", 400, "kind is not valid"},
        {"POST /sim/stream?kind=x", 400, "kind is not valid"},
        {"POST /sim/stream", 400, "kind is not valid"},
        {"POST /sim/user", 404, "ERROR"},
    };
    struct sim s;
    struct answer a;
    (void)state;
    make_answer(&a);
    start_sim(&s, "fault { path = \"sim/*\" kind = \"blank\" status = 500 }"); /* never applied */
    int fd = dial(&s.running);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].request);
        ask(fd, rows[i].request, CONTROL, &a);
        t_int(a.status, rows[i].status);
        t_contains(buf_text(&a.body), rows[i].body);
    }
    t_row("expire");
    log_in(&s);
    ask(fd, POLL_TARGET, token_header(&s), &a);
    t_int(a.status, 200);
    ask(fd, "POST /sim/expire", CONTROL, &a);
    ask(fd, POLL_TARGET, token_header(&s), &a);
    t_int(a.status, 401);
    t_row("user");
    ask(fd, "POST /sim/user?password=next", CONTROL, &a);
    ask(fd, "POST /auth/getToken", "X-Username: demo\r\nX-Password: secret\r\n", &a);
    t_int(a.status, 401);
    ask(fd, "POST /auth/getToken", "X-Username: demo\r\nX-Password: next\r\n", &a);
    t_int(a.status, 200);
    close(fd);
    stop_sim(&s);
    buf_finish(&a.body);
}

/* `text` with its @ replaced. */
static void fill_in(char *out, const char *text, const char *token)
{
    size_t len = strcspn(text, "@");
    memcpy(out, text, len);
    strcpy(out + len, text[len] ? token : "");
    strcat(out, text[len] ? text + len + 1 : "");
}

static void control_needs_the_token_or_the_password(void **state)
{
    static const struct row {
        const char *request, *headers; /* @: the token */
        int status;
    } rows[] = {
        {"GET /sim/stats", "", 200},
        {"POST /sim/market?rate=0", "", 401},
        {"POST /sim/market?rate=0", "X-Auth-Token: @\r\n", 200},
        {"POST /sim/market?rate=0", "X-Auth-Token: x\r\n", 401},
        {"POST /sim/market?rate=0", "X-Username: demo\r\nX-Password: wrong\r\n", 401},
        {"POST /sim/market?rate=0", "X-Username: demo\r\n", 401},
        {"POST /sim/market?rate=0", CONTROL, 200},
        {"POST /sim/stream?kind=mute", "", 401},
        {"POST /sim/user?password=other", "", 401},
        {"POST /sim/expire", "", 401},
        {"GET /sim/expire", "", 401},
        {"POST /sim/stats", "", 401},
        {"POST /sim/market?rate=0", "X-Auth-Token: @\r\n", 200}, /* nothing has been changed */
        {"POST /sim/expire", "X-Auth-Token: @\r\n", 200},
        {"POST /sim/market?rate=0", "X-Auth-Token: @\r\n", 401},
        {"POST /sim/market?rate=0", "X-Auth-Token: \r\n", 401}, /* "" is not the absent token */
        {"POST /sim/market?rate=0", CONTROL, 200},
    };
    struct sim s;
    struct answer a;
    (void)state;
    make_answer(&a);
    start_sim(&s, "");
    log_in(&s);
    int fd = dial(&s.running);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char headers[200];
        t_row(rows[i].request);
        fill_in(headers, rows[i].headers, s.token);
        ask(fd, rows[i].request, headers, &a);
        t_int(a.status, rows[i].status);
        t_true(a.status == 200 || strstr(buf_text(&a.body), "X-Password"));
    }
    t_int(counter(&s, "logins"), 1);
    t_int(counter(&s, "login_refused"), 0);
    t_int(counter(&s, "unauthorized"), 0);
    close(fd);
    stop_sim(&s);
    buf_finish(&a.body);
}

static void faults_of_answers(void **state)
{
    static const struct row {
        const char *fault;
        int status; /* 0: the connection ends as `body` says */
        const char *head, *body;
    } rows[] = {
        {"kind = \"status\" status = 429 retry_after = 7", 429, "retry-after: 7\r\n", "simulated"},
        {"kind = \"redirect\" location = \"https://a.b/login?x=1\"", 302,
         "location: https://a.b/login?x=1\r\n", ""},
        {"kind = \"page\" status = 403 title = \"Wait\"", 403, "text/html", "<title>Wait</title>"},
        {"kind = \"expire\"", 401, "json", "Unauthorized"},
        {"kind = \"slow\" delay = 0.05", 200, "json", "marketData"},
        {"kind = \"slow\" delay = 0", 200, "json", "marketData"},
        {"kind = \"reset\"", 0, "", "reset"},
        {"kind = \"close\"", 0, "", "closed"},
    };
    struct sim s;
    struct answer a;
    (void)state;
    make_answer(&a);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char faults[300];
        t_row(rows[i].fault);
        snprintf(faults, sizeof(faults), "fault { path = \"rest/*\" count = 1 %s }", rows[i].fault);
        start_sim(&s, faults);
        log_in(&s);
        int fd = dial(&s.running);
        if (rows[i].status) {
            ask(fd, POLL_TARGET, token_header(&s), &a);
            t_int(a.status, rows[i].status);
            t_contains(a.head, rows[i].head);
            t_contains(buf_text(&a.body), rows[i].body);
        } else {
            get(fd, "rest/accounts");
            t_str(ending(fd), rows[i].body);
        }
        t_int(counter(&s, "faults"), 1);
        close(fd);
        stop_sim(&s);
    }
    buf_finish(&a.body);
}

static void it_is_destroyed_while_answers_are_delayed(void **state)
{
    struct sim s;
    int fds[10];
    (void)state;
    start_sim(&s, "fault { path = \"rest/*\" kind = \"slow\" delay = 600 }");
    for (size_t i = 0; i < T_COUNT(fds); i++) {
        fds[i] = dial(&s.running);
        get(fds[i], "rest/accounts");
    }
    wait_counter(&s, "in_flight", (long)T_COUNT(fds) + 1); /* 1: the one that asks */
    close(fds[0]);                                         /* two clients leave before */
    close(fds[1]);
    wait_counter(&s, "in_flight", (long)T_COUNT(fds) - 1);
    stop_sim(&s);
    for (size_t i = 2; i < T_COUNT(fds); i++) {
        t_str(ending(fds[i]), "closed");
        close(fds[i]);
    }
}

static void streams_need_the_token_too(void **state)
{
    static const struct row {
        const char *name, *path, *header; /* @: the token */
        int status;
    } rows[] = {
        {"no token", "", "", 401},
        {"a wrong one", "", "X-Auth-Token: x\r\n", 401},
        {"in the header", "", "X-Auth-Token: @\r\n", 101},
        {"in the cookie", "ws", "Cookie: a=b; JSESSIONID=@\r\n", 101},
        {"another cookie", "", "Cookie: XSESSIONID=@\r\n", 401},
        {"in the query", "?session_id=@", "", 101},
        {"another path", "other", "X-Auth-Token: @\r\n", 404},
    };
    struct sim s;
    struct answer a;
    (void)state;
    make_answer(&a);
    start_sim(&s, "");
    log_in(&s);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char path[400], header[200], encoded[200] = "";
        t_row(rows[i].name);
        for (const char *c = s.token; *c; c++)
            snprintf(encoded + strlen(encoded), 4, "%%%02X", *c);
        fill_in(path, rows[i].path, encoded);
        fill_in(header, rows[i].header, s.token);
        int fd = dial(&s.running);
        upgrade(fd, path, header);
        t_true(read_answer(fd, &a));
        t_int(a.status, rows[i].status);
        close(fd);
    }
    t_int(counter(&s, "stream_opened"), 3);
    t_int(counter(&s, "stream_refused"), 4);
    wait_counter(&s, "streams", 0);
    stop_sim(&s);
    buf_finish(&a.body);
}

static void a_fault_file_with_an_error_is_refused(void **state)
{
    struct loop *loop = loop_create();
    struct sim_broker *broker = NULL;
    struct err err;
    (void)state;
    const struct sim_broker_config config = {.host = "127.0.0.1",
                                             .instruments = 5,
                                             .user = "u",
                                             .password = "p",
                                             .faults_path = "/no/such/file"};
    t_int(sim_broker_create(&broker, loop, &config, &err), -ENOENT);
    t_contains(err.text, "/no/such/file");
    t_true(broker == NULL);
    loop_destroy(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_need_the_token),
        cmocka_unit_test(control_requests),
        cmocka_unit_test(control_needs_the_token_or_the_password),
        cmocka_unit_test(faults_of_answers),
        cmocka_unit_test(it_is_destroyed_while_answers_are_delayed),
        cmocka_unit_test(streams_need_the_token_too),
        cmocka_unit_test(a_fault_file_with_an_error_is_refused),
    };
    signal(SIGPIPE, SIG_IGN); /* as every program with sockets does */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
