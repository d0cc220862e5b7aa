#include "sim/terminal_sessions.h"

#include "support/t.h"

#define LIFE_MS 5000

static struct terminal_sessions sessions;

static int make(void **state)
{
    (void)state;
    t_row("");
    terminal_sessions_init(&sessions, LIFE_MS);
    return 0;
}

/* The session of a header with this cookie between others. */
static struct terminal_session *shown(const char *cookie, int64_t now_ms)
{
    char header[TERMINAL_COOKIE_BYTES + 100];
    snprintf(header, sizeof(header),
             "SERVERID=sim1; x" TERMINAL_COOKIE "=no; " TERMINAL_COOKIE "=%s; a=b", cookie);
    return terminal_sessions_of(&sessions, header, now_ms);
}

static void an_anonymous_session(void **state)
{
    (void)state;
    struct terminal_session *one = terminal_sessions_begin(&sessions);
    struct terminal_session *two = terminal_sessions_begin(&sessions);
    t_true(strlen(one->csrf) == 32 && strcmp(one->csrf, two->csrf) != 0);
    t_str(one->session_id, "");
    t_true(strncmp(one->cookie, "SFMyNTY.", 8) == 0 && strchr(one->cookie + 8, '.'));
    t_true(shown(one->cookie, 0) == one && shown(two->cookie, INT64_MAX) == two);
    t_true(!terminal_sessions_with_id(&sessions, "", 0));
}

static void cookies_that_are_none(void **state)
{
    static const char *const rows[] = {"", "x", TERMINAL_COOKIE, TERMINAL_COOKIE "=",
                                       "a=" TERMINAL_COOKIE};
    (void)state;
    const struct terminal_session *one = terminal_sessions_begin(&sessions);
    char longer[TERMINAL_COOKIE_BYTES + 500];
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i]);
        t_true(!terminal_sessions_of(&sessions, rows[i], 0));
    }
    snprintf(longer, sizeof(longer), "%s%0400d", one->cookie, 0);
    t_true(!shown(longer, 0));
    terminal_sessions_end(&sessions);
    t_true(!terminal_sessions_of(&sessions, TERMINAL_COOKIE "=", 0));
}

static void a_login_replaces_the_cookie_and_has_ids(void **state)
{
    char before[TERMINAL_COOKIE_BYTES], csrf[TERMINAL_CSRF_BYTES];
    (void)state;
    struct terminal_session *one = terminal_sessions_begin(&sessions);
    strcpy(before, one->cookie);
    strcpy(csrf, one->csrf);
    terminal_sessions_log_in(&sessions, one, 1000);
    t_true(strcmp(before, one->cookie) != 0 && strcmp(csrf, one->csrf) != 0);
    t_true(!shown(before, 1000) && shown(one->cookie, 1000) == one);
    const char *const ids[] = {one->session_id, one->connection_id};
    for (size_t i = 0; i < T_COUNT(ids); i++) {
        t_int(strlen(ids[i]), 64);
        t_true(strchr(ids[i], '+') && strchr(ids[i], '/') && ids[i][63] == '=');
    }
    t_true(strcmp(ids[0], ids[1]) != 0);
    t_true(terminal_sessions_with_id(&sessions, ids[0], 1000) == one);
    t_true(!terminal_sessions_with_id(&sessions, ids[1], 1000));
}

static void a_session_ends_with_its_time(void **state)
{
    (void)state;
    struct terminal_session *one = terminal_sessions_begin(&sessions);
    terminal_sessions_log_in(&sessions, one, 1000);
    t_true(shown(one->cookie, 1000 + LIFE_MS - 1) == one);
    t_true(!shown(one->cookie, 1000 + LIFE_MS));
    t_true(!terminal_sessions_with_id(&sessions, one->session_id, 1000 + LIFE_MS));
}

static void all_sessions_end_at_once(void **state)
{
    char cookie[TERMINAL_COOKIE_BYTES];
    (void)state;
    struct terminal_session *one = terminal_sessions_begin(&sessions);
    struct terminal_session *two = terminal_sessions_begin(&sessions);
    terminal_sessions_log_in(&sessions, one, 0);
    strcpy(cookie, one->cookie);
    terminal_sessions_end(&sessions);
    t_true(!shown(cookie, 1));
    t_true(shown(two->cookie, 1) == two); /* anonymous */
}

static void anonymous_sessions_make_room_first(void **state)
{
    (void)state;
    struct terminal_session *in = terminal_sessions_begin(&sessions);
    terminal_sessions_log_in(&sessions, in, 0);
    for (int n = 0; n < 3 * TERMINAL_SESSIONS_MAX; n++)
        terminal_sessions_begin(&sessions);
    t_int(sessions.count, TERMINAL_SESSIONS_MAX);
    t_true(shown(in->cookie, 1) == in);
    for (int n = 0; n < TERMINAL_SESSIONS_MAX; n++)
        terminal_sessions_log_in(&sessions, terminal_sessions_begin(&sessions), 0);
    t_int(sessions.count, TERMINAL_SESSIONS_MAX);
    struct terminal_session *last = terminal_sessions_begin(&sessions);
    t_true(shown(last->cookie, 1) == last);
}

static void finding_a_cookie(void **state)
{
    static const struct {
        const char *cookies, *value; /* NULL: none */
    } rows[] = {
        {"a=1", "1"},     {"b=2; a=1", "1"}, {"b=2;a=1;c=3", "1"}, {"a=", ""},
        {"a=1=2", "1=2"}, {"aa=1", NULL},    {"b=a=1", NULL},      {"a", NULL},
        {"A=1", NULL},    {";;; a=1", "1"},  {"a=1; a=2", "1"},    {"a=123456789", "1234567"},
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char value[8];
        t_row(rows[i].cookies);
        t_true(terminal_cookie_find(rows[i].cookies, "a", value, sizeof(value)) ==
               (rows[i].value != NULL));
        if (rows[i].value)
            t_str(value, rows[i].value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_anonymous_session, make),
        cmocka_unit_test_setup(cookies_that_are_none, make),
        cmocka_unit_test_setup(a_login_replaces_the_cookie_and_has_ids, make),
        cmocka_unit_test_setup(a_session_ends_with_its_time, make),
        cmocka_unit_test_setup(all_sessions_end_at_once, make),
        cmocka_unit_test_setup(anonymous_sessions_make_room_first, make),
        cmocka_unit_test_setup(finding_a_cookie, make),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
