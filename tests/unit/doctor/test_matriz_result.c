#include "doctor/matriz_result.h"

#include "support/t.h"

static void expect(const struct step *step, enum step_state state, enum finding finding,
                   const char *words)
{
    char all[3 * STEP_TEXT + 8];
    snprintf(all, sizeof(all), "%s | %s | %s", step->came_back, step->meaning, step->todo);
    t_str(step_state_name(step->state), step_state_name(state));
    t_str(finding_key(step->finding), finding_key(finding));
    t_contains(all, words);
    t_int(*step->todo || state == STEP_OK, true);
    t_int(strstr(all, "c0ffee") == NULL && strstr(step->tried, "c0ffee") == NULL, true);
}

static struct http_reply reply_of(enum http_outcome outcome, int status)
{
    static const char body[] = "{\"csrfToken\":\"c0ffee\",\"sessionId\":\"c0ffee\"}";
    return (struct http_reply){.outcome = outcome,
                               .reason = outcome == HTTP_OK ? "" : "the reason",
                               .status = status,
                               .content_type = "",
                               .location = "",
                               .body = body,
                               .body_len_bytes = strlen(body)};
}

static void profiles(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum http_outcome outcome;
        int status;
        enum matriz_session_event_kind kind;
        bool after_login;
        enum finding finding;
        const char *words;
    } rows[] = {
        {"anonymous", HTTP_OK, 200, MATRIZ_EV_ANONYMOUS, false, FINDING_NONE, "is there"},
        {"a guest", HTTP_OK, 200, MATRIZ_EV_IDS, false, FINDING_NONE, "no login"},
        {"a session", HTTP_OK, 200, MATRIZ_EV_IDS, true, FINDING_NONE, "two ids"},
        {"none after the login", HTTP_OK, 200, MATRIZ_EV_ANONYMOUS, true, FINDING_MATRIZ_NO_SESSION,
         "with a browser"},
        {"a page", HTTP_OK, 200, MATRIZ_EV_NOT_ALLOWED, false, FINDING_MATRIZ_NONE, "the why"},
        {"404", HTTP_OK, 404, MATRIZ_EV_UNAVAILABLE, false, FINDING_MATRIZ_NONE,
         "broker.matriz_url"},
        {"503", HTTP_OK, 503, MATRIZ_EV_UNAVAILABLE, false, FINDING_MATRIZ_DOWN, "(503)"},
        {"no answer", HTTP_CONNECT, 0, MATRIZ_EV_UNAVAILABLE, false, FINDING_MATRIZ_DOWN,
         "the reason"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct http_reply reply = reply_of(rows[i].outcome, rows[i].status);
        const struct matriz_answer answer = {"https://matriz.x/", rows[i].kind, "the why",
                                             rows[i].after_login, 5};
        t_row(rows[i].name);
        struct step step = matriz_profile_result(&reply, &answer);
        expect(&step, rows[i].finding == FINDING_NONE ? STEP_OK : STEP_FAILED, rows[i].finding,
               rows[i].words);
    }
}

static void logins(void **state)
{
    (void)state;
    static const struct {
        int status;
        enum matriz_session_event_kind kind;
        enum finding finding;
        const char *words;
    } rows[] = {
        {200, MATRIZ_EV_LOGGED_IN, FINDING_NONE, "accepts user and password"},
        {302, MATRIZ_EV_LOGGED_IN, FINDING_NONE, "accepts user and password"},
        {401, MATRIZ_EV_REFUSED, FINDING_MATRIZ_LOGIN, "which the API accepts"},
        {403, MATRIZ_EV_NOT_ALLOWED, FINDING_MATRIZ_DENIED, "Origin"},
        {429, MATRIZ_EV_UNAVAILABLE, FINDING_MATRIZ_DOWN, "(429)"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct http_reply reply = reply_of(HTTP_OK, rows[i].status);
        const struct matriz_answer answer = {"https://matriz.x/", rows[i].kind, "", false, 5};
        t_row(rows[i].words);
        struct step step = matriz_login_result(&reply, &answer);
        expect(&step, rows[i].finding == FINDING_NONE ? STEP_OK : STEP_FAILED, rows[i].finding,
               rows[i].words);
    }
}

static void sockets(void **state)
{
    (void)state;
    static const struct {
        enum ws_end_kind kind;
        int status;
        enum finding finding;
    } rows[] = {
        {WS_REFUSED, 302, FINDING_MATRIZ_REFUSED}, {WS_REFUSED, 401, FINDING_MATRIZ_REFUSED},
        {WS_REFUSED, 403, FINDING_MATRIZ_REFUSED}, {WS_REFUSED, 200, FINDING_MATRIZ_REFUSED},
        {WS_REFUSED, 503, FINDING_MATRIZ_LOST},    {WS_LOST, 0, FINDING_MATRIZ_LOST},
        {WS_UNREACHABLE, 0, FINDING_MATRIZ_LOST},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ws_answer answer = {.status = rows[i].status, .retry_after_ms = -1};
        const struct ws_end end = {rows[i].kind, 0, "the words", &answer};
        const struct handshake_facts facts = {"wss://m/ws?session_id=c0ffee&conn_id=c0ffee", false,
                                              &end, 5};
        struct step step = matriz_socket_result(&facts);
        expect(&step, STEP_FAILED, rows[i].finding, "");
    }
    const struct handshake_facts open = {"wss://m/ws?session_id=c0ffee", true, NULL, 5};
    struct step step = matriz_socket_result(&open);
    expect(&step, STEP_OK, FINDING_NONE, "accepts the connection");
}

static void data(void **state)
{
    (void)state;
    const struct ws_end end = {WS_CLOSED, 1000, "the end", NULL};
    struct subscription_facts facts = {
        .symbol = "DLR/DIC26", .second = "", .words = "", .frame = FRAME_DATA, .market_open = true};
    struct step step = matriz_data_result(&facts);
    expect(&step, STEP_OK, FINDING_NONE, "delivers market data");
    facts.frame = FRAME_OTHER;
    step = matriz_data_result(&facts);
    expect(&step, STEP_FAILED, FINDING_MATRIZ_SILENT, "no line of DLR/DIC26");
    facts.market_open = false;
    step = matriz_data_result(&facts);
    expect(&step, STEP_WARNING, FINDING_MARKET_CLOSED, "no fault");
    facts.end = &end;
    step = matriz_data_result(&facts);
    expect(&step, STEP_FAILED, FINDING_MATRIZ_LOST, "the end");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(profiles),
        cmocka_unit_test(logins),
        cmocka_unit_test(sockets),
        cmocka_unit_test(data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
