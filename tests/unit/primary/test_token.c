#include "primary/token.h"

#include "support/t.h"

/* 2026-11-23 12:00:00 in Argentina */
#define NOON_NS   (INT64_C(1795446000) * NS_PER_S)
#define HOUR_NS   (3600 * NS_PER_S)
#define MINUTE_MS 60000
#define SEED      5

static struct now at(int64_t wall_ns)
{
    return (struct now){.mono_ms = (wall_ns - NOON_NS) / NS_PER_MS + 50 * MINUTE_MS,
                        .wall_ns = wall_ns};
}

static struct now after_ms(struct now now, int64_t ms)
{
    return (struct now){now.mono_ms + ms, now.wall_ns + ms * NS_PER_MS};
}

static struct token_step send(struct token_machine m, enum token_event_kind kind, int generation,
                              struct now now)
{
    return token_step(m, (struct token_event){.kind = kind, .generation = generation}, now);
}

static struct token_machine held(struct now now, bool worked)
{
    struct token_machine m = token_machine_init(0, now, SEED);
    m = send(m, TOKEN_EV_TICK, 0, now).next;
    m = send(m, TOKEN_EV_GRANTED, 0, now).next;
    if (worked)
        m = send(m, TOKEN_EV_WORKED, m.generation, now).next;
    t_int(m.state, TOKEN_HELD);
    return m;
}

static void test_logs_in_at_once_and_only_once(void **state)
{
    (void)state;
    struct now now = at(NOON_NS);
    struct token_step s = send(token_machine_init(0, now, SEED), TOKEN_EV_TICK, 0, now);
    t_true(s.login);
    t_int(s.next.state, TOKEN_ASKING);
    s = send(s.next, TOKEN_EV_TICK, 0, after_ms(now, MINUTE_MS));
    t_true(!s.login);
    s = send(s.next, TOKEN_EV_UNAUTHORIZED, 0, after_ms(now, MINUTE_MS));
    t_true(!s.login);
}

static void test_cached_token_needs_no_login(void **state)
{
    (void)state;
    struct now now = at(NOON_NS);
    struct token_step s =
        send(token_machine_init(NOON_NS - HOUR_NS, now, SEED), TOKEN_EV_TICK, 0, now);
    t_true(!s.login);
    t_true(token_usable(&s.next));
}

static void test_cached_token_of_yesterday_is_renewed(void **state)
{
    (void)state;
    struct now now = at(NOON_NS);
    struct token_step s =
        send(token_machine_init(NOON_NS - 13 * HOUR_NS, now, SEED), TOKEN_EV_TICK, 0, now);
    t_true(s.login);
    t_int(s.next.state, TOKEN_RENEWING); /* it may still be valid during the login */
}

static void test_renews_on_a_new_day(void **state)
{
    (void)state;
    struct token_machine m = held(at(NOON_NS), true);
    struct token_step s = send(m, TOKEN_EV_TICK, 0, at(NOON_NS + 12 * HOUR_NS - 1));
    t_true(!s.login);
    s = send(m, TOKEN_EV_TICK, 0, at(NOON_NS + 12 * HOUR_NS - 5 * NS_PER_MS));
    t_true(!s.login);
    t_int(s.wake_ms, at(NOON_NS + 12 * HOUR_NS).mono_ms + 1); /* rounded up */
    s = send(m, TOKEN_EV_TICK, 0, at(NOON_NS + 12 * HOUR_NS));
    t_true(s.login);
    t_contains(s.why, "new day");
}

/* Not also at an age of 23 hours: that would be a second login each day. */
static void test_one_login_a_day(void **state)
{
    (void)state;
    int64_t midnight_ns = NOON_NS + 12 * HOUR_NS;
    struct token_machine m = held(at(midnight_ns), true);
    t_true(!send(m, TOKEN_EV_TICK, 0, at(midnight_ns + 24 * HOUR_NS - NS_PER_S)).login);
    t_true(send(m, TOKEN_EV_TICK, 0, at(midnight_ns + 24 * HOUR_NS)).login);
}

static void test_wakes_in_time_for_the_renewal(void **state)
{
    (void)state;
    struct now now = at(NOON_NS);
    struct token_machine m = held(now, true);
    int logins = 0;
    for (int turns = 0; logins == 0; turns++) {
        struct token_step s = send(m, TOKEN_EV_TICK, 0, now);
        m = s.next;
        logins += s.login;
        assert_true(turns < 1000);
        if (!s.login) {
            assert_true(s.wake_ms > now.mono_ms);
            now = after_ms(now, s.wake_ms - now.mono_ms);
        }
    }
    int64_t late_ms = (now.wall_ns - (NOON_NS + 12 * HOUR_NS)) / NS_PER_MS;
    assert_true(late_ms >= 0 && late_ms < 1000);
}

static void test_401_on_a_token_that_worked(void **state)
{
    (void)state;
    struct now now = at(NOON_NS);
    struct token_machine m = held(now, true);
    struct token_step s = send(m, TOKEN_EV_UNAUTHORIZED, m.generation, after_ms(now, 10));
    t_true(s.login);
    t_int(s.next.state, TOKEN_ASKING);
    /* the other requests in flight fail too: no second login */
    s = send(s.next, TOKEN_EV_UNAUTHORIZED, m.generation, after_ms(now, 11));
    t_true(!s.login);
    s = send(s.next, TOKEN_EV_GRANTED, 0, after_ms(now, 20));
    t_int(s.next.generation, m.generation + 1);
    /* and a late answer to the old token does not count for the new one */
    s = send(s.next, TOKEN_EV_UNAUTHORIZED, m.generation, after_ms(now, 30));
    t_true(!s.login && token_usable(&s.next));
}

static void test_401_on_two_fresh_tokens_waits_minutes(void **state)
{
    (void)state;
    struct now now = at(NOON_NS);
    struct token_machine m = held(now, false);
    struct token_step s = send(m, TOKEN_EV_UNAUTHORIZED, m.generation, now);
    t_true(s.login); /* once */
    int64_t previous = 0;
    for (int round = 0; round < 4; round++) {
        s = send(s.next, TOKEN_EV_GRANTED, 0, now);
        s = send(s.next, TOKEN_EV_UNAUTHORIZED, s.next.generation, now);
        t_true(!s.login);
        t_true(!s.hopeless);
        int64_t wait = s.wake_ms - now.mono_ms;
        assert_true(wait >= 2 * MINUTE_MS && wait >= previous / 2);
        previous = wait;
        now = after_ms(now, wait);
        s = send(s.next, TOKEN_EV_TICK, 0, now);
        t_true(s.login);
    }
}

static void test_refused_at_start_is_hopeless(void **state)
{
    (void)state;
    struct now now = at(NOON_NS);
    struct token_step s = send(token_machine_init(0, now, SEED), TOKEN_EV_TICK, 0, now);
    s = send(s.next, TOKEN_EV_REFUSED, 0, now);
    t_true(s.hopeless && !s.login);
}

static void test_refused_while_running_goes_on_slowly(void **state)
{
    (void)state;
    struct now now = at(NOON_NS);
    struct token_machine m = held(now, true);
    struct token_step s = send(m, TOKEN_EV_UNAUTHORIZED, m.generation, now);
    int logins = 0;
    for (int64_t until = now.mono_ms + 24 * 60 * MINUTE_MS; now.mono_ms < until;) {
        if (s.login) {
            logins++;
            s = send(s.next, TOKEN_EV_REFUSED, 0, now);
            t_true(!s.hopeless);
        }
        assert_true(s.wake_ms - now.mono_ms >= 2 * MINUTE_MS);
        now = after_ms(now, s.wake_ms - now.mono_ms);
        s = send(s.next, TOKEN_EV_TICK, 0, now);
    }
    assert_true(logins >= 24 && logins <= 60);
}

/* Before a session nobody waits for the end of a long back-off. */
static void test_a_session_that_begins_soon(void **state)
{
    (void)state;
    struct now now = at(NOON_NS);
    struct token_machine m = held(now, true);
    t_row("a token that is held needs no login");
    t_true(!send(m, TOKEN_EV_HURRY, 0, now).login);
    m.state = TOKEN_ABSENT;
    m.failures = 9;
    m.retry_ms = now.mono_ms + 60 * MINUTE_MS;
    t_row("a refused login is sent again");
    struct token_step s = send(m, TOKEN_EV_HURRY, 0, now);
    t_true(s.login);
    t_int(s.next.state, TOKEN_ASKING);
    t_row("one is enough");
    t_true(!send(s.next, TOKEN_EV_HURRY, 0, now).login);
    t_row("refused again: the wait is not shorter than before");
    s = send(s.next, TOKEN_EV_REFUSED, 0, now);
    t_true(s.wake_ms >= now.mono_ms + 30 * MINUTE_MS);
    t_row("yesterday's token, whose renewal was refused");
    m = held(now, true);
    m.obtained_ns -= NS_PER_DAY;
    m.retry_ms = now.mono_ms + 60 * MINUTE_MS;
    s = send(m, TOKEN_EV_HURRY, 0, now);
    t_true(s.login);
    t_int(s.next.state, TOKEN_RENEWING);
}

static void test_renewal_refused_keeps_the_old_token(void **state)
{
    (void)state;
    struct token_machine m = held(at(NOON_NS), true);
    struct now now = at(NOON_NS + 12 * HOUR_NS);
    struct token_step s = send(m, TOKEN_EV_TICK, 0, now);
    t_true(s.login);
    s = send(s.next, TOKEN_EV_REFUSED, 0, now);
    t_true(token_usable(&s.next) && !s.hopeless);
    t_true(!send(s.next, TOKEN_EV_TICK, 0, after_ms(now, MINUTE_MS)).login);
}

static void test_unavailable_backs_off_and_honours_retry_after(void **state)
{
    (void)state;
    struct now now = at(NOON_NS);
    struct token_step s = send(token_machine_init(0, now, SEED), TOKEN_EV_TICK, 0, now);
    s = token_step(s.next, (struct token_event){TOKEN_EV_UNAVAILABLE, 0, 90000}, now);
    t_int(s.wake_ms, now.mono_ms + 90000);
    t_true(!s.hopeless);
    now = after_ms(now, 90000);
    for (int i = 0; i < 10; i++) {
        s = send(s.next, TOKEN_EV_TICK, 0, now);
        t_true(s.login);
        s = send(s.next, TOKEN_EV_UNAVAILABLE, 0, now);
        assert_true(s.wake_ms > now.mono_ms && s.wake_ms <= now.mono_ms + MINUTE_MS);
        now = after_ms(now, MINUTE_MS);
    }
}

/* Every event in every state: at most one login in flight, and a wake-up is set. */
static void test_every_event_in_every_state(void **state)
{
    (void)state;
    struct now now = at(NOON_NS);
    for (int st = TOKEN_ABSENT; st <= TOKEN_CHECKING; st++) {
        for (int ev = TOKEN_EV_TICK; ev <= TOKEN_EV_DOUBTED; ev++) {
            struct token_machine m = token_machine_init(NOON_NS, now, SEED);
            m.state = (enum token_state)st;
            struct token_step s = send(m, (enum token_event_kind)ev, m.generation, now);
            bool was_asking = st == TOKEN_ASKING || st == TOKEN_RENEWING || st == TOKEN_CHECKING;
            bool ended = ev >= TOKEN_EV_GRANTED && ev <= TOKEN_EV_UNAVAILABLE;
            bool asking = s.next.state == TOKEN_ASKING || s.next.state == TOKEN_RENEWING ||
                          s.next.state == TOKEN_CHECKING;
            t_row(token_state_name((enum token_state)st));
            t_true(!(s.login && was_asking && !ended));
            t_true(!s.login || asking);
            t_true(asking || s.wake_ms != INT64_MAX);
        }
    }
}

static void test_a_doubted_token_stays_in_use(void **state)
{
    (void)state;
    struct now now = at(NOON_NS);
    struct token_step s = send(held(now, true), TOKEN_EV_DOUBTED, 0, now);
    t_true(s.login);
    t_int(s.next.state, TOKEN_RENEWING);
    t_true(token_usable(&s.next));
    t_true(!send(s.next, TOKEN_EV_DOUBTED, 0, now).login); /* one in flight */
    s = send(s.next, TOKEN_EV_REFUSED, 0, now);
    t_int(s.next.state, TOKEN_HELD);
    t_true(!s.hopeless);
    t_true(!send(s.next, TOKEN_EV_DOUBTED, 0, now).login); /* minutes apart */
    s = send(token_machine_init(0, now, SEED), TOKEN_EV_DOUBTED, 0, now);
    t_true(s.login); /* there is none at all */
}

/* --- pages instead of answers ----------------------------------------------------------------- */

static void test_a_login_page_is_checked_with_one_login(void **state)
{
    (void)state;
    struct now now = at(NOON_NS);
    struct token_machine m = held(now, true);
    struct token_step s = send(m, TOKEN_EV_LOGIN_PAGE, m.generation, now);
    t_true(s.login);
    t_int(s.next.state, TOKEN_CHECKING);
    t_true(!token_usable(&s.next)); /* no request is sent with it during the check */
    t_true(!send(s.next, TOKEN_EV_LOGIN_PAGE, m.generation, now).login);
    t_true(!send(s.next, TOKEN_EV_UNAUTHORIZED, m.generation, now).login);
    s = send(s.next, TOKEN_EV_GRANTED, 0, now);
    t_true(token_usable(&s.next));
    /* the new one works: the old token was invalid */
    s = send(s.next, TOKEN_EV_WORKED, s.next.generation, now);
    t_true(!send(s.next, TOKEN_EV_LOGIN_PAGE, s.next.generation, after_ms(now, 60000)).login);
    t_true(
        send(s.next, TOKEN_EV_LOGIN_PAGE, s.next.generation, after_ms(now, 5 * MINUTE_MS)).login);
}

/* The page is not about the token: the login is answered, but the new token gets the page too. */
static void test_a_new_token_that_gets_the_page_is_kept(void **state)
{
    (void)state;
    struct now now = at(NOON_NS);
    struct token_machine m = held(now, true);
    struct token_step s = send(m, TOKEN_EV_LOGIN_PAGE, m.generation, now);
    int logins = s.login;
    s = send(s.next, TOKEN_EV_GRANTED, 0, now);
    for (int second = 0; second < 3600; second++) {
        now = after_ms(now, 1000);
        s = send(s.next, TOKEN_EV_LOGIN_PAGE, s.next.generation, now);
        t_true(!s.hopeless);
        logins += s.login;
        if (s.login)
            s = send(s.next, TOKEN_EV_GRANTED, 0, now);
        t_true(token_usable(&s.next)); /* the token is not the cause: it is used again */
    }
    t_int(logins, 2); /* the second one half an hour later */
}

/* The login is answered with the page too. */
static void test_a_page_as_answer_to_the_login_keeps_the_token(void **state)
{
    (void)state;
    struct now now = at(NOON_NS);
    struct token_machine m = held(now, true);
    struct token_step s = send(m, TOKEN_EV_LOGIN_PAGE, m.generation, now);
    int logins = s.login;
    for (int second = 0; second < 600; second++) {
        if (s.login) {
            s = send(s.next, TOKEN_EV_UNAVAILABLE, 0, now);
            t_int(s.next.state, TOKEN_HELD);
            t_int(s.next.generation, m.generation);
            t_true(s.why == NULL && !s.hopeless);
        }
        now = after_ms(now, 1000);
        s = send(s.next, TOKEN_EV_LOGIN_PAGE, m.generation, now);
        logins += s.login;
    }
    t_true(logins >= 3 && logins <= 5);
}

static void test_pages_of_any_kind_are_checked_when_they_last(void **state)
{
    (void)state;
    struct now now = at(NOON_NS);
    struct token_machine m = held(now, true);
    struct token_step s = send(m, TOKEN_EV_PAGE, m.generation, now);
    t_true(!s.login && token_usable(&s.next));
    t_true(!send(s.next, TOKEN_EV_PAGE, m.generation, after_ms(now, 9999)).login);
    s = send(s.next, TOKEN_EV_PAGE, m.generation, after_ms(now, 10000));
    t_true(s.login);
    t_contains(s.why, "for 10 s");
    /* an answer between them restarts the 10 s */
    s = send(m, TOKEN_EV_PAGE, m.generation, now);
    s = send(s.next, TOKEN_EV_WORKED, m.generation, after_ms(now, 5000));
    t_true(!send(s.next, TOKEN_EV_PAGE, m.generation, after_ms(now, 12000)).login);
}

static void test_a_cached_token_may_be_invalid_a_new_one_is_not(void **state)
{
    (void)state;
    struct now now = at(NOON_NS);
    struct token_machine m = held(now, false);
    t_true(!send(m, TOKEN_EV_LOGIN_PAGE, m.generation, now).login);
    m = token_machine_init(NOON_NS - HOUR_NS, now, SEED);
    t_true(send(m, TOKEN_EV_LOGIN_PAGE, m.generation, now).login);
    t_true(!send(m, TOKEN_EV_LOGIN_PAGE, m.generation - 1, now).login); /* of an earlier one */
}

static void test_refused_while_checking(void **state)
{
    (void)state;
    struct now now = at(NOON_NS);
    struct token_machine m = held(now, true);
    struct token_step s = send(m, TOKEN_EV_LOGIN_PAGE, m.generation, now);
    s = send(s.next, TOKEN_EV_REFUSED, 0, now);
    t_int(s.next.state, TOKEN_ABSENT);
    t_true(!s.hopeless && s.wake_ms - now.mono_ms >= 2 * MINUTE_MS);
}

static void test_a_page_while_renewing_waits_for_the_new_token(void **state)
{
    (void)state;
    struct token_machine m = held(at(NOON_NS), true);
    struct now now = at(NOON_NS + 12 * HOUR_NS);
    struct token_step s = send(m, TOKEN_EV_TICK, 0, now);
    t_true(s.login);
    s = send(s.next, TOKEN_EV_LOGIN_PAGE, m.generation, now);
    t_true(!s.login); /* one in flight */
    t_int(s.next.state, TOKEN_CHECKING);
    s = send(s.next, TOKEN_EV_GRANTED, 0, now);
    t_true(token_usable(&s.next));
}

/* 2xx without a token may be a refusal: repeated ones may lock the user. */
static void test_logins_without_a_token(void **state)
{
    (void)state;
    struct now now = at(NOON_NS);
    struct token_step s = send(token_machine_init(0, now, SEED), TOKEN_EV_TICK, 0, now);
    int logins = 0;
    for (int64_t until = now.mono_ms + 60 * MINUTE_MS; now.mono_ms < until;) {
        t_true(s.login);
        logins++;
        s = send(s.next, TOKEN_EV_NO_TOKEN, 0, now);
        t_true(!s.hopeless && !s.login);
        int64_t wait_ms = s.wake_ms - now.mono_ms;
        t_true(logins <= 2 ? wait_ms <= 2000 : wait_ms >= 5 * MINUTE_MS);
        now = after_ms(now, wait_ms);
        s = send(s.next, TOKEN_EV_TICK, 0, now);
    }
    t_true(logins >= 3 && logins <= 7);
}

/* The wall clock may be set while it waits, so it looks again every ten minutes. */
static void test_waits_ten_minutes_at_most(void **state)
{
    (void)state;
    struct now now = at(NOON_NS);
    struct token_step s = send(held(now, true), TOKEN_EV_TICK, 0, now);
    t_int(s.wake_ms - now.mono_ms, 10 * MINUTE_MS);
}

static void test_a_token_of_a_minute_may_be_invalid(void **state)
{
    (void)state;
    struct now now = at(NOON_NS);
    struct token_machine m = held(now, false);
    t_true(!send(m, TOKEN_EV_LOGIN_PAGE, m.generation, after_ms(now, MINUTE_MS - 1)).login);
    t_true(send(m, TOKEN_EV_LOGIN_PAGE, m.generation, after_ms(now, MINUTE_MS)).login);
}

/* Logins that are answered with a page are repeated after 1, 2, 4, 8 and then every 15 minutes,
 * each after the wait of an unanswered login. */
static void test_logins_without_an_answer_become_rare(void **state)
{
    (void)state;
    static const int minutes[] = {1, 2, 4, 8, 15, 15};
    struct now now = at(NOON_NS - 8 * HOUR_NS);
    struct token_machine m = held(now, true);
    struct token_step s = send(m, TOKEN_EV_LOGIN_PAGE, m.generation, now);
    for (size_t i = 0; i < T_COUNT(minutes); i++) {
        t_true(s.login);
        m = send(s.next, TOKEN_EV_UNAVAILABLE, 0, now).next;
        int64_t wait_ms = m.retry_ms - now.mono_ms + (int64_t)minutes[i] * MINUTE_MS;
        t_true(!send(m, TOKEN_EV_LOGIN_PAGE, m.generation, after_ms(now, wait_ms - 1)).login);
        now = after_ms(now, wait_ms);
        s = send(m, TOKEN_EV_LOGIN_PAGE, m.generation, now);
    }
    t_true(s.login);
}

static void test_the_generation_of_the_first_token(void **state)
{
    (void)state;
    struct now now = at(NOON_NS);
    t_int(token_machine_init(0, now, SEED).generation, 0);
    t_int(token_machine_init(NOON_NS - 1, now, SEED).generation, 1);
}

/* A new token that worked makes the wait shorter, never longer. */
static void test_a_working_token_shortens_the_wait(void **state)
{
    (void)state;
    struct now now = at(NOON_NS);
    struct token_machine m = held(now, true);
    m = send(m, TOKEN_EV_LOGIN_PAGE, m.generation, now).next;
    m = send(m, TOKEN_EV_GRANTED, 0, now).next; /* the next login in half an hour */
    struct now later = after_ms(now, 29 * MINUTE_MS);
    m = send(m, TOKEN_EV_WORKED, m.generation, later).next;
    t_true(!send(m, TOKEN_EV_LOGIN_PAGE, m.generation, after_ms(now, 30 * MINUTE_MS - 1)).login);
    t_true(send(m, TOKEN_EV_LOGIN_PAGE, m.generation, after_ms(now, 30 * MINUTE_MS)).login);
}

/* Logins that do not help are repeated after 30 minutes, one hour, and then every two. */
static void test_logins_that_do_not_help_become_rare(void **state)
{
    (void)state;
    static const int minutes[] = {30, 60, 120, 120};
    struct now now = at(NOON_NS - 8 * HOUR_NS);
    struct token_machine m = held(now, true);
    struct token_step s = send(m, TOKEN_EV_LOGIN_PAGE, m.generation, now);
    for (size_t i = 0; i < T_COUNT(minutes); i++) {
        t_true(s.login);
        m = send(s.next, TOKEN_EV_GRANTED, 0, now).next;
        struct now before = after_ms(now, (int64_t)minutes[i] * MINUTE_MS - 1);
        t_true(!send(m, TOKEN_EV_LOGIN_PAGE, m.generation, before).login);
        now = after_ms(before, 1);
        s = send(m, TOKEN_EV_LOGIN_PAGE, m.generation, now);
    }
    t_true(s.login);
}

/* Between a half and the whole of a wait that doubles, so that services do not retry together. */
static void test_waits_after_a_refusal(void **state)
{
    (void)state;
    static const int minutes[] = {5, 10, 20, 40, 60, 60};
    for (size_t i = 0; i < T_COUNT(minutes); i++) {
        int64_t least_ms = INT64_MAX, most_ms = 0, longest_ms = (int64_t)minutes[i] * MINUTE_MS;
        for (uint64_t seed = 1; seed <= 500; seed++) {
            struct now now = at(NOON_NS);
            struct token_machine m = token_machine_init(0, now, seed * 7919);
            m = send(m, TOKEN_EV_TICK, 0, now).next;
            m.failures = (int)i;
            int64_t wait_ms = send(m, TOKEN_EV_REFUSED, 0, now).wake_ms - now.mono_ms;
            least_ms = wait_ms < least_ms ? wait_ms : least_ms;
            most_ms = wait_ms > most_ms ? wait_ms : most_ms;
        }
        t_true(least_ms >= longest_ms / 2 && least_ms < longest_ms * 52 / 100);
        t_true(most_ms <= longest_ms && most_ms > longest_ms * 98 / 100);
    }
}

/* The first retry comes after half a second to a second; both ends are possible. */
static void test_waits_after_no_answer(void **state)
{
    (void)state;
    int64_t least_ms = INT64_MAX, most_ms = 0;
    for (uint64_t seed = 1; seed <= 10000; seed++) {
        struct now now = at(NOON_NS);
        struct token_machine m = token_machine_init(0, now, seed * 7919);
        m = send(m, TOKEN_EV_TICK, 0, now).next;
        int64_t wait_ms = send(m, TOKEN_EV_UNAVAILABLE, 0, now).wake_ms - now.mono_ms;
        least_ms = wait_ms < least_ms ? wait_ms : least_ms;
        most_ms = wait_ms > most_ms ? wait_ms : most_ms;
    }
    t_int(least_ms, 500);
    t_int(most_ms, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_logs_in_at_once_and_only_once),
        cmocka_unit_test(test_cached_token_needs_no_login),
        cmocka_unit_test(test_cached_token_of_yesterday_is_renewed),
        cmocka_unit_test(test_renews_on_a_new_day),
        cmocka_unit_test(test_one_login_a_day),
        cmocka_unit_test(test_wakes_in_time_for_the_renewal),
        cmocka_unit_test(test_401_on_a_token_that_worked),
        cmocka_unit_test(test_401_on_two_fresh_tokens_waits_minutes),
        cmocka_unit_test(test_refused_at_start_is_hopeless),
        cmocka_unit_test(test_refused_while_running_goes_on_slowly),
        cmocka_unit_test(test_a_session_that_begins_soon),
        cmocka_unit_test(test_renewal_refused_keeps_the_old_token),
        cmocka_unit_test(test_unavailable_backs_off_and_honours_retry_after),
        cmocka_unit_test(test_every_event_in_every_state),
        cmocka_unit_test(test_a_doubted_token_stays_in_use),
        cmocka_unit_test(test_a_login_page_is_checked_with_one_login),
        cmocka_unit_test(test_a_new_token_that_gets_the_page_is_kept),
        cmocka_unit_test(test_a_page_as_answer_to_the_login_keeps_the_token),
        cmocka_unit_test(test_pages_of_any_kind_are_checked_when_they_last),
        cmocka_unit_test(test_a_cached_token_may_be_invalid_a_new_one_is_not),
        cmocka_unit_test(test_refused_while_checking),
        cmocka_unit_test(test_a_page_while_renewing_waits_for_the_new_token),
        cmocka_unit_test(test_logins_without_a_token),
        cmocka_unit_test(test_waits_ten_minutes_at_most),
        cmocka_unit_test(test_a_token_of_a_minute_may_be_invalid),
        cmocka_unit_test(test_logins_that_do_not_help_become_rare),
        cmocka_unit_test(test_waits_after_a_refusal),
        cmocka_unit_test(test_a_working_token_shortens_the_wait),
        cmocka_unit_test(test_logins_without_an_answer_become_rare),
        cmocka_unit_test(test_the_generation_of_the_first_token),
        cmocka_unit_test(test_waits_after_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
