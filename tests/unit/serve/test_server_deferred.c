#include "server_fixture.h"

#define CALM_TURNS 300 /* of the loop while one answer is awaited; a busy loop makes thousands */

static void check_calm(struct running *r, unsigned turns_before)
{
    stats(r);
    if (r->turns - turns_before > CALM_TURNS)
        fail_msg("%s: %u turns of the loop", t_row_name, r->turns - turns_before);
}

/* Each answer begins with the letter of pattern(0); so the number of bytes tells them apart. */
static void requests_behind_a_deferred_answer_wait_and_the_loop_rests(void **state)
{
#define GET(path)  "GET /" path " HTTP/1.1\r\nHost: x\r\n\r\n"
#define POST(path) "POST /" path " HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
    static const struct row {
        const char *name, *requests, *later; /* `later` is sent while the answer is awaited */
        int lens[5];
        bool ahead; /* needs TAKES_REQUESTS_AHEAD */
    } rows[] = {
        {"alone", GET("slow/200/1"), "", {1}, false},
        {"one behind", GET("slow/200/1") GET("bytes/2"), "", {1, 2}, false},
        {"behind another", GET("bytes/1") GET("slow/200/2"), "", {1, 2}, false},
        {"in the middle", GET("bytes/1") GET("slow/200/2") GET("bytes/3"), "", {1, 2, 3}, false},
        {"two deferred", GET("slow/100/1") GET("slow/100/2"), "", {1, 2}, false},
        {"three deferred",
         GET("slow/100/1") GET("slow/1/2") GET("slow/100/3"),
         "",
         {1, 2, 3},
         false},
        {"due at once", GET("bytes/1") GET("slow/0/2") GET("bytes/3"), "", {1, 2, 3}, false},
        {"one sent meanwhile", GET("slow/200/1"), GET("bytes/2"), {1, 2}, true},
        {"more sent meanwhile",
         GET("bytes/1") GET("slow/200/2") GET("bytes/3"),
         GET("slow/100/4") GET("bytes/5"),
         {1, 2, 3, 4, 5},
         true},
        {"a POST with a body", POST("slow/200/1"), "", {1}, false},
        {"a POST and one behind", POST("slow/200/1") GET("bytes/2"), "", {1, 2}, true},
        {"half a request behind",
         GET("slow/200/1") "GET /bytes/2 HT",
         "TP/1.1\r\nHost: x\r\n\r\n",
         {1, 2},
         true},
    };
    struct running *r = *state;
    struct answer a;
    make_answer(&a);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        if (rows[i].ahead && !TAKES_REQUESTS_AHEAD)
            continue;
        stats(r);
        unsigned turns = r->turns;
        int fd = dial(r);
        say(fd, rows[i].requests);
        if (*rows[i].later)
            stats(r); /* the loop has run since */
        say(fd, rows[i].later);
        for (int n = 0; n < 5 && rows[i].lens[n]; n++) {
            t_true(read_answer(fd, &a));
            check_pattern(&a.body, (size_t)rows[i].lens[n]);
        }
        check_calm(r, turns);
        close(fd);
    }
    wait_in_flight(r, 0);
    buf_finish(&a.body);
}

static void an_answer_completed_in_the_handler_is_sent(void **state)
{
    struct running *r = *state;
    struct answer a;
    make_answer(&a);
    int fd = dial(r);
    for (int i = 0; i < 3; i++) {
        get(fd, "inside");
        t_true(read_answer(fd, &a));
        t_int(a.status, 201);
        t_str(buf_text(&a.body), "inside");
        check_body(fd, "x", "GET x|||");
    }
    close(fd);
    buf_finish(&a.body);
}

static void wait_discarded(int count)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    for (int i = 0; i < count; i++) {
        if (sem_timedwait(&handler.discarded, &until))
            fail_msg("%s: %d answers discarded, expected %d", t_row_name, i, count);
    }
}

/* The answers are due after the server has noticed that the clients are gone. */
static void the_answer_for_a_client_that_disconnected_is_discarded(void **state)
{
    enum { CLIENTS = 20 };
    const struct linger now = {.l_onoff = 1, .l_linger = 0};
    struct running *r = *state;
    int fds[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = dial(r);
        get(fds[i], "slow/3000/3145728");
    }
    wait_in_flight(r, CLIENTS);
    for (int i = 0; i < CLIENTS; i++) {
        if (i % 2)
            setsockopt(fds[i], SOL_SOCKET, SO_LINGER, &now, sizeof(now)); /* RST */
        close(fds[i]);
    }
    wait_in_flight(r, 0);
    still_serves(r);
    wait_discarded(CLIENTS);
    still_serves(r);
}

static void a_thousand_clients_wait_at_once(void **state)
{
    enum { CLIENTS = 1000 };
    struct running *r = *state;
    struct answer a;
    static int fds[CLIENTS];
    make_answer(&a);
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = dial(r);
        get(fds[i], i % 2 ? "slow/100/5" : "slow/100/20000");
    }
    for (int i = 0; i < CLIENTS; i++) {
        t_true(read_answer(fds[i], &a));
        check_pattern(&a.body, i % 2 ? 5 : 20000);
        close(fds[i]);
    }
    wait_in_flight(r, 0);
    t_int(r->stats.http.requests, CLIENTS);
    t_int(r->stats.connections, CLIENTS);
    buf_finish(&a.body);
}

static void others_are_served_while_one_does_not_read_its_answer(void **state)
{
    struct running *r = *state;
    struct answer a;
    make_answer(&a);
    int slow = dial(r), other = dial(r);
    get(slow, "slow/1/6291456");
    t_true(read_head(slow, &a)); /* nothing more is read for now */
    for (int i = 0; i < 20; i++)
        check_body(other, "x", "GET x|||");
    t_int(stats(r).http.in_flight, 1);
    close(slow);
    wait_in_flight(r, 0);
    close(other);
    buf_finish(&a.body);
}

static void the_server_is_destroyed_while_answers_are_awaited(void **state)
{
    enum { CLIENTS = 10 };
    struct running *r = *state;
    char byte;
    int fds[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = dial(r);
        get(fds[i], i % 2 ? "slow/600000/5" : "hang");
    }
    wait_in_flight(r, CLIENTS);
    stop_loop(r);
    server_destroy(r->server);
    r->server = NULL;
    for (struct later *l = handler.first; l; l = l->next)
        t_true(!deferred_wanted(l->deferred));
    while (handler.first)
        finish_later(&handler, handler.first);
    for (int i = 0; i < CLIENTS; i++) {
        t_true(recv(fds[i], &byte, 1, 0) <= 0);
        close(fds[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(requests_behind_a_deferred_answer_wait_and_the_loop_rests),
        TEST(an_answer_completed_in_the_handler_is_sent),
        TEST(the_answer_for_a_client_that_disconnected_is_discarded),
        TEST(a_thousand_clients_wait_at_once),
        TEST(others_are_served_while_one_does_not_read_its_answer),
        TEST(the_server_is_destroyed_while_answers_are_awaited),
    };
    signal(SIGPIPE, SIG_IGN); /* as every program with sockets does */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
