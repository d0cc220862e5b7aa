/*
 * sim_fixture: a simulated broker with a fault file on its own thread, and a client of it.
 */
#ifndef SIM_FIXTURE_H
#define SIM_FIXTURE_H

#include "sim/sim_broker.h"

#include "base/json.h"
#include "sim/account.h"
#include "unit/serve/ws_fixture.h"

struct sim {
    struct running running;
    struct sim_broker *broker;
    char token[64];
};

#define CONTROL "X-Username: demo\r\nX-Password: secret\r\n" /* headers that control it */

/* Sends a request and reads the answer; NULL headers: none. */
__attribute__((unused)) static void ask(int fd, const char *request, const char *headers,
                                        struct answer *a)
{
    char text[2000];
    bool post = strncmp(request, "POST ", 5) == 0;
    snprintf(text, sizeof(text), "%s HTTP/1.1\r\nHost: x\r\n%s%s\r\n", request,
             post ? "Content-Length: 0\r\n" : "", headers ? headers : "");
    say(fd, text);
    if (!read_answer(fd, a))
        fail_msg("%s: no answer to %s", t_row_name, request);
}

__attribute__((unused)) static void log_in(struct sim *s)
{
    struct answer a;
    make_answer(&a);
    int fd = dial(&s->running);
    ask(fd, "POST /auth/getToken", "X-Username: demo\r\nX-Password: secret\r\n", &a);
    t_int(a.status, 200);
    const char *token = strstr(a.head, "x-auth-token: ");
    t_true(token && sscanf(token, "x-auth-token: %63s", s->token) == 1);
    close(fd);
    buf_finish(&a.body);
}

/* A counter of GET /sim/stats. */
__attribute__((unused)) static long counter(struct sim *s, const char *name)
{
    struct answer a;
    double value = -1;
    struct json_parser *parser = json_parser_create();
    make_answer(&a);
    int fd = dial(&s->running);
    ask(fd, "GET /sim/stats", NULL, &a);
    const struct json *root = json_parse(parser, buf_text(&a.body), a.body.len_bytes, NULL);
    t_true(json_number(json_get(root, name), &value));
    json_parser_destroy(parser);
    close(fd);
    buf_finish(&a.body);
    return (long)value;
}

__attribute__((unused)) static void wait_counter(struct sim *s, const char *name, long value)
{
    int64_t until_ms = clock_now().mono_ms + PATIENCE_S * 1000;
    while (counter(s, name) != value) {
        if (clock_now().mono_ms > until_ms)
            fail_msg("%s: %s is %ld, expected %ld", t_row_name, name, counter(s, name), value);
    }
}

/* A broker of 20 instruments that do not change by themselves. */
__attribute__((unused)) static void start_sim(struct sim *s, const char *faults)
{
    char path[] = "/tmp/cinta-faults-XXXXXX";
    struct err err = {0};
    int fd = mkstemp(path);
    t_int(write(fd, faults, strlen(faults)), (long)strlen(faults));
    close(fd);
    *s = (struct sim){.running = {.loop = loop_create()}};
    const struct sim_broker_config config = {
        .host = "127.0.0.1",
        .instruments = 20,
        .seed = 1,
        .user = "demo",
        .password = "secret",
        .token_ttl_ms = 600000,
        .faults_path = path,
        .stream_proofs = ACCOUNT_HEADER | ACCOUNT_COOKIE | ACCOUNT_QUERY,
    };
    if (sim_broker_create(&s->broker, s->running.loop, &config, &err))
        fail_msg("%s: %s", t_row_name, err.text);
    unlink(path);
    s->running.port = sim_broker_port(s->broker);
    listen_to_us(&s->running);
    pthread_create(&s->running.thread, NULL, run, &s->running);
}

__attribute__((unused)) static void stop_sim(struct sim *s)
{
    stop_loop(&s->running);
    sim_broker_destroy(s->broker);
    ev_async_stop(loop_native(s->running.loop), &s->running.stop);
    ev_async_stop(loop_native(s->running.loop), &s->running.ask);
    loop_destroy(s->running.loop);
}

#endif
