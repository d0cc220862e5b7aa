#include "primary/token.h"

#include <stddef.h>

#define REFUSED_MIN_MS (5 * 60 * 1000)
#define REFUSED_MAX_MS (60 * 60 * 1000)
#define AWAY_MIN_MS    1000
#define AWAY_MAX_MS    60000
#define LOOK_AGAIN_MS  (10 * 60 * 1000) /* the wall clock may jump while we wait */
#define NO_TOKEN_QUICK 2 /* so many quick retries, in case it was not the answer to the login */
#define PAGED_MS       (10 * 1000)     /* pages of any kind for so long: the token may be invalid */
#define OLD_NS         (60 * NS_PER_S) /* a token this old may be invalid even if it never worked */
#define HELPED_MS      (5 * 60 * 1000) /* between two logins because of pages */
#define UNSURE_MS      (60 * 1000)     /* the login itself was not answered */
#define UNSURE_MAX_MS  (15 * 60 * 1000)
#define FUTILE_MS      (30 * 60 * 1000) /* the new token got pages too */
#define FUTILE_MAX_MS  (2 * 60 * 60 * 1000)

struct token_machine token_machine_init(int64_t obtained_ns, struct now now, uint64_t seed)
{
    return (struct token_machine){
        .state = obtained_ns ? TOKEN_HELD : TOKEN_ABSENT,
        .generation = obtained_ns ? 1 : 0,
        .obtained_ns = obtained_ns,
        .retry_ms = now.mono_ms,
        .page_ms = now.mono_ms,
        .rng = {seed},
    };
}

bool token_usable(const struct token_machine *machine)
{
    return machine->state == TOKEN_HELD || machine->state == TOKEN_RENEWING;
}

const char *token_state_name(enum token_state state)
{
    switch (state) {
    case TOKEN_ABSENT:
        return "absent";
    case TOKEN_ASKING:
        return "asking";
    case TOKEN_HELD:
        return "held";
    case TOKEN_RENEWING:
        return "renewing";
    case TOKEN_CHECKING:
        return "checking";
    }
    return "?";
}

/* Why the token held should be renewed, or NULL. */
static const char *renewal_due(const struct token_machine *m, struct now now)
{
    if (art_day(now.wall_ns) != art_day(m->obtained_ns))
        return "a new day has begun in Argentina";
    return NULL;
}

static int64_t renewal_in_ms(const struct token_machine *m, struct now now)
{
    int64_t wait_ms = (art_next_day_ns(m->obtained_ns) - now.wall_ns) / NS_PER_MS + 1;
    return wait_ms < LOOK_AGAIN_MS ? wait_ms : LOOK_AGAIN_MS;
}

static int64_t doubled_ms(int64_t first_ms, int64_t max_ms, int times)
{
    int64_t ms = first_ms;
    for (int i = 1; i < times && ms < max_ms; i++)
        ms *= 2;
    return ms < max_ms ? ms : max_ms;
}

static int64_t backoff_ms(struct token_machine *m, int64_t first_ms, int64_t max_ms)
{
    int64_t ceiling = doubled_ms(first_ms, max_ms, m->failures);
    return ceiling / 2 + rng_below(&m->rng, ceiling / 2 + 1);
}

static struct token_step wait_for(struct token_machine m, int64_t wake_ms, const char *why)
{
    return (struct token_step){.next = m, .wake_ms = wake_ms, .why = why};
}

static struct token_step try_login(struct token_machine m, struct now now, const char *why)
{
    if (now.mono_ms < m.retry_ms)
        return wait_for(m, m.retry_ms, NULL);
    m.state = m.state == TOKEN_HELD ? TOKEN_RENEWING : TOKEN_ASKING;
    return (struct token_step){.next = m, .login = true, .wake_ms = INT64_MAX, .why = why};
}

static struct token_step on_tick(struct token_machine m, struct now now)
{
    switch (m.state) {
    case TOKEN_ASKING:
    case TOKEN_RENEWING:
    case TOKEN_CHECKING:
        return wait_for(m, INT64_MAX, NULL);
    case TOKEN_ABSENT:
        return try_login(m, now, "no token");
    case TOKEN_HELD:
        break;
    }
    const char *due = renewal_due(&m, now);
    if (due)
        return try_login(m, now, due);
    return wait_for(m, now.mono_ms + renewal_in_ms(&m, now), NULL);
}

static struct token_step on_granted(struct token_machine m, struct now now)
{
    if (m.state == TOKEN_CHECKING)
        m.page_ms = now.mono_ms + doubled_ms(FUTILE_MS, FUTILE_MAX_MS, m.page_logins);
    m.state = TOKEN_HELD;
    m.generation++;
    m.obtained_ns = now.wall_ns;
    m.worked = m.paged = false;
    m.retry_ms = now.mono_ms;
    return wait_for(m, now.mono_ms + renewal_in_ms(&m, now), NULL);
}

static struct token_step on_refused(struct token_machine m, struct now now)
{
    m.state = m.state == TOKEN_RENEWING ? TOKEN_HELD : TOKEN_ABSENT;
    m.failures++;
    m.retry_ms = now.mono_ms + backoff_ms(&m, REFUSED_MIN_MS, REFUSED_MAX_MS);
    struct token_step step = wait_for(m, m.retry_ms, "the broker refused the login");
    step.hopeless = !m.ever_worked;
    return step;
}

/* No new token. An existing one is used again, also if pages had made it doubtful. */
static struct token_step login_failed(struct token_machine m, int64_t wait_ms, struct now now)
{
    bool checked = m.state == TOKEN_CHECKING;
    m.state = m.state == TOKEN_ASKING ? TOKEN_ABSENT : TOKEN_HELD;
    m.retry_ms = now.mono_ms + wait_ms;
    if (checked)
        m.page_ms = m.retry_ms + doubled_ms(UNSURE_MS, UNSURE_MAX_MS, m.page_logins);
    return wait_for(m, m.retry_ms, checked ? NULL : "the login failed");
}

static struct token_step on_unavailable(struct token_machine m, int64_t retry_after_ms,
                                        struct now now)
{
    m.failures++;
    int64_t wait_ms = backoff_ms(&m, AWAY_MIN_MS, AWAY_MAX_MS);
    return login_failed(m, wait_ms > retry_after_ms ? wait_ms : retry_after_ms, now);
}

/* It may be a refusal, and repeated ones may lock the user: only the first retries are quick. */
static struct token_step on_no_token(struct token_machine m, struct now now)
{
    bool quick = ++m.failures <= NO_TOKEN_QUICK;
    return login_failed(m,
                        quick ? backoff_ms(&m, AWAY_MIN_MS, AWAY_MAX_MS)
                              : backoff_ms(&m, REFUSED_MIN_MS, REFUSED_MAX_MS),
                        now);
}

static struct token_step on_unauthorized(struct token_machine m, int generation, struct now now)
{
    if (generation != m.generation || !token_usable(&m))
        return on_tick(m, now);
    if (m.state == TOKEN_RENEWING) {
        m.state = TOKEN_ASKING;
        return wait_for(m, INT64_MAX, NULL);
    }
    m.state = TOKEN_ABSENT;
    /* One login replaces an invalid token; if the new one is refused too, more do not help. */
    if (!m.worked && ++m.failures > 1) {
        m.retry_ms = now.mono_ms + backoff_ms(&m, REFUSED_MIN_MS, REFUSED_MAX_MS);
        return wait_for(m, m.retry_ms, "a fresh token was not accepted");
    }
    return try_login(m, now, "the broker no longer accepts the token");
}

/* True: these pages may mean that the token is invalid. A new token is not. */
static bool pages_count(const struct token_machine *m, bool login_page, struct now now)
{
    bool may_be_invalid = m->worked || now.wall_ns - m->obtained_ns >= OLD_NS;
    return may_be_invalid && now.mono_ms >= m->page_ms && now.mono_ms >= m->retry_ms &&
           (login_page || now.mono_ms - m->paged_ms >= PAGED_MS);
}

static struct token_step on_page(struct token_machine m, int generation, bool login_page,
                                 struct now now)
{
    if (generation != m.generation || !token_usable(&m))
        return on_tick(m, now);
    if (!m.paged)
        m.paged_ms = now.mono_ms;
    m.paged = true;
    if (!pages_count(&m, login_page, now))
        return on_tick(m, now);
    struct token_step step = {.next = m, .wake_ms = INT64_MAX};
    step.login = m.state == TOKEN_HELD;
    step.next.state = TOKEN_CHECKING;
    step.next.page_logins++;
    step.why = login_page
                   ? "a login page was received instead of an answer: the token may be invalid"
                   : "only pages were received instead of answers for 10 s: the token may "
                     "be invalid";
    return step;
}

static struct token_step on_doubted(struct token_machine m, struct now now)
{
    return m.state == TOKEN_HELD
               ? try_login(m, now,
                           "the stream was refused or closed early: the token may be invalid")
               : on_tick(m, now);
}

static void on_worked(struct token_machine *m, int generation, struct now now)
{
    if (generation != m->generation || !token_usable(m))
        return;
    m->worked = m->ever_worked = true;
    m->failures = 0;
    m->paged = false;
    if (m->page_logins && m->page_ms > now.mono_ms + HELPED_MS)
        m->page_ms = now.mono_ms + HELPED_MS;
    m->page_logins = 0;
}

struct token_step token_step(struct token_machine m, struct token_event event, struct now now)
{
    switch (event.kind) {
    case TOKEN_EV_TICK:
        break;
    case TOKEN_EV_GRANTED:
        return on_granted(m, now);
    case TOKEN_EV_REFUSED:
        return on_refused(m, now);
    case TOKEN_EV_NO_TOKEN:
        return on_no_token(m, now);
    case TOKEN_EV_UNAVAILABLE:
        return on_unavailable(m, event.retry_after_ms, now);
    case TOKEN_EV_UNAUTHORIZED:
        return on_unauthorized(m, event.generation, now);
    case TOKEN_EV_PAGE:
    case TOKEN_EV_LOGIN_PAGE:
        return on_page(m, event.generation, event.kind == TOKEN_EV_LOGIN_PAGE, now);
    case TOKEN_EV_DOUBTED:
        return on_doubted(m, now);
    case TOKEN_EV_HURRY:
        m.retry_ms = now.mono_ms;
        break;
    case TOKEN_EV_WORKED:
        on_worked(&m, event.generation, now);
        break;
    }
    return on_tick(m, now);
}
