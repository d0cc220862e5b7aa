/*
 * Web pages instead of answers, refusals of all instruments, and rate limits: no instrument is
 * dropped and no login is wasted, fewer requests are sent, and one event reports it.
 */
#include "scenario.h"

#define POLLING "stream { enable = false }"
#define WALL    "<html><head><title>Just a moment...</title></head></html>"
#define INGRESO "<title>Ingreso</title><form action=\"/j_spring_security_check\"></form>"
#define DENIED  "{\"status\":\"ERROR\",\"description\":\"Access Denied\"}"

static struct poller_state polling(const struct service *s)
{
    struct feed_report report;
    feed_report(s->feed, &report);
    t_int(report.unobserved, report.poller.plan.dropped);
    return report.poller;
}

/* --- pages instead of REST answers ------------------------------------------------------------ */

static const struct page {
    const char *name;
    struct world_answer answer;
    const char *words;
} pages[] = {
    {"403 with a page", {403, WALL, NULL, 0}, "title \"Just a moment...\", instead of JSON (403)"},
    {"200 with a page", {200, WALL, NULL, 0}, "title \"Just a moment...\", instead of JSON (200)"},
    {"redirect", {302, NULL, "https://www.broker.test/", 0}, "a redirect to \"https://www.broker"},
    {"empty", {200, NULL, NULL, 0}, "an empty body instead of JSON (200)"},
    {"403, empty", {403, NULL, NULL, 0}, "an empty body instead of JSON (403)"},
    {"404 with a page", {404, WALL, NULL, 0}, "(404)"},
    {"text", {200, "Service Unavailable", NULL, 0}, "the text \"Service Unavailable\" instead of"},
    {"a gateway's JSON",
     {403, "{\"message\":\"Forbidden\"}", NULL, 0},
     "JSON without the broker's"},
    {"login page", {200, INGRESO, NULL, 0}, "a login page, title \"Ingreso\""},
    {"redirect to the login", {302, NULL, "/login", 0}, "a redirect to \"/login\""},
};

static void test_a_page_for_5_seconds(void **state)
{
    (void)state;
    for (size_t i = 0; i < T_COUNT(pages); i++) {
        struct service s = started(MONDAY_NS, POLLING);
        bool login = strstr(pages[i].name, "login") != NULL;
        t_row(pages[i].name);
        run(&s);
        world_pass(s.loop, MINUTE);
        int polls = world.polls;
        world.rest = pages[i].answer;
        world_pass(s.loop, 5 * SECOND);
        t_true(world.polls - polls <= 9); /* those in flight, then one at a time */
        t_int(polling(&s).plan.outage, OUTAGE_PAGES);
        world.rest.status = 0;
        polls = world.polls;
        world_pass(s.loop, 12 * SECOND);
        t_int(polling(&s).plan.outage, OUTAGE_NONE);
        t_true(world.polls - polls > 20); /* at the full rate again */
        t_int(polling(&s).plan.dropped, 0);
        t_int(world_told("page"), 1);
        t_contains(world_words("page"), pages[i].words);
        t_int(world_told("broker_up"), 1);
        t_int(world.login_tries, login ? 2 : 1); /* only a login page causes a login, one */
        t_int(world_told("unauthorized"), login ? 1 : 0);
        check_truth(&s);
        stop(&s);
    }
}

static void test_a_page_for_an_hour(void **state)
{
    (void)state;
    for (size_t i = 0; i < T_COUNT(pages); i++) {
        struct service s = started(MONDAY_NS, POLLING);
        t_row(pages[i].name);
        run(&s);
        world_pass(s.loop, MINUTE);
        int polls = world.polls;
        world.rest = pages[i].answer;
        world_pass(s.loop, HOUR);
        t_true(world.polls - polls <= 200); /* about one a minute */
        t_true(world.login_tries <= 3);
        world.rest.status = 0;
        world_pass(s.loop, 2 * MINUTE);
        t_int(polling(&s).plan.outage, OUTAGE_NONE);
        t_int(polling(&s).plan.dropped, 0);
        t_int(world_told("page"), 1);
        t_int(world_told("broker_up"), 1);
        check_truth(&s);
        stop(&s);
    }
}

/* All requests are answered with a redirect to a login page, the login too. */
static void test_a_page_for_every_request(void **state)
{
    (void)state;
    struct service s = started(MONDAY_NS, POLLING);
    run(&s);
    world_pass(s.loop, MINUTE);
    world.rest = world.login = (struct world_answer){302, NULL, "/login", 0};
    world_pass(s.loop, 3 * SECOND);
    t_int(world.login_tries, 2);
    world.rest.status = world.login.status = 0;
    world_pass(s.loop, 5 * SECOND);
    t_int(polling(&s).plan.outage, OUTAGE_NONE); /* with the same token */
    t_int(world.logins, 1);
    check_truth(&s);
    stop(&s);
}

/* --- a token that becomes invalid ------------------------------------------------------------- */

static void test_an_invalid_token_answered_with_a_page(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct world_answer answer;
        int64_t within_ms;
        const char *words;
    } rows[] = {
        {"401", {401, DENIED, NULL, 0}, 2 * SECOND, "no longer accepts the token"},
        {"login page", {200, INGRESO, NULL, 0}, 2 * SECOND, "a login page"},
        {"redirect to the login", {302, NULL, "/login", 0}, 2 * SECOND, "\"/login\""},
        {"401 with a page", {401, WALL, NULL, 0}, 2 * SECOND, "the token may be invalid"},
        {"403 with a page", {403, WALL, NULL, 0}, 30 * SECOND, "the token may be invalid"},
        {"empty", {200, NULL, NULL, 0}, 30 * SECOND, "the token may be invalid"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct service s = started(MONDAY_NS, POLLING);
        t_row(rows[i].name);
        run(&s);
        world_pass(s.loop, MINUTE);
        world.token = 0;
        world.dead_token = rows[i].answer;
        int64_t from_ms = world.now_ms;
        while (world.logins < 2 && world.now_ms < from_ms + 10 * MINUTE)
            world_pass(s.loop, 100);
        t_true(world.now_ms - from_ms <= rows[i].within_ms);
        t_contains(world_words("unauthorized"), rows[i].words);
        world_pass(s.loop, 5 * SECOND);
        t_int(polling(&s).plan.outage, OUTAGE_NONE);
        t_int(world.login_tries, 2);
        t_int(polling(&s).plan.dropped, 0);
        check_truth(&s);
        stop(&s);
    }
}

/* --- the login ------------------------------------------------------------------------------- */

static void test_pages_at_the_start_are_retried(void **state)
{
    (void)state;
    static const struct world_answer answers[] = {
        {200, WALL, NULL, 0}, {403, WALL, NULL, 0}, {404, WALL, NULL, 0},
        {301, NULL, "/", 0},  {403, NULL, NULL, 0}, {404, NULL, NULL, 0},
    };
    for (size_t i = 0; i < T_COUNT(answers); i++) {
        struct service s = started(MONDAY_NS, POLLING);
        world.login = answers[i];
        run(&s); /* on_keeper fails the test on KEEPER_HOPELESS */
        world_pass(s.loop, 10 * MINUTE);
        t_true(world.login_tries >= 10 && world.login_tries <= 24);
        t_int(world_told("login_failed"), 1);
        t_int(world_told("login_refused"), 0);
        world.login.status = 0;
        world_pass(s.loop, MINUTE + SECOND);
        t_int(world.logins, 1);
        check_truth(&s);
        stop(&s);
    }
}

/* --- refusals of most instruments ------------------------------------------------------------- */

static void test_most_instruments_are_refused(void **state)
{
    (void)state;
    struct service s = started(MONDAY_NS, POLLING);
    run(&s);
    world_pass(s.loop, MINUTE);
    int polls = world.polls;
    world.rest = (struct world_answer){200, DENIED, NULL, 0};
    world_pass(s.loop, 5 * MINUTE);
    t_true(world.polls - polls <= 25);
    t_int(polling(&s).plan.outage, OUTAGE_REFUSALS);
    t_int(polling(&s).plan.dropped, 0);
    t_int(world_told("mass_refusal"), 1);
    t_contains(world_words("mass_refusal"), "Access Denied");
    t_true(world_told("access") <= 5);
    world.rest.status = 0;
    world_pass(s.loop, 61 * SECOND);
    t_int(polling(&s).plan.outage, OUTAGE_NONE);
    t_int(world_told("broker_up"), 1);
    t_int(world.logins, 1);
    check_truth(&s);
    stop(&s);
}

/* --- rate limits ------------------------------------------------------------------------------ */

static void test_a_retry_after_of_a_day(void **state)
{
    (void)state;
    struct service s = started(MONDAY_NS, POLLING);
    run(&s);
    world_pass(s.loop, MINUTE);
    int polls = world.polls;
    world.rest = (struct world_answer){429, NULL, NULL,
                                       15 * MINUTE}; /* a day, as limited by net/retry_after */
    world_pass(s.loop, HOUR);
    t_true(world.polls - polls <= 12); /* those in flight, then one every 15 min */
    world.rest.status = 0;
    world_pass(s.loop, 17 * MINUTE);
    t_true(world.polls - polls > 60);
    check_truth(&s);
    stop(&s);
}

/* --- the stream ------------------------------------------------------------------------------- */

static void test_a_page_instead_of_the_handshake(void **state)
{
    (void)state;
    struct service s = started(MONDAY_NS, "");
    run(&s);
    world_pass(s.loop, MINUTE);
    world.handshake = (struct world_answer){403, WALL, NULL, 0};
    world_reset_streams();
    int connections = world.connections;
    world_pass(s.loop, 15 * MINUTE);
    t_true(world.connections - connections >= 10); /* it is tried again within a minute */
    t_true(world.connections - connections <= 60);
    t_contains(world_words("stream_closed"),
               "an HTML page, title \"Just a moment...\", instead of a WebSocket");
    t_int(world_told("stream_refused"), 0);
    t_int(world.logins, 1); /* REST has shown that the token is good */
    world.handshake.status = 0;
    world_pass(s.loop, 61 * SECOND);
    t_int(mode(&s), FEED_STREAMING);
    check_truth(&s);
    stop(&s);
}

static void test_fewer_are_delivered_than_subscribed(void **state)
{
    (void)state;
    struct service s = started(MONDAY_NS, "");
    world.mute_instrument = 3;
    run(&s);
    world_pass(s.loop, 2 * MINUTE);
    t_int(mode(&s), FEED_STREAMING);
    t_int(world_told("stream_short"), 1);
    t_contains(world_words("stream_short"), "19 of the 20 subscribed instruments");
    world_reset_streams();
    world_pass(s.loop, 2 * MINUTE);
    t_int(world_told("stream_short"), 1); /* the same after another connection */
    t_int(world_told("stream_complete"), 0);
    world.mute_instrument = -1;
    world_pass(s.loop, 2 * MINUTE);
    t_int(world_told("stream_complete"), 1);
    check_truth(&s);
    stop(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_page_for_5_seconds),
        cmocka_unit_test(test_a_page_for_an_hour),
        cmocka_unit_test(test_a_page_for_every_request),
        cmocka_unit_test(test_an_invalid_token_answered_with_a_page),
        cmocka_unit_test(test_pages_at_the_start_are_retried),
        cmocka_unit_test(test_most_instruments_are_refused),
        cmocka_unit_test(test_a_retry_after_of_a_day),
        cmocka_unit_test(test_a_page_instead_of_the_handshake),
        cmocka_unit_test(test_fewer_are_delivered_than_subscribed),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
