#include "doctor/stream_result.h"

#include "support/t.h"

static struct ws_answer answer_of(int status, const char *location, const char *body)
{
    struct ws_answer answer = {.status = status, .retry_after_ms = -1, .content_length = -1};
    snprintf(answer.location, sizeof(answer.location), "%s", location);
    snprintf(answer.body, sizeof(answer.body), "%s", body);
    answer.body_len_bytes = strlen(answer.body);
    return answer;
}

static void expect(const struct step *step, enum step_state state, enum finding finding,
                   const char *words)
{
    char all[3 * STEP_TEXT + 8];
    snprintf(all, sizeof(all), "%s | %s | %s", step->came_back, step->meaning, step->todo);
    t_str(step_state_name(step->state), step_state_name(state));
    t_str(finding_key(step->finding), finding_key(finding));
    t_contains(all, words);
    t_int(*step->todo || state == STEP_OK || finding == FINDING_FORM_ACCEPTED, true);
}

static void handshakes(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum ws_end_kind kind;
        int status;
        const char *location, *body;
        enum finding finding;
        const char *words;
    } rows[] = {
        {"401", WS_REFUSED, 401, "", "{}", FINDING_STREAM_REFUSED, "REST accepts"},
        {"403", WS_REFUSED, 403, "", "", FINDING_STREAM_REFUSED, "(403)"},
        {"403 with a page", WS_REFUSED, 403, "", "<title>Blocked</title>", FINDING_STREAM_PAGE,
         "Blocked"},
        {"404", WS_REFUSED, 404, "", "", FINDING_STREAM_PATH, "at /"},
        {"to the login", WS_REFUSED, 302, "https://h/login?session_id=abcdefgh", "",
         FINDING_STREAM_LOGIN_PAGE, "login page"},
        {"elsewhere", WS_REFUSED, 301, "https://other.example/", "", FINDING_STREAM_REDIRECTED,
         "other.example"},
        {"the login page", WS_REFUSED, 200, "", "<form action=j_spring_security_check>",
         FINDING_STREAM_LOGIN_PAGE, "login page"},
        {"a page", WS_REFUSED, 200, "", "<title>Hola</title>", FINDING_STREAM_PAGE, "Hola"},
        {"200 without a page", WS_REFUSED, 200, "", "{}", FINDING_UPGRADE_LOST, "Upgrade"},
        {"400", WS_REFUSED, 400, "", "", FINDING_UPGRADE_LOST, "(400)"},
        {"426", WS_REFUSED, 426, "", "", FINDING_UPGRADE_LOST, "(426)"},
        {"429", WS_REFUSED, 429, "", "", FINDING_THROTTLED, "polls by REST"},
        {"503", WS_REFUSED, 503, "", "", FINDING_UNAVAILABLE, "try again later"},
        {"500", WS_REFUSED, 500, "", "", FINDING_SERVER_ERROR, "(500)"},
        {"invalid", WS_VIOLATION, 101, "", "", FINDING_HANDSHAKE_INVALID, "the words"},
        {"no connection", WS_UNREACHABLE, 0, "", "", FINDING_STREAM_UNREACHABLE, "the words"},
        {"no answer", WS_NO_ANSWER, 0, "", "", FINDING_STREAM_LOST, "the words"},
        {"reset", WS_LOST, 0, "", "", FINDING_STREAM_LOST, "the words"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ws_answer answer = answer_of(rows[i].status, rows[i].location, rows[i].body);
        const struct ws_end end = {rows[i].kind, 0, "the words", &answer};
        const struct handshake_facts facts = {"wss://h/?session_id=secret12", false, &end, 9};
        t_row(rows[i].name);
        struct step step = handshake_result(&facts);
        expect(&step, STEP_FAILED, rows[i].finding, rows[i].words);
        t_int(strstr(step.tried, "secret12") == NULL, true);
        t_int(strstr(step.came_back, "abcdefgh") == NULL, true);
    }
    t_row("open");
    const struct handshake_facts open = {"wss://h/", true, NULL, 9};
    struct step step = handshake_result(&open);
    expect(&step, STEP_OK, FINDING_NONE, "101");
}

/* Cause 11 of protocol section 15: the client that compared headers literally. */
static void an_invalid_answer_is_shown_with_its_headers(void **state)
{
    (void)state;
    struct ws_answer answer = answer_of(101, "", "");
    snprintf(answer.head, sizeof(answer.head),
             "HTTP/1.1 101 OK\r\nUpgrade: none\r\nSet-Cookie: id=secret12\r\n\r\n");
    const struct ws_end end = {WS_VIOLATION, 0, "Upgrade is not websocket", &answer};
    const struct handshake_facts facts = {"wss://h/", false, &end, 9};
    struct step step = handshake_result(&facts);
    expect(&step, STEP_FAILED, FINDING_HANDSHAKE_INVALID, "Upgrade: none");
    t_int(strstr(step.came_back, "secret12") == NULL, true);
}

static void a_time_to_wait_is_named(void **state)
{
    (void)state;
    struct ws_answer answer = answer_of(503, "", "");
    answer.retry_after_ms = 7000;
    const struct ws_end end = {WS_REFUSED, 0, "", &answer};
    const struct handshake_facts facts = {"wss://h/", false, &end, 9};
    struct step step = handshake_result(&facts);
    expect(&step, STEP_FAILED, FINDING_UNAVAILABLE, "in 7 s");
}

static void controls(void **state)
{
    (void)state;
    struct ws_answer answer = answer_of(401, "", "");
    const struct ws_end end = {WS_REFUSED, 0, "", &answer};
    const struct handshake_facts refused = {"wss://h/ws?session_id=secret12", false, &end, 9};
    const struct handshake_facts open = {"wss://h/ws", true, NULL, 9};
    struct step step = control_result(STEP_CONTROL_WS, "no header", &refused);
    expect(&step, STEP_OK, FINDING_NONE, "401");
    t_int(strstr(step.tried, "secret12") == NULL, true);
    step = control_result(STEP_CONTROL_WS, "no header", &open);
    expect(&step, STEP_WARNING, FINDING_FORM_ACCEPTED, "accepts this form");
}

static void frames(void **state)
{
    (void)state;
    static const struct {
        enum stream_item_kind kind;
        enum event_kind event;
        enum first_frame frame;
    } rows[] = {
        {STREAM_DATA, EVENT_OTHER, FRAME_DATA},
        {STREAM_MALFORMED, EVENT_OTHER, FRAME_MALFORMED},
        {STREAM_PAGE, EVENT_OTHER, FRAME_PAGE},
        {STREAM_OTHER, EVENT_OTHER, FRAME_OTHER},
        {STREAM_REPLY, EVENT_OTHER, FRAME_OTHER},
        {STREAM_ERROR, EVENT_ACCESS, FRAME_DENIED},
        {STREAM_ERROR, EVENT_AUTH, FRAME_DENIED},
        {STREAM_ERROR, EVENT_UNKNOWN_SYMBOL, FRAME_UNKNOWN},
        {STREAM_ERROR, EVENT_OTHER, FRAME_ERROR},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct stream_item item = {.kind = rows[i].kind, .event = rows[i].event};
        t_int(first_frame_of(&item), rows[i].frame);
    }
}

#define OPEN 1
#define IV   2
#define IDX  4
#define BOX  8
#define PONG 16
#define REST 32
#define LIST 64

static void subscriptions(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum first_frame frame;
        int bits;
        int code; /* of the end; 0 = still open, -1 = lost */
        enum step_state state;
        enum finding finding;
        const char *words;
    } rows[] = {
        {"data", FRAME_DATA, OPEN | PONG, 0, STEP_OK, FINDING_NONE, "delivers"},
        {"data, then closed", FRAME_DATA, OPEN, 1000, STEP_OK, FINDING_NONE, "delivers"},
        {"silent", FRAME_NONE, OPEN | PONG | IV, 0, STEP_FAILED, FINDING_SILENT, "and GGAL"},
        {"silent, though REST has data", FRAME_NONE, OPEN | PONG | IV | REST, 0, STEP_FAILED,
         FINDING_SILENT, "although REST has some"},
        {"other frames only", FRAME_OTHER, OPEN | PONG | IV, 0, STEP_FAILED, FINDING_SILENT,
         "enable market data"},
        {"no pong either", FRAME_NONE, OPEN | IV, 0, STEP_FAILED, FINDING_DEAF, "not even a pong"},
        {"closed market", FRAME_NONE, PONG | IV, 0, STEP_WARNING, FINDING_MARKET_CLOSED,
         "in session hours"},
        {"an index", FRAME_NONE, OPEN | PONG | IDX, 0, STEP_FAILED, FINDING_INDEX_WITHOUT_IV,
         "add IV"},
        {"an index whose frames are empty", FRAME_DATA, OPEN | PONG | IDX, 0, STEP_FAILED,
         FINDING_INDEX_WITHOUT_IV, "add IV"},
        {"an index that is asked for", FRAME_NONE, OPEN | PONG | IDX | IV, 0, STEP_FAILED,
         FINDING_SILENT, "no data of"},
        {"reMarkets", FRAME_NONE, OPEN | PONG | IV | BOX, 0, STEP_FAILED, FINDING_SANDBOX_SILENT,
         "DLR/*"},
        {"denied", FRAME_DENIED, OPEN | PONG, 0, STEP_FAILED, FINDING_STREAM_DENIED, "the frame"},
        {"unknown, though listed", FRAME_UNKNOWN, OPEN | PONG | LIST, 0, STEP_FAILED,
         FINDING_STREAM_DENIED, "permission"},
        {"unknown", FRAME_UNKNOWN, OPEN | PONG, 0, STEP_FAILED, FINDING_NOTHING_LISTED,
         "does not know DLR/DIC26"},
        {"another error", FRAME_ERROR, OPEN | PONG, 0, STEP_FAILED, FINDING_SUBSCRIPTION,
         "poll.entries"},
        {"unreadable", FRAME_MALFORMED, OPEN | PONG, 0, STEP_FAILED, FINDING_MALFORMED,
         "the frame"},
        {"a page", FRAME_PAGE, OPEN | PONG, 0, STEP_FAILED, FINDING_STREAM_PAGE, "web server"},
        {"closed, policy", FRAME_NONE, OPEN, 1008, STEP_FAILED, FINDING_STREAM_ENDED, "(1008)"},
        {"closed", FRAME_NONE, OPEN, 1000, STEP_FAILED, FINDING_STREAM_LOST, "the end"},
        {"lost", FRAME_NONE, OPEN, -1, STEP_FAILED, FINDING_STREAM_LOST, "the end"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int bits = rows[i].bits;
        const struct ws_end end = {rows[i].code > 0 ? WS_CLOSED : WS_LOST, rows[i].code, "the end",
                                   NULL};
        const struct subscription_facts facts = {
            .symbol = "DLR/DIC26",
            .second = "GGAL",
            .frame = rows[i].frame,
            .words = "the frame",
            .end = rows[i].code ? &end : NULL,
            .listed = bits & LIST,
            .quoted = bits & REST,
            .market_open = bits & OPEN,
            .index = bits & IDX,
            .asks_iv = bits & IV,
            .sandbox = bits & BOX,
            .pong = bits & PONG,
            .ms = 5000,
        };
        t_row(rows[i].name);
        struct step step = subscription_result(&facts);
        expect(&step, rows[i].state, rows[i].finding, rows[i].words);
    }
}

static void pongs(void **state)
{
    (void)state;
    const struct ws_end none = {WS_NO_PONG, 0, "no pong", NULL};
    const struct ws_end lost = {WS_LOST, 0, "the end", NULL};
    struct step step = pong_result(14, 30, NULL);
    expect(&step, STEP_OK, FINDING_NONE, "14 ms");
    t_int(step.ms, 14);
    step = pong_result(-1, 10000, &none);
    expect(&step, STEP_FAILED, FINDING_NO_PONG, "no pong in 10.0 s");
    step = pong_result(-1, 300, &lost);
    expect(&step, STEP_FAILED, FINDING_STREAM_LOST, "the end");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handshakes),
        cmocka_unit_test(an_invalid_answer_is_shown_with_its_headers),
        cmocka_unit_test(a_time_to_wait_is_named),
        cmocka_unit_test(controls),
        cmocka_unit_test(frames),
        cmocka_unit_test(subscriptions),
        cmocka_unit_test(pongs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
