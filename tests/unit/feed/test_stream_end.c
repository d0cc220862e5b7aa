#include "feed/stream_end.h"

#include "support/t.h"

static void the_end_of_a_stream_becomes_an_event_and_a_message(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum ws_end_kind kind;
        int status;
        const char *location, *body, *said;
        enum feed_event_kind event;
        const char *words;
    } rows[] = {
        /* clang-format off */
        {"no connection", WS_UNREACHABLE, 0, "", "", "cannot connect: refused", FEED_EV_CLOSED, "cannot connect: refused"},
        {"no answer", WS_NO_ANSWER, 0, "", "", "no answer in 10 s", FEED_EV_CLOSED, "no answer in 10 s"},
        {"closed", WS_CLOSED, 101, "", "", "closed with 1001", FEED_EV_CLOSED, "closed with 1001"},
        {"lost", WS_LOST, 101, "", "", "reset", FEED_EV_CLOSED, "reset"},
        {"no pong", WS_NO_PONG, 101, "", "", "no pong in 10 s", FEED_EV_CLOSED, "no pong in 10 s"},
        {"a violation", WS_VIOLATION, 101, "", "", "a masked frame", FEED_EV_CLOSED, "a masked frame"},
        {"a page, but the connection was lost", WS_LOST, 200, "", "<html>", "reset", FEED_EV_CLOSED, "reset: <html>"},
        {"the token is not valid", WS_REFUSED, 401, "", "", "answered with 401", FEED_EV_REFUSED, "answered with 401"},
        {"with a text", WS_REFUSED, 401, "", "{\"m\":\"no\"}", "answered with 401", FEED_EV_REFUSED,
         "answered with 401: {\"m\":\"no\"}"},
        {"JSON: a wrong address", WS_REFUSED, 200, "", "{}", "answered with 200", FEED_EV_REFUSED, "answered with 200: {}"},
        {"timeout of the server", WS_REFUSED, 408, "", "", "answered with 408", FEED_EV_CLOSED, "answered with 408"},
        {"the next status", WS_REFUSED, 409, "", "{}", "answered with 409", FEED_EV_REFUSED, "answered with 409: {}"},
        {"throttled", WS_REFUSED, 429, "", "", "answered with 429", FEED_EV_CLOSED, "answered with 429"},
        {"out of order", WS_REFUSED, 503, "", "{}", "answered with 503", FEED_EV_CLOSED, "answered with 503: {}"},
        {"no final status", WS_REFUSED, 102, "", "", "answered with 102", FEED_EV_CLOSED, "answered with 102"},
        {"a page", WS_REFUSED, 200, "", "<title>Mantenimiento</title>", "answered with 200", FEED_EV_PAGE,
         "the handshake was answered with an HTML page, title \"Mantenimiento\", instead of a WebSocket (200)"},
        {"a redirect", WS_REFUSED, 301, "/mantenimiento", "", "answered with 301", FEED_EV_PAGE,
         "the handshake was answered with a redirect to \"/mantenimiento\" instead of a WebSocket (301)"},
        {"a redirect to a login", WS_REFUSED, 302, "/login", "", "answered with 302", FEED_EV_LOGIN_PAGE,
         "the handshake was answered with a redirect to \"/login\" instead of a WebSocket (302)"},
        {"a login page", WS_REFUSED, 200, "", "<form action=\"/j_spring_security_check\">", "answered with 200",
         FEED_EV_LOGIN_PAGE, "the handshake was answered with a login page"},
        {"control characters", WS_CLOSED, 101, "", "", "closed: a\x1b[2J", FEED_EV_CLOSED, "closed: a [2J"},
        {"control characters in the body", WS_REFUSED, 401, "", "{\"a\":\r\n1}", "401", FEED_EV_REFUSED,
         "401: {\"a\":  1}"},
        /* clang-format on */
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct ws_answer answer = {.status = rows[i].status};
        char words[DIALECT_END_WORDS];
        t_row(rows[i].name);
        snprintf(answer.location, sizeof(answer.location), "%s", rows[i].location);
        snprintf(answer.body, sizeof(answer.body), "%s", rows[i].body);
        answer.body_len_bytes = strlen(answer.body);
        const struct ws_end end = {.kind = rows[i].kind, .words = rows[i].said, .answer = &answer};
        t_int(stream_end(&end, words), rows[i].event);
        if (rows[i].event == FEED_EV_LOGIN_PAGE)
            t_contains(words, rows[i].words);
        else
            t_str(words, rows[i].words);
    }
    t_row("");
}

static void long_texts_are_cut(void **state)
{
    (void)state;
    static char said[5000];
    struct ws_answer answer = {.status = 401};
    char words[DIALECT_END_WORDS];
    memset(said, 'x', sizeof(said) - 1);
    memset(answer.body, 'y', sizeof(answer.body) - 1);
    answer.body[0] = '{';
    answer.body_len_bytes = strlen(answer.body);
    const struct ws_end end = {.kind = WS_REFUSED, .words = said, .answer = &answer};
    t_int(stream_end(&end, words), FEED_EV_REFUSED);
    t_int(strlen(words), 319 + 2 + 159);
    t_true(strspn(words, "x") > 300);
    t_contains(words, ": {yyyy");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_end_of_a_stream_becomes_an_event_and_a_message),
        cmocka_unit_test(long_texts_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
