#include "net/multi.h"

#include "support/tcp_server.h"

#include <curl/curl.h>

#define PATIENCE_MS    20000
#define TRANSFERS      3
#define OK_ANSWER(len) "HTTP/1.1 200 OK\r\nContent-Length: " len "\r\n\r\n"

/* Step 0 answers and keeps the connection, step 1 never answers, step 2 closes it without an
 * answer.
 */
static const struct server_step steps[] = {
    {.bytes = OK_ANSWER("2") "ok"},
    {.bytes = "", .then = THEN_HANG},
    {.bytes = "", .then = THEN_CLOSE},
};

struct transfer {
    CURL *easy;
    int ends, code;
};

struct bench {
    struct loop *loop;
    struct loop_timer *patience;
    struct multi *multi;
    struct tcp_server *server;
    struct transfer transfer[TRANSFERS];
    int pending;
    struct transfer *add_at_end;    /* added inside the next done(); NULL = none */
    struct transfer *remove_at_end; /* removed inside the next done(); NULL = none */
};

static size_t ignore_body(char *data, size_t one, size_t len, void *arg)
{
    (void)data;
    (void)arg;
    return one * len;
}

static void on_patience_over(void *arg)
{
    (void)arg;
    fail_msg("no event within %d ms", PATIENCE_MS);
}

static void add(struct bench *b, struct transfer *t)
{
    t_int(multi_add(b->multi, t->easy), 0);
    b->pending++;
    t_int(t->ends, 0); /* done() is not called inside multi_add() */
}

static void drop(struct bench *b, struct transfer *t)
{
    multi_remove(b->multi, t->easy);
    b->pending--;
}

static void on_done(void *arg, void *private, int code)
{
    struct bench *b = arg;
    struct transfer *t = private, *next = b->add_at_end, *other = b->remove_at_end;
    t->ends++;
    t->code = code;
    b->add_at_end = b->remove_at_end = NULL;
    drop(b, t);
    if (next)
        add(b, next);
    if (other)
        drop(b, other);
    if (b->pending == 0)
        loop_stop(b->loop);
}

static void begin(struct bench *b, int connections)
{
    *b = (struct bench){.loop = loop_create(), .server = server_start(steps)};
    b->patience = loop_timer_create(b->loop, on_patience_over, NULL);
    b->multi = multi_create(b->loop, connections, on_done, b);
    assert_non_null(b->multi);
}

static void end(struct bench *b)
{
    multi_destroy(b->multi);
    for (int i = 0; i < TRANSFERS; i++)
        curl_easy_cleanup(b->transfer[i].easy);
    loop_timer_destroy(b->patience);
    loop_destroy(b->loop);
    server_stop(b->server);
}

static struct transfer *transfer_to(struct bench *b, int i, int port, int step)
{
    struct transfer *t = &b->transfer[i];
    char url[64];
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/%d", port, step);
    t->easy = curl_easy_init();
    curl_easy_setopt(t->easy, CURLOPT_URL, url);
    curl_easy_setopt(t->easy, CURLOPT_PROXY, "");
    curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
    curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, ignore_body);
    return t;
}

static struct transfer *transfer(struct bench *b, int i, int step)
{
    return transfer_to(b, i, b->server->port, step);
}

static void wait_all(struct bench *b)
{
    loop_timer_set(b->patience, PATIENCE_MS);
    loop_run(b->loop);
    loop_timer_stop(b->patience);
    t_int(b->pending, 0);
}

/* A port that nobody listens to. */
static int closed_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    close(fd);
    return ntohs(address.sin_port);
}

static void each_transfer_ends_once_with_its_code(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 4);
    add(&b, transfer(&b, 0, 0));
    add(&b, transfer(&b, 1, 2));
    add(&b, transfer_to(&b, 2, closed_port(), 0));
    wait_all(&b);
    for (int i = 0; i < TRANSFERS; i++)
        t_int(b.transfer[i].ends, 1);
    t_int(b.transfer[0].code, CURLE_OK);
    t_int(b.transfer[1].code, CURLE_GOT_NOTHING);
    t_int(b.transfer[2].code, CURLE_COULDNT_CONNECT);
    end(&b);
}

/* libcurl's time limits use the timer: no byte arrives. */
static void a_time_limit_ends_a_transfer(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 4);
    struct transfer *t = transfer(&b, 0, 1);
    curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, 50L);
    add(&b, t);
    wait_all(&b);
    t_int(t->ends, 1);
    t_int(t->code, CURLE_OPERATION_TIMEDOUT);
    end(&b);
}

/* The connection is idle between two of them: its socket is watched again. */
static void transfers_in_turn_use_one_connection(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 4);
    for (int i = 0; i < TRANSFERS; i++) {
        add(&b, transfer(&b, i, 0));
        wait_all(&b);
        t_int(b.transfer[i].ends, 1);
        t_int(b.transfer[i].code, CURLE_OK);
    }
    t_int(server_connections(b.server), 1);
    end(&b);
}

/* Transfers at the same time: with one connection they wait for each other. */
static void no_more_connections_than_allowed(void **state)
{
    (void)state;
    for (int connections = 1; connections <= TRANSFERS; connections++) {
        struct bench b;
        begin(&b, connections);
        for (int i = 0; i < TRANSFERS; i++)
            add(&b, transfer(&b, i, 0));
        wait_all(&b);
        for (int i = 0; i < TRANSFERS; i++)
            t_int(b.transfer[i].code, CURLE_OK);
        t_int(server_connections(b.server), connections);
        end(&b);
    }
}

/* One that waits for the only connection gets it when the one that has it is removed. */
static void a_removed_transfer_frees_its_connection(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 1);
    struct transfer *hanging = transfer(&b, 0, 1), *waiting = transfer(&b, 1, 0);
    add(&b, hanging);
    add(&b, waiting);
    add(&b, transfer_to(&b, 2, closed_port(), 0)); /* another host: it does not wait */
    b.remove_at_end = hanging;
    wait_all(&b);
    t_int(b.transfer[2].ends, 1);
    t_int(hanging->ends, 0);
    t_int(waiting->ends, 1);
    t_int(waiting->code, CURLE_OK);
    end(&b);
}

static void a_removed_transfer_is_not_reported(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 4);
    struct transfer *removed = transfer(&b, 0, 0);
    add(&b, removed);
    drop(&b, removed);
    add(&b, transfer(&b, 1, 0));
    wait_all(&b);
    t_int(removed->ends, 0);
    t_int(b.transfer[1].ends, 1);
    /* It can be added again. */
    add(&b, removed);
    wait_all(&b);
    t_int(removed->ends, 1);
    t_int(removed->code, CURLE_OK);
    end(&b);
}

static void done_may_add_and_remove(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 4);
    b.add_at_end = transfer(&b, 1, 0);
    b.remove_at_end = transfer(&b, 2, 1);
    add(&b, b.remove_at_end);
    add(&b, transfer(&b, 0, 0));
    wait_all(&b);
    t_int(b.transfer[0].ends, 1);
    t_int(b.transfer[1].ends, 1);
    t_int(b.transfer[2].ends, 0);
    end(&b);
}

static void destroyed_with_an_idle_connection_or_none(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 4);
    add(&b, transfer(&b, 0, 0));
    wait_all(&b);
    end(&b); /* the connection is still open: nothing may leak */
    begin(&b, 4);
    end(&b);
    multi_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_transfer_ends_once_with_its_code),
        cmocka_unit_test(a_time_limit_ends_a_transfer),
        cmocka_unit_test(transfers_in_turn_use_one_connection),
        cmocka_unit_test(no_more_connections_than_allowed),
        cmocka_unit_test(a_removed_transfer_frees_its_connection),
        cmocka_unit_test(a_removed_transfer_is_not_reported),
        cmocka_unit_test(done_may_add_and_remove),
        cmocka_unit_test(destroyed_with_an_idle_connection_or_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
