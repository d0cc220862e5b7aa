#include "doctor/conclusion.h"

#include "support/t.h"

/* A step that differs from a healthy run. */
struct other {
    enum step_id id;
    enum step_state state;
    enum finding finding;
};

#define OTHERS_MAX 6
#define END                                                                                        \
    {                                                                                              \
        STEP_COUNT, STEP_OK, FINDING_NONE                                                          \
    }
#define FAILED STEP_FAILED
#define WARN   STEP_WARNING

static const struct row {
    const char *name;
    struct other others[OTHERS_MAX];
    const char *class, *cause, *words;
} rows[] = {
    // clang-format off
    {"all works", {END}, "OK", "ok", "All works: the broker accepts login"},
    /* this machine */
    {"no configuration", {{STEP_CONFIG, FAILED, FINDING_CONFIG_MISSING}, END}, "CONFIG", "config_missing", "Config means: config todo."},
    {"unreadable configuration", {{STEP_CONFIG, FAILED, FINDING_CONFIG_UNREADABLE}, END}, "CONFIG", "config_unreadable", "config"},
    {"invalid configuration", {{STEP_CONFIG, FAILED, FINDING_CONFIG_INVALID}, END}, "CONFIG", "config_invalid", "config"},
    {"no password", {{STEP_PASSWORD, FAILED, FINDING_PASSWORD_MISSING}, END}, "CONFIG", "password_missing", "password"},
    {"an open password file", {{STEP_PASSWORD, FAILED, FINDING_PASSWORD_EXPOSED}, END}, "CONFIG", "password_file", "password"},
    {"folders", {{STEP_FOLDERS, FAILED, FINDING_FOLDERS}, END}, "CONFIG", "folders", "folders"},
    {"newer database", {{STEP_DATABASE, FAILED, FINDING_DATABASE_NEWER}, END}, "CONFIG", "database_newer", "database"},
    {"damaged database", {{STEP_DATABASE, FAILED, FINDING_DATABASE_DAMAGED}, END}, "CONFIG", "database_damaged", "database"},
    {"full disk", {{STEP_DISK, FAILED, FINDING_DISK_FULL}, END}, "CONFIG", "disk_full", "disk"},
    {"wrong clock", {{STEP_CLOCK, FAILED, FINDING_CLOCK_WRONG}, END}, "CONFIG", "clock_wrong", "clock"},
    {"nothing listed", {{STEP_LIST, FAILED, FINDING_NOTHING_LISTED}, END}, "CONFIG", "nothing_listed", "list"},
    {"several faults: the first", {{STEP_DISK, FAILED, FINDING_DISK_FULL}, {STEP_LOGIN, FAILED, FINDING_LOGIN_REFUSED}, END}, "CONFIG", "disk_full", "disk"},
    /* addresses */
    {"the terminal's host", {{STEP_CONFIG, FAILED, FINDING_TERMINAL_ADDRESS}, END}, "PATH", "terminal_address", "config"},
    {"a page's address", {{STEP_CONFIG, FAILED, FINDING_PAGE_ADDRESS}, END}, "PATH", "page_address", "config"},
    {"not the API", {{STEP_LOGIN, FAILED, FINDING_NOT_THE_API}, END}, "PATH", "not_the_api", "login"},
    {"a terminal with another name", {{STEP_LOGIN, FAILED, FINDING_NOT_THE_API}, {STEP_TERMINAL, STEP_OK, FINDING_TERMINAL_HERE}, END}, "PATH", "terminal_address", "The host of broker.url is a browser terminal"},
    {"a terminal elsewhere", {{STEP_LOGIN, FAILED, FINDING_NOT_THE_API}, {STEP_TERMINAL, STEP_OK, FINDING_TERMINAL_ANSWERS}, END}, "PATH", "not_the_api", "login"},
    {"a web site", {{STEP_LOGIN, FAILED, FINDING_WEB_PAGE}, END}, "PATH", "web_page", "login"},
    /* network */
    {"unknown name", {{STEP_DNS, FAILED, FINDING_NAME_UNKNOWN}, END}, "NETWORK", "name_unknown", "dns"},
    {"no DNS", {{STEP_DNS, FAILED, FINDING_DNS_SLOW}, END}, "NETWORK", "dns_timeout", "dns"},
    {"refused", {{STEP_TCP, FAILED, FINDING_TCP_REFUSED}, END}, "NETWORK", "tcp_refused", "tcp"},
    {"filtered", {{STEP_TCP, FAILED, FINDING_TCP_TIMEOUT}, END}, "NETWORK", "tcp_timeout", "tcp"},
    {"unreachable", {{STEP_TCP, FAILED, FINDING_TCP_UNREACHABLE}, END}, "NETWORK", "tcp_unreachable", "tcp"},
    {"proxy", {{STEP_TCP, FAILED, FINDING_PROXY}, END}, "NETWORK", "proxy", "tcp"},
    {"expired", {{STEP_TLS, FAILED, FINDING_TLS_EXPIRED}, END}, "NETWORK", "tls_expired", "tls"},
    {"the clock, by TLS", {{STEP_TLS, FAILED, FINDING_TLS_CLOCK}, END}, "NETWORK", "tls_clock", "tls"},
    {"another name", {{STEP_TLS, FAILED, FINDING_TLS_NAME}, END}, "NETWORK", "tls_wrong_name", "tls"},
    {"interception", {{STEP_TLS, FAILED, FINDING_TLS_ISSUER}, END}, "NETWORK", "tls_unknown_issuer", "tls"},
    {"old TLS", {{STEP_TLS, FAILED, FINDING_TLS_VERSION}, END}, "NETWORK", "tls_old_protocol", "tls"},
    {"no TLS", {{STEP_TLS, FAILED, FINDING_TLS_NONE}, END}, "NETWORK", "tls_not_spoken", "tls"},
    {"429", {{STEP_LOGIN, FAILED, FINDING_THROTTLED}, END}, "NETWORK", "throttled", "login"},
    {"503", {{STEP_SEGMENTS, FAILED, FINDING_UNAVAILABLE}, END}, "NETWORK", "unavailable", "segments"},
    {"time-out", {{STEP_QUOTE, FAILED, FINDING_NO_ANSWER}, END}, "NETWORK", "no_answer", "quote"},
    {"a proxy without WebSocket", {{STEP_HANDSHAKE, FAILED, FINDING_UPGRADE_LOST}, END}, "NETWORK", "upgrade_lost", "handshake"},
    {"no pong, but data", {{STEP_PONG, FAILED, FINDING_NO_PONG}, END}, "NETWORK", "no_pong", "pong"},
    /* login */
    {"refused login", {{STEP_LOGIN, FAILED, FINDING_LOGIN_REFUSED}, END}, "AUTH", "login_refused", "login"},
    {"no token", {{STEP_LOGIN, FAILED, FINDING_NO_TOKEN}, END}, "AUTH", "no_token", "login"},
    {"login page", {{STEP_LOGIN, FAILED, FINDING_LOGIN_PAGE}, END}, "AUTH", "login_page", "login"},
    {"dead token", {{STEP_SEGMENTS, FAILED, FINDING_TOKEN_REFUSED}, END}, "AUTH", "token_refused", "segments"},
    {"refused everywhere", {{STEP_HANDSHAKE, FAILED, FINDING_STREAM_REFUSED}, {STEP_CONTROL_NO_HEADER, STEP_OK, FINDING_NONE}, {STEP_CONTROL_WS, STEP_OK, FINDING_NONE}, END}, "AUTH", "stream_refused", "handshake"},
    {"the token ended meanwhile", {{STEP_HANDSHAKE, FAILED, FINDING_STREAM_REFUSED}, {STEP_CONTROL_REST, STEP_OK, FINDING_TOKEN_ENDED}, END}, "AUTH", "token_refused", "any more"},
    {"accepted without the token", {{STEP_HANDSHAKE, FAILED, FINDING_STREAM_REFUSED}, {STEP_CONTROL_NO_HEADER, WARN, FINDING_FORM_ACCEPTED}, END}, "AUTH", "stream_refused", "without the token"},
    {"closed at once", {{STEP_SUBSCRIPTION, FAILED, FINDING_STREAM_ENDED}, END}, "AUTH", "stream_session_ended", "subscription"},
    /* permission */
    {"no permission by REST", {{STEP_QUOTE, FAILED, FINDING_NO_PERMISSION}, END}, "PERMISSION", "no_permission", "quote"},
    {"no permission by WebSocket", {{STEP_SUBSCRIPTION, FAILED, FINDING_STREAM_DENIED}, END}, "PERMISSION", "stream_denied", "subscription"},
    /* paths, by the controls */
    {"stream_url has a wrong path", {{STEP_HANDSHAKE, FAILED, FINDING_STREAM_PATH}, {STEP_CONTROL_ROOT, WARN, FINDING_FORM_ACCEPTED}, END}, "PATH", "stream_path", "remove broker.stream_url"},
    {"the stream is at /ws", {{STEP_HANDSHAKE, FAILED, FINDING_STREAM_REFUSED}, {STEP_CONTROL_WS, WARN, FINDING_FORM_ACCEPTED}, END}, "PATH", "stream_path", "path /ws"},
    {"the token in the query", {{STEP_HANDSHAKE, FAILED, FINDING_STREAM_PATH}, {STEP_CONTROL_SESSION_ID, WARN, FINDING_FORM_ACCEPTED}, {STEP_CONTROL_CONN_ID, WARN, FINDING_FORM_ACCEPTED}, END}, "PATH", "token_in_query", "in the query"},
    {"a random conn_id", {{STEP_HANDSHAKE, FAILED, FINDING_STREAM_PATH}, {STEP_CONTROL_CONN_ID, WARN, FINDING_FORM_ACCEPTED}, END}, "PATH", "token_in_query", "in the query"},
    {"nothing at this path", {{STEP_HANDSHAKE, FAILED, FINDING_STREAM_PATH}, END}, "PATH", "stream_path", "handshake"},
    {"controls do not explain another step", {{STEP_LOGIN, FAILED, FINDING_LOGIN_REFUSED}, {STEP_CONTROL_WS, WARN, FINDING_FORM_ACCEPTED}, END}, "AUTH", "login_refused", "login"},
    /* silent */
    {"silent", {{STEP_SUBSCRIPTION, FAILED, FINDING_SILENT}, END}, "SILENT", "silent", "subscription"},
    {"dead", {{STEP_SUBSCRIPTION, FAILED, FINDING_DEAF}, {STEP_PONG, FAILED, FINDING_NO_PONG}, END}, "SILENT", "dead_stream", "subscription"},
    {"an index", {{STEP_SUBSCRIPTION, FAILED, FINDING_INDEX_WITHOUT_IV}, END}, "SILENT", "index_without_iv", "subscription"},
    {"reMarkets", {{STEP_SUBSCRIPTION, FAILED, FINDING_SANDBOX_SILENT}, END}, "SILENT", "sandbox_silent", "subscription"},
    /* the terminal's stream */
    {"only the terminal's is wanted", {{STEP_HANDSHAKE, STEP_SKIPPED, FINDING_NONE}, {STEP_SUBSCRIPTION, STEP_SKIPPED, FINDING_NONE}, {STEP_MATRIZ_SOCKET, STEP_OK, FINDING_NONE}, {STEP_MATRIZ_DATA, STEP_OK, FINDING_NONE}, END}, "OK", "ok", "arrives from the browser terminal (Matriz)."},
    {"the terminal's replaces the API's", {{STEP_SUBSCRIPTION, FAILED, FINDING_SILENT}, {STEP_MATRIZ_DATA, STEP_OK, FINDING_NONE}, END}, "SILENT", "silent", "the service uses it."},
    {"the terminal's does not replace the login", {{STEP_LOGIN, FAILED, FINDING_LOGIN_REFUSED}, {STEP_MATRIZ_DATA, STEP_OK, FINDING_NONE}, END}, "AUTH", "login_refused", "login todo."},
    /* warnings */
    {"closed market", {{STEP_SUBSCRIPTION, WARN, FINDING_MARKET_CLOSED}, END}, "OK", "market_closed", "All works: the broker accepts login, REST and WebSocket; subscription means"},
    {"two warnings", {{STEP_DISK, WARN, FINDING_DISK_LOW}, {STEP_CLOCK, WARN, FINDING_CLOCK_OFF}, END}, "OK", "disk_low", "disk means: disk todo; clock means: clock todo."},
    {"the service streams", {{STEP_SERVICE, STEP_OK, FINDING_SERVICE_STREAMS}, {STEP_HANDSHAKE, STEP_SKIPPED, FINDING_NONE}, {STEP_SUBSCRIPTION, STEP_SKIPPED, FINDING_NONE}, END}, "OK", "ok", "running service receives"},
    {"the stream is off", {{STEP_HANDSHAKE, STEP_SKIPPED, FINDING_NONE}, {STEP_SUBSCRIPTION, STEP_SKIPPED, FINDING_NONE}, END}, "OK", "ok", "not tested: handshake means"},
    // clang-format on
};

static struct step step_of(const struct other *other)
{
    struct step step = {.id = other->id, .state = other->state, .finding = other->finding};
    snprintf(step.meaning, sizeof(step.meaning), "%s means", step_name(other->id));
    snprintf(step.todo, sizeof(step.todo), "%s todo", step_name(other->id));
    return step;
}

/* A healthy run, in which the steps that differ come later and count; terminal and controls are not
 * run. */
static int make_run(const struct row *row, struct step *out)
{
    int count = 0;
    for (int id = 0; id < STEP_MATRIZ_PROFILE; id++) {
        const struct other good = {(enum step_id)id, STEP_OK, FINDING_NONE};
        out[count++] = step_of(&good);
    }
    for (const struct other *other = row->others; other->id != STEP_COUNT; other++)
        out[count++] = step_of(other);
    return count;
}

static void situations(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct step steps[STEP_COUNT + OTHERS_MAX];
        int count = make_run(&rows[i], steps);
        struct conclusion conclusion = conclude(steps, count, true);
        t_row(rows[i].name);
        t_str(doctor_class_name(conclusion.class), rows[i].class);
        t_str(finding_key(conclusion.finding), rows[i].cause);
        t_contains(conclusion.sentence, rows[i].words);
        size_t len = strlen(conclusion.sentence);
        t_int(conclusion.sentence[len - 1], '.');
        t_int(strchr(conclusion.sentence, '\n') == NULL, true);
    }
}

/* The words of a key or path keep their case. */
static void sentences(void **state)
{
    (void)state;
    static const struct {
        const char *meaning, *todo, *sentence;
    } sentences[] = {
        {"the disk is full", "free some", "The disk is full: free some."},
        {"broker.url is a page", "correct it", "broker.url is a page: correct it."},
        {"/etc/x: no such file", "", "/etc/x: no such file."},
        {"set it to the host", "https://api.x/", "Set it to the host: https://api.x/"},
        {"done.", "", "done."},
        {"no 'X'; did you mean 'Y'?", "correct it", "No 'X'; did you mean 'Y': correct it."},
        {"no 'X'; did you mean 'Y'?", "", "No 'X'; did you mean 'Y'."},
    };
    for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
        struct step step = step_begin(STEP_DISK, "x");
        step_fail(&step, FINDING_DISK_FULL, "%s", sentences[i].meaning);
        step_todo(&step, "%s", sentences[i].todo);
        struct conclusion conclusion = conclude(&step, 1, true);
        t_str(conclusion.sentence, sentences[i].sentence);
    }
}

static void offline(void **state)
{
    (void)state;
    struct step step = step_begin(STEP_CONFIG, "x");
    struct conclusion conclusion = conclude(&step, 1, false);
    t_str(doctor_class_name(conclusion.class), "OK");
    t_contains(conclusion.sentence, "the broker was not asked");
}

/* Long texts are cut, and never run over. */
static void a_long_sentence_is_bounded(void **state)
{
    struct step steps[8];
    char text[STEP_TEXT];
    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    for (int i = 0; i < 8; i++) {
        steps[i] = step_begin((enum step_id)i, "x");
        step_warn(&steps[i], FINDING_DISK_LOW, "%s", text);
        step_todo(&steps[i], "%s", text);
    }
    struct conclusion conclusion = conclude(steps, 8, true);
    t_int(strlen(conclusion.sentence), CONCLUSION_TEXT - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(situations),
        cmocka_unit_test(sentences),
        cmocka_unit_test(offline),
        cmocka_unit_test(a_long_sentence_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
