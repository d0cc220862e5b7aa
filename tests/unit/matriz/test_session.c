#include "matriz/session.h"

#include "support/t.h"

#define NOW    INT64_C(10000000)
#define MINUTE INT64_C(60000)

static struct matriz_session_step send(struct matriz_session m, enum matriz_session_event_kind kind,
                                       int64_t now_ms)
{
    const struct matriz_session_event event = {.kind = kind, .number = m.number};
    return matriz_session_step(m, event, now_ms);
}

/* In one word: what is asked, and what the step says. "profile!" = without cookies. */
static const char *words_of(const struct matriz_session_step *s)
{
    static const char *const asks[] = {"", "profile", "login"};
    static char words[64];
    snprintf(words, sizeof(words), "%s%s%s%s", asks[s->ask], s->forget ? "!" : "",
             s->obtained ? "obtained" : "", s->lost ? "lost" : "");
    return words;
}

/* Events in a row, from a state without a session, and what follows each. */
static const struct walk {
    const char *name;
    struct {
        enum matriz_session_event_kind kind;
        const char *words;
    } steps[10];
    enum matriz_session_state end;
    int64_t least_ms, most_ms; /* until the next attempt; 0 = none is scheduled */
} walks[] = {
    /* clang-format off */
    {"a login",
     {{MATRIZ_EV_NEEDED, "profile"}, {MATRIZ_EV_ANONYMOUS, "login"}, {MATRIZ_EV_LOGGED_IN, "profile"},
      {MATRIZ_EV_IDS, "obtained"}},
     MATRIZ_SESSION_HELD, 0, 0},
    {"cookies that are still good, or a guest",
     {{MATRIZ_EV_NEEDED, "profile"}, {MATRIZ_EV_IDS, "obtained"}, {MATRIZ_EV_NEEDED, ""}},
     MATRIZ_SESSION_HELD, 0, 0},
    {"nothing without a need",
     {{MATRIZ_EV_TICK, ""}, {MATRIZ_EV_IDS, ""}, {MATRIZ_EV_ANONYMOUS, ""}, {MATRIZ_EV_LOGGED_IN, ""},
      {MATRIZ_EV_REFUSED, ""}, {MATRIZ_EV_NOT_ALLOWED, ""}, {MATRIZ_EV_UNAVAILABLE, ""},
      {MATRIZ_EV_ENDED, ""}, {MATRIZ_EV_DOUBTED, ""}},
     MATRIZ_SESSION_NONE, 0, 0},
    {"old cookies",
     {{MATRIZ_EV_NEEDED, "profile"}, {MATRIZ_EV_NOT_ALLOWED, "profile!"}, {MATRIZ_EV_ANONYMOUS, "login"}},
     MATRIZ_SESSION_LOGIN, 0, 0},
    {"no profile at all",
     {{MATRIZ_EV_NEEDED, "profile"}, {MATRIZ_EV_NOT_ALLOWED, "profile!"}, {MATRIZ_EV_NOT_ALLOWED, ""}},
     MATRIZ_SESSION_NONE, 1000, 2000},
    {"a wrong password",
     {{MATRIZ_EV_NEEDED, "profile"}, {MATRIZ_EV_ANONYMOUS, "login"}, {MATRIZ_EV_REFUSED, ""}, {MATRIZ_EV_NEEDED, ""}},
     MATRIZ_SESSION_NONE, 150000, 300000},
    {"a wrong password, and no stream needs it any more",
     {{MATRIZ_EV_NEEDED, "profile"}, {MATRIZ_EV_ANONYMOUS, "login"}, {MATRIZ_EV_NOT_NEEDED, ""}, {MATRIZ_EV_REFUSED, ""}},
     MATRIZ_SESSION_NONE, 0, 0},
    {"another CSRF value, once",
     {{MATRIZ_EV_NEEDED, "profile"}, {MATRIZ_EV_ANONYMOUS, "login"}, {MATRIZ_EV_NOT_ALLOWED, "profile!"},
      {MATRIZ_EV_ANONYMOUS, "login"}, {MATRIZ_EV_NOT_ALLOWED, ""}},
     MATRIZ_SESSION_NONE, 150000, 300000},
    {"a login that gives no session",
     {{MATRIZ_EV_NEEDED, "profile"}, {MATRIZ_EV_ANONYMOUS, "login"}, {MATRIZ_EV_LOGGED_IN, "profile"},
      {MATRIZ_EV_ANONYMOUS, ""}},
     MATRIZ_SESSION_NONE, 150000, 300000},
    {"a login, and its profile is refused",
     {{MATRIZ_EV_NEEDED, "profile"}, {MATRIZ_EV_ANONYMOUS, "login"}, {MATRIZ_EV_LOGGED_IN, "profile"},
      {MATRIZ_EV_NOT_ALLOWED, ""}},
     MATRIZ_SESSION_NONE, 150000, 300000},
    {"no answer to the profile", {{MATRIZ_EV_NEEDED, "profile"}, {MATRIZ_EV_UNAVAILABLE, ""}},
     MATRIZ_SESSION_NONE, 1000, 2000},
    {"no answer to the login",
     {{MATRIZ_EV_NEEDED, "profile"}, {MATRIZ_EV_ANONYMOUS, "login"}, {MATRIZ_EV_UNAVAILABLE, ""}},
     MATRIZ_SESSION_NONE, 1000, 2000},
    {"a doubt that is unfounded: the same session, with a new number",
     {{MATRIZ_EV_NEEDED, "profile"}, {MATRIZ_EV_IDS, "obtained"}, {MATRIZ_EV_DOUBTED, "profile"},
      {MATRIZ_EV_DOUBTED, ""}, {MATRIZ_EV_IDS, "obtained"}},
     MATRIZ_SESSION_HELD, 0, 0},
    {"a doubt without an answer",
     {{MATRIZ_EV_NEEDED, "profile"}, {MATRIZ_EV_IDS, "obtained"}, {MATRIZ_EV_DOUBTED, "profile"},
      {MATRIZ_EV_UNAVAILABLE, ""}},
     MATRIZ_SESSION_HELD, 0, 0},
    {"a session refused by the first handshake",
     {{MATRIZ_EV_NEEDED, "profile"}, {MATRIZ_EV_IDS, "obtained"}, {MATRIZ_EV_ENDED, "lost"}},
     MATRIZ_SESSION_NONE, 150000, 300000},
    {"a doubt that is right, and no need",
     {{MATRIZ_EV_NEEDED, "profile"}, {MATRIZ_EV_IDS, "obtained"}, {MATRIZ_EV_NOT_NEEDED, ""},
      {MATRIZ_EV_DOUBTED, "profile"}, {MATRIZ_EV_ANONYMOUS, "lost"}},
     MATRIZ_SESSION_NONE, 0, 0},
    {"a doubt that is right, by a refusal",
     {{MATRIZ_EV_NEEDED, "profile"}, {MATRIZ_EV_IDS, "obtained"}, {MATRIZ_EV_DOUBTED, "profile"},
      {MATRIZ_EV_NOT_ALLOWED, "lost"}},
     MATRIZ_SESSION_NONE, 150000, 300000},
    /* clang-format on */
};

static void every_way(void **state)
{
    (void)state;
    for (size_t i = 0; i < T_COUNT(walks); i++) {
        struct matriz_session m = matriz_session_init(NOW, 3);
        struct matriz_session_step s = {.next = m, .wake_ms = INT64_MAX};
        t_row(walks[i].name);
        for (int k = 0; k < 10 && walks[i].steps[k].words; k++) {
            s = send(s.next, walks[i].steps[k].kind, NOW);
            t_str(words_of(&s), walks[i].steps[k].words);
        }
        t_int(s.next.state, walks[i].end);
        if (walks[i].most_ms)
            t_true(s.wake_ms - NOW >= walks[i].least_ms && s.wake_ms - NOW <= walks[i].most_ms);
        else
            t_int(s.wake_ms, INT64_MAX);
        t_int(matriz_session_usable(&s.next), walks[i].end >= MATRIZ_SESSION_HELD);
    }
}

static struct matriz_session held(int64_t now_ms)
{
    struct matriz_session m = matriz_session_init(now_ms, 3);
    m = send(m, MATRIZ_EV_NEEDED, now_ms).next;
    m = send(m, MATRIZ_EV_IDS, now_ms).next;
    return send(m, MATRIZ_EV_NOT_NEEDED, now_ms).next;
}

static void a_session_that_lasted_is_replaced_at_once_if_needed(void **state)
{
    (void)state;
    struct matriz_session m = held(NOW);
    m = send(m, MATRIZ_EV_NEEDED, NOW + 10 * MINUTE).next;
    struct matriz_session_step s = send(m, MATRIZ_EV_ENDED, NOW + 10 * MINUTE);
    t_str(words_of(&s), "profilelost");
    t_contains(s.why, "has ended");

    m = held(NOW);
    s = send(m, MATRIZ_EV_ENDED, NOW + 60 * MINUTE);
    t_str(words_of(&s), "lost");
    t_int(s.wake_ms, INT64_MAX);
    s = send(s.next, MATRIZ_EV_NEEDED, NOW + 300 * MINUTE);
    t_str(words_of(&s), "profile");

    /* A check does not make it younger. */
    m = send(held(NOW), MATRIZ_EV_DOUBTED, NOW + 20 * MINUTE).next;
    m = send(m, MATRIZ_EV_IDS, NOW + 20 * MINUTE).next;
    m = send(m, MATRIZ_EV_NEEDED, NOW + 21 * MINUTE).next;
    s = send(m, MATRIZ_EV_ENDED, NOW + 21 * MINUTE);
    t_str(words_of(&s), "profilelost");
}

static void an_older_session_says_nothing(void **state)
{
    (void)state;
    struct matriz_session m = held(NOW);
    const struct matriz_session_event old = {.kind = MATRIZ_EV_ENDED, .number = m.number - 1};
    struct matriz_session_step s = matriz_session_step(m, old, NOW + MINUTE);
    t_str(words_of(&s), "");
    t_int(s.next.state, MATRIZ_SESSION_HELD);
}

static void retry_after_is_honoured(void **state)
{
    (void)state;
    struct matriz_session m = send(matriz_session_init(NOW, 3), MATRIZ_EV_NEEDED, NOW).next;
    const struct matriz_session_event busy = {.kind = MATRIZ_EV_UNAVAILABLE,
                                              .retry_after_ms = 7 * MINUTE};
    struct matriz_session_step s = matriz_session_step(m, busy, NOW);
    t_int(s.wake_ms, NOW + 7 * MINUTE);
    s = send(s.next, MATRIZ_EV_NEEDED, NOW + MINUTE);
    t_str(words_of(&s), "");
    s = send(s.next, MATRIZ_EV_TICK, NOW + 7 * MINUTE);
    t_str(words_of(&s), "profile");
}

/* A day in which every login ends in the same way: how many are sent. */
static int logins_of_a_day(enum matriz_session_event_kind answer, bool handshake_refused)
{
    struct matriz_session_step s = send(matriz_session_init(NOW, 5), MATRIZ_EV_NEEDED, NOW);
    int logins = 0;
    for (int64_t now_ms = NOW; now_ms < NOW + 24 * 60 * MINUTE;) {
        if (s.ask == MATRIZ_ASK_PROFILE) {
            s = send(s.next, s.next.logged_in ? MATRIZ_EV_IDS : MATRIZ_EV_ANONYMOUS, now_ms);
        } else if (s.ask == MATRIZ_ASK_LOGIN) {
            logins++;
            s = send(s.next, answer, now_ms);
        } else if (s.obtained && handshake_refused) {
            s = send(s.next, MATRIZ_EV_ENDED, now_ms);
        } else if (s.wake_ms == INT64_MAX) {
            break;
        } else {
            now_ms = s.wake_ms;
            s = send(s.next, MATRIZ_EV_TICK, now_ms);
        }
    }
    return logins;
}

static void few_logins_whatever_happens(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum matriz_session_event_kind answer;
        bool handshake_refused;
        int least, most;
    } rows[] = {
        {"all is well", MATRIZ_EV_LOGGED_IN, false, 1, 1},
        {"a wrong password", MATRIZ_EV_REFUSED, false, 24, 50},
        {"the login is not allowed", MATRIZ_EV_NOT_ALLOWED, false, 48, 100},
        {"each handshake is refused", MATRIZ_EV_LOGGED_IN, true, 24, 50},
        {"no answer", MATRIZ_EV_UNAVAILABLE, false, 280, 600},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        int logins = logins_of_a_day(rows[i].answer, rows[i].handshake_refused);
        t_true(logins >= rows[i].least && logins <= rows[i].most);
    }
}

static void names(void **state)
{
    (void)state;
    t_str(matriz_session_state_name(MATRIZ_SESSION_NONE), "none");
    t_str(matriz_session_state_name(MATRIZ_SESSION_PROFILE), "profile");
    t_str(matriz_session_state_name(MATRIZ_SESSION_LOGIN), "login");
    t_str(matriz_session_state_name(MATRIZ_SESSION_HELD), "held");
    t_str(matriz_session_state_name(MATRIZ_SESSION_CHECKING), "checking");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way),
        cmocka_unit_test(a_session_that_lasted_is_replaced_at_once_if_needed),
        cmocka_unit_test(an_older_session_says_nothing),
        cmocka_unit_test(retry_after_is_honoured),
        cmocka_unit_test(few_logins_whatever_happens),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
