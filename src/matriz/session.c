#include "matriz/session.h"

#include <stddef.h>

#define REFUSED_MIN_MS (5 * 60 * 1000) /* as after a refused login of the API */
#define REFUSED_MAX_MS (60 * 60 * 1000)
#define AWAY_MIN_MS    2000
#define AWAY_MAX_MS    (5 * 60 * 1000)
#define LASTED_MS      (10 * 60 * 1000) /* a session that ended sooner counts as a failure */

struct matriz_session matriz_session_init(int64_t now_ms, uint64_t seed)
{
    return (struct matriz_session){.retry_ms = now_ms, .rng = {seed}};
}

bool matriz_session_usable(const struct matriz_session *session)
{
    return session->state == MATRIZ_SESSION_HELD || session->state == MATRIZ_SESSION_CHECKING;
}

const char *matriz_session_state_name(enum matriz_session_state state)
{
    switch (state) {
    case MATRIZ_SESSION_NONE:
        return "none";
    case MATRIZ_SESSION_PROFILE:
        return "profile";
    case MATRIZ_SESSION_LOGIN:
        return "login";
    case MATRIZ_SESSION_HELD:
        return "held";
    case MATRIZ_SESSION_CHECKING:
        return "checking";
    }
    return "?";
}

/* --- requests --------------------------------------------------------------------------------- */

static void ask_profile(struct matriz_session_step *s, bool forget)
{
    s->next.state = MATRIZ_SESSION_PROFILE;
    s->next.with_cookies = !forget;
    s->forget = forget;
    s->ask = MATRIZ_ASK_PROFILE;
}

static void begin_if_needed(struct matriz_session_step *s, int64_t now_ms)
{
    struct matriz_session *m = &s->next;
    if (m->state != MATRIZ_SESSION_NONE || !m->needed || now_ms < m->retry_ms)
        return;
    m->logged_in = m->again = false;
    ask_profile(s, false);
}

/* --- failures --------------------------------------------------------------------------------- */

static int64_t backoff_ms(struct matriz_session *m, int64_t min_ms, int64_t max_ms)
{
    int64_t ceiling_ms = min_ms;
    for (int i = 1; i < m->failures && ceiling_ms < max_ms; i++)
        ceiling_ms *= 2;
    if (ceiling_ms > max_ms)
        ceiling_ms = max_ms;
    return ceiling_ms / 2 + rng_below(&m->rng, ceiling_ms / 2 + 1);
}

/* No session; the next attempt is seconds away. */
static void fail(struct matriz_session_step *s, int64_t now_ms, int64_t retry_after_ms,
                 const char *why)
{
    struct matriz_session *m = &s->next;
    m->state = MATRIZ_SESSION_NONE;
    m->failures++;
    int64_t wait_ms = backoff_ms(m, AWAY_MIN_MS, AWAY_MAX_MS);
    m->retry_ms = now_ms + (wait_ms > retry_after_ms ? wait_ms : retry_after_ms);
    s->why = why;
}

/* The same, minutes away: it may be a refusal, and repeated ones may lock the user. */
static void refuse(struct matriz_session_step *s, int64_t now_ms, const char *why)
{
    struct matriz_session *m = &s->next;
    m->state = MATRIZ_SESSION_NONE;
    m->failures++;
    m->retry_ms = now_ms + backoff_ms(m, REFUSED_MIN_MS, REFUSED_MAX_MS);
    s->why = why;
}

/* --- the session ------------------------------------------------------------------------------ */

static void hold(struct matriz_session_step *s, int64_t now_ms)
{
    struct matriz_session *m = &s->next;
    m->since_ms = m->state == MATRIZ_SESSION_CHECKING ? m->since_ms : now_ms;
    m->state = MATRIZ_SESSION_HELD;
    m->number++;
    s->obtained = true;
}

/* One login replaces a session that has ended; if that one ends soon too, more do not help. */
static void lose(struct matriz_session_step *s, int64_t now_ms)
{
    struct matriz_session *m = &s->next;
    s->lost = true;
    if (now_ms - m->since_ms < LASTED_MS) {
        refuse(s, now_ms, "the session of the terminal ended soon after the login");
        return;
    }
    m->state = MATRIZ_SESSION_NONE;
    m->failures = 0;
    m->retry_ms = now_ms;
    s->why = "the session of the terminal has ended";
}

static void on_ids(struct matriz_session_step *s, int64_t now_ms)
{
    if (s->next.state == MATRIZ_SESSION_PROFILE || s->next.state == MATRIZ_SESSION_CHECKING)
        hold(s, now_ms);
}

static void on_anonymous(struct matriz_session_step *s, int64_t now_ms)
{
    struct matriz_session *m = &s->next;
    if (m->state == MATRIZ_SESSION_CHECKING) {
        lose(s, now_ms);
    } else if (m->state == MATRIZ_SESSION_PROFILE && m->logged_in) {
        refuse(s, now_ms, "the terminal accepted the login, but its profile has no session");
    } else if (m->state == MATRIZ_SESSION_PROFILE) {
        m->state = MATRIZ_SESSION_LOGIN;
        s->ask = MATRIZ_ASK_LOGIN;
    }
}

static void on_logged_in(struct matriz_session_step *s)
{
    if (s->next.state != MATRIZ_SESSION_LOGIN)
        return;
    s->next.logged_in = true;
    ask_profile(s, false);
}

static void on_not_allowed(struct matriz_session_step *s, int64_t now_ms)
{
    struct matriz_session *m = &s->next;
    switch (m->state) {
    case MATRIZ_SESSION_CHECKING:
        lose(s, now_ms);
        return;
    case MATRIZ_SESSION_PROFILE:
        if (m->logged_in)
            refuse(s, now_ms, "the terminal accepted the login, but not the request after it");
        else if (m->with_cookies)
            ask_profile(s, true);
        else
            fail(s, now_ms, 0, "the terminal does not give its profile");
        return;
    case MATRIZ_SESSION_LOGIN: /* perhaps the CSRF value, which is then another one */
        if (m->again) {
            refuse(s, now_ms, "the terminal does not accept the login");
            return;
        }
        m->again = true;
        ask_profile(s, true);
        return;
    case MATRIZ_SESSION_NONE:
    case MATRIZ_SESSION_HELD:
        return;
    }
}

static void on_unavailable(struct matriz_session_step *s, int64_t retry_after_ms, int64_t now_ms)
{
    if (s->next.state == MATRIZ_SESSION_CHECKING)
        s->next.state = MATRIZ_SESSION_HELD;
    else if (s->next.state == MATRIZ_SESSION_PROFILE || s->next.state == MATRIZ_SESSION_LOGIN)
        fail(s, now_ms, retry_after_ms, "the terminal does not answer the login");
}

static void on_doubted(struct matriz_session_step *s)
{
    if (s->next.state != MATRIZ_SESSION_HELD)
        return;
    s->next.state = MATRIZ_SESSION_CHECKING;
    s->next.logged_in = false;
    s->ask = MATRIZ_ASK_PROFILE;
}

static void take(struct matriz_session_step *s, struct matriz_session_event event, int64_t now_ms)
{
    switch (event.kind) {
    case MATRIZ_EV_TICK:
        return;
    case MATRIZ_EV_NEEDED:
        s->next.needed = true;
        return;
    case MATRIZ_EV_NOT_NEEDED:
        s->next.needed = false;
        return;
    case MATRIZ_EV_IDS:
        on_ids(s, now_ms);
        return;
    case MATRIZ_EV_ANONYMOUS:
        on_anonymous(s, now_ms);
        return;
    case MATRIZ_EV_LOGGED_IN:
        on_logged_in(s);
        return;
    case MATRIZ_EV_REFUSED:
        if (s->next.state == MATRIZ_SESSION_LOGIN)
            refuse(s, now_ms, "the terminal refused the login");
        return;
    case MATRIZ_EV_NOT_ALLOWED:
        on_not_allowed(s, now_ms);
        return;
    case MATRIZ_EV_UNAVAILABLE:
        on_unavailable(s, event.retry_after_ms, now_ms);
        return;
    case MATRIZ_EV_ENDED:
        if (event.number == s->next.number && matriz_session_usable(&s->next))
            lose(s, now_ms);
        return;
    case MATRIZ_EV_DOUBTED:
        on_doubted(s);
        return;
    }
}

struct matriz_session_step matriz_session_step(struct matriz_session session,
                                               struct matriz_session_event event, int64_t now_ms)
{
    struct matriz_session_step s = {.next = session};
    take(&s, event, now_ms);
    begin_if_needed(&s, now_ms);
    s.wake_ms = s.next.state == MATRIZ_SESSION_NONE && s.next.needed ? s.next.retry_ms : INT64_MAX;
    return s;
}
