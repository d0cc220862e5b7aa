#include "market/feed_state.h"

#include "support/t.h"

#define NOW   INT64_C(10000000)
#define STALE 90000

static const struct feed_limits limits = {.enabled = true, .stale_ms = STALE};

static struct feed_step send_at(struct feed_state f, enum feed_event_kind kind, int64_t now_ms)
{
    return feed_step(f, (struct feed_event){.kind = kind, .session = SESSION_OPEN}, now_ms,
                     &limits);
}

/* A feed that streams since NOW and has received a change. */
static struct feed_state streaming(void)
{
    struct feed_state f = feed_state_init(NOW - 1000, 7);
    f = send_at(f, FEED_EV_TOKEN, NOW - 900).next;
    f = send_at(f, FEED_EV_TICK, NOW - 800).next;
    f = send_at(f, FEED_EV_OPENED, NOW - 700).next;
    f = send_at(f, FEED_EV_DATUM, NOW).next;
    f = send_at(f, FEED_EV_CHANGE, NOW).next;
    t_int(f.mode, FEED_STREAMING);
    return f;
}

static void test_every_mode_and_event(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum feed_mode from;
        enum feed_event_kind event;
        enum feed_mode to;
        unsigned act;
    } rows[] = {
        {"a token", FEED_NO_TOKEN, FEED_EV_TOKEN, FEED_CONNECTING, FEED_ACT_CONNECT},
        {"nothing without a token", FEED_NO_TOKEN, FEED_EV_TICK, FEED_NO_TOKEN, 0},
        {"the token is removed", FEED_POLLING, FEED_EV_NO_TOKEN, FEED_NO_TOKEN, 0},
        {"time to try", FEED_POLLING, FEED_EV_TICK, FEED_CONNECTING, FEED_ACT_CONNECT},
        {"opened: wait for data", FEED_CONNECTING, FEED_EV_OPENED, FEED_SUBSCRIBING, 0},
        {"no connection", FEED_CONNECTING, FEED_EV_CLOSED, FEED_POLLING, FEED_ACT_POLL_ALL},
        {"refused: a new token", FEED_CONNECTING, FEED_EV_REFUSED, FEED_POLLING,
         FEED_ACT_POLL_ALL | FEED_ACT_RENEW_TOKEN},
        {"data while connecting is ignored", FEED_CONNECTING, FEED_EV_DATUM, FEED_CONNECTING, 0},
        {"the first data", FEED_SUBSCRIBING, FEED_EV_DATUM, FEED_STREAMING, 0},
        {"the first data, a change", FEED_SUBSCRIBING, FEED_EV_CHANGE, FEED_STREAMING, 0},
        {"closed early: a new token", FEED_SUBSCRIBING, FEED_EV_CLOSED, FEED_POLLING,
         FEED_ACT_POLL_ALL | FEED_ACT_RENEW_TOKEN},
        {"more data", FEED_STREAMING, FEED_EV_DATUM, FEED_STREAMING, 0},
        {"an open stream needs no token", FEED_STREAMING, FEED_EV_NO_TOKEN, FEED_STREAMING, 0},
        {"one diverges, others deliver", FEED_STREAMING, FEED_EV_DIVERGED, FEED_STREAMING,
         FEED_ACT_RESUBSCRIBE_ONE},
        {"probes agree", FEED_STREAMING, FEED_EV_AGREED, FEED_STREAMING, 0},
        {"a new token changes nothing", FEED_STREAMING, FEED_EV_TOKEN, FEED_STREAMING, 0},
        {"the stream ends", FEED_STREAMING, FEED_EV_CLOSED, FEED_POLLING,
         FEED_ACT_POLL_ALL | FEED_ACT_RENEW_TOKEN},
        {"data again", FEED_STALE, FEED_EV_DATUM, FEED_STREAMING, 0},
        {"stale and closed", FEED_STALE, FEED_EV_CLOSED, FEED_POLLING,
         FEED_ACT_POLL_ALL | FEED_ACT_RENEW_TOKEN},
        {"closed twice", FEED_POLLING, FEED_EV_CLOSED, FEED_CONNECTING, FEED_ACT_CONNECT},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct feed_state f = feed_state_init(NOW - 1000, 7);
        t_row(rows[i].name);
        f.mode = rows[i].from;
        f.has_token = rows[i].from != FEED_NO_TOKEN;
        f.session = SESSION_OPEN;
        f.opened_ms = f.heard_ms = f.since_ms = NOW - 100;
        struct feed_step s = send_at(f, rows[i].event, NOW);
        t_int(s.next.mode, rows[i].to);
        t_int(s.act, rows[i].act);
        t_true((s.next.mode == f.mode && !s.act) == (s.why == NULL));
    }
}

static void test_silence_makes_the_stream_stale(void **state)
{
    (void)state;
    struct feed_state f = streaming();
    struct feed_step s = send_at(f, FEED_EV_TICK, NOW + STALE - 1);
    t_int(s.next.mode, FEED_STREAMING);
    t_int(s.wake_ms, NOW + STALE);
    s = send_at(f, FEED_EV_TICK, NOW + STALE);
    t_int(s.next.mode, FEED_STALE);
    t_int(s.act, FEED_ACT_RESUBSCRIBE | FEED_ACT_POLL_ALL);
    t_contains(s.why, "no data");
    /* No data: another connection. */
    s = send_at(s.next, FEED_EV_TICK, s.wake_ms);
    t_int(s.next.mode, FEED_POLLING);
    t_int(s.act & (FEED_ACT_DISCONNECT | FEED_ACT_POLL_ALL),
          FEED_ACT_DISCONNECT | FEED_ACT_POLL_ALL);
}

static void test_the_message_says_how_the_connection_ended(void **state)
{
    (void)state;
    static const struct {
        enum feed_mode from;
        enum feed_event_kind event;
        const char *why;
    } rows[] = {
        {FEED_CONNECTING, FEED_EV_REFUSED, "the broker refused the stream"},
        {FEED_STREAMING, FEED_EV_REFUSED, "the broker refused the stream"},
        {FEED_CONNECTING, FEED_EV_CLOSED, "the stream could not be connected"},
        {FEED_CONNECTING, FEED_EV_PAGE, "the stream could not be connected"},
        {FEED_SUBSCRIBING, FEED_EV_CLOSED, "the stream ended"},
        {FEED_STALE, FEED_EV_CLOSED, "the stream ended"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct feed_state f = streaming();
        t_row(rows[i].why);
        f.mode = rows[i].from;
        t_str(send_at(f, rows[i].event, NOW + 1).why, rows[i].why);
    }
    t_row("");
}

/* Two silences ten minutes apart are two series: each begins with another subscription. */
static void test_silences_far_apart_are_not_one_series(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t since_repair_ms;
        enum feed_mode to;
    } rows[] = {
        {"just under ten minutes", 599999, FEED_POLLING},
        {"ten minutes", 600000, FEED_STALE},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct feed_state f = streaming();
        t_row(rows[i].name);
        f.repairs = 1;
        f.repaired_ms = NOW + STALE - rows[i].since_repair_ms;
        t_int(send_at(f, FEED_EV_TICK, NOW + STALE).next.mode, rows[i].to);
    }
    t_row("");
}

static void test_a_second_silence_disconnects(void **state)
{
    (void)state;
    struct feed_state f = send_at(streaming(), FEED_EV_TICK, NOW + STALE).next;
    f = send_at(f, FEED_EV_CHANGE, NOW + STALE + 10).next;
    t_int(f.mode, FEED_STREAMING);
    struct feed_step s = send_at(f, FEED_EV_TICK, NOW + 2 * STALE + 10);
    t_int(s.next.mode, FEED_POLLING);
    t_true(s.act & FEED_ACT_DISCONNECT);
}

/* The subscription tries one instrument from time to time, on this connection. */
static void test_a_denied_stream_stays_connected(void **state)
{
    (void)state;
    struct feed_state f = feed_state_init(NOW - 1000, 7);
    f.mode = FEED_CONNECTING;
    f.has_token = true;
    f = send_at(f, FEED_EV_OPENED, NOW).next;
    struct feed_step s = send_at(f, FEED_EV_DENIED, NOW + 100);
    t_int(s.next.mode, FEED_SUBSCRIBING);
    t_int(s.wake_ms, INT64_MAX);
    s = send_at(s.next, FEED_EV_TICK, NOW + 100 * STALE);
    t_int(s.next.mode, FEED_SUBSCRIBING);
    t_int(send_at(s.next, FEED_EV_DATUM, NOW + 101 * STALE).next.mode, FEED_STREAMING);
    s = send_at(s.next, FEED_EV_CLOSED, NOW + 101 * STALE);
    t_int(s.next.mode, FEED_POLLING);
    s.next.mode = FEED_CONNECTING; /* another connection is not denied yet */
    s = send_at(s.next, FEED_EV_OPENED, NOW + 102 * STALE);
    t_int(s.wake_ms, NOW + 103 * STALE);
}

static void test_a_quiet_market_is_not_mute(void **state)
{
    (void)state;
    struct feed_state f = streaming();
    for (int64_t t = NOW; t < NOW + 40 * STALE; t += STALE / 2) {
        f = send_at(f, FEED_EV_AGREED, t).next;
        t_int(f.mode, FEED_STREAMING);
    }
    /* A stream without any change so far is not expected to send one. */
    f = streaming();
    f.active = false;
    t_int(send_at(f, FEED_EV_TICK, NOW + 100 * STALE).next.mode, FEED_STREAMING);
}

static void test_a_closed_market_is_not_stale(void **state)
{
    (void)state;
    struct feed_state f = streaming();
    const struct feed_event evening = {.kind = FEED_EV_TICK};
    struct feed_step s = feed_step(f, evening, NOW + 1000, &limits);
    t_int(s.wake_ms, INT64_MAX);
    s = feed_step(s.next, evening, NOW + 50000000, &limits);
    t_int(s.next.mode, FEED_STREAMING);
    /* In the morning the timer restarts, and silence counts only after the first change. */
    s = send_at(s.next, FEED_EV_TICK, NOW + 60000000);
    t_int(s.next.mode, FEED_STREAMING);
    s = send_at(s.next, FEED_EV_CHANGE, NOW + 60000001);
    t_int(s.wake_ms, NOW + 60000001 + STALE);
}

static void test_connected_without_data(void **state)
{
    (void)state;
    struct feed_state f = feed_state_init(NOW, 7);
    f = send_at(f, FEED_EV_TOKEN, NOW).next;
    struct feed_step s = send_at(f, FEED_EV_OPENED, NOW + 10);
    t_int(s.wake_ms, NOW + 10 + STALE);
    s = send_at(s.next, FEED_EV_TICK, s.wake_ms);
    t_int(s.next.mode, FEED_POLLING);
    t_true(s.act & FEED_ACT_DISCONNECT);
    t_contains(s.why, "no data");
    t_int(s.next.failures, 1);
}

static void test_divergence_in_silence_and_repeated(void **state)
{
    (void)state;
    struct feed_step s = send_at(streaming(), FEED_EV_DIVERGED, NOW + 20000);
    t_int(s.next.mode, FEED_STALE); /* no data of others recently */
    struct feed_state f = streaming();
    for (int i = 0; i < 3; i++) {
        f = send_at(f, FEED_EV_DATUM, NOW + i).next;
        s = send_at(f, FEED_EV_DIVERGED, NOW + i);
        t_int(s.act, FEED_ACT_RESUBSCRIBE_ONE);
        f = s.next;
    }
    s = send_at(f, FEED_EV_DIVERGED, NOW + 4);
    t_true(s.act & FEED_ACT_DISCONNECT);
}

/* A day of refusals: a limited number of connections, no end of retries, few logins. */
static void test_retries_without_end_and_backs_off(void **state)
{
    (void)state;
    static const enum feed_event_kind ends[] = {FEED_EV_CLOSED, FEED_EV_REFUSED};
    for (size_t e = 0; e < 2; e++) {
        struct feed_state f = feed_state_init(NOW, 11 + e);
        int connects = 0, renewals = 0;
        int64_t now_ms = NOW, last_ms = 0;
        f = feed_step(f, (struct feed_event){.kind = FEED_EV_NO_TOKEN, .session = SESSION_OPEN},
                      now_ms, &limits)
                .next;
        struct feed_step s = send_at(f, FEED_EV_TOKEN, now_ms);
        while (now_ms < NOW + 86400000) {
            if (s.act & FEED_ACT_CONNECT) {
                connects++;
                last_ms = now_ms;
                s = send_at(s.next, ends[e], now_ms + 50);
            } else {
                now_ms = s.wake_ms;
                s = send_at(s.next, FEED_EV_TICK, now_ms);
            }
            renewals += (s.act & FEED_ACT_RENEW_TOKEN) != 0;
        }
        t_row(e ? "refused" : "closed");
        t_true(last_ms > NOW + 86400000 - 1200000); /* still trying */
        t_true(connects < (e ? 500 : 4000));
        t_true(connects > 100);
        t_true(renewals <= 25);
        t_int(renewals > 0, e == 1);
    }
}

static void test_a_healthy_connection_resets_the_failures(void **state)
{
    (void)state;
    struct feed_state f = streaming();
    f.failures = 9;
    struct feed_step s = send_at(f, FEED_EV_CLOSED, NOW + 60000);
    t_int(s.next.failures, 1);
    t_int(s.act, FEED_ACT_POLL_ALL); /* after a long connection no new token is needed */
    t_true(s.wake_ms <= NOW + 61000);
    t_true(s.wake_ms > NOW + 60000);
}

static void test_waits_for_the_new_token(void **state)
{
    (void)state;
    struct feed_step s = send_at(streaming(), FEED_EV_CLOSED, NOW + 5000);
    t_true(s.act & FEED_ACT_RENEW_TOKEN);
    t_int(s.wake_ms, NOW + 5000 + 15000); /* waits for the login, with a limit */
    s = send_at(s.next, FEED_EV_TOKEN, NOW + 8000);
    t_true(s.next.mode == FEED_CONNECTING || s.wake_ms <= NOW + 8000);
    /* Once an hour at most. */
    struct feed_state f = send_at(s.next, FEED_EV_TICK, NOW + 9000).next;
    f = send_at(f, FEED_EV_OPENED, NOW + 9001).next;
    s = send_at(f, FEED_EV_CLOSED, NOW + 9002);
    t_true(!(s.act & FEED_ACT_RENEW_TOKEN));
}

static void test_retry_after_is_honoured(void **state)
{
    (void)state;
    struct feed_event closed = {
        .kind = FEED_EV_CLOSED, .session = SESSION_OPEN, .retry_after_ms = 120000};
    struct feed_step s = feed_step(streaming(), closed, NOW + 60000, &limits);
    t_int(s.wake_ms, NOW + 180000);
}

static void test_disabled_never_connects(void **state)
{
    (void)state;
    const struct feed_limits off = {.stale_ms = STALE};
    struct feed_state f = feed_state_init(NOW, 7);
    struct feed_step s = feed_step(
        f, (struct feed_event){.kind = FEED_EV_TOKEN, .session = SESSION_OPEN}, NOW, &off);
    t_int(s.next.mode, FEED_POLLING);
    t_int(s.act, 0);
    t_int(s.wake_ms, INT64_MAX);
}

static const struct feed_limits unwanted = {.stale_ms = STALE};

static struct feed_step unwant(struct feed_state f, int64_t now_ms)
{
    const struct feed_event event = {.kind = FEED_EV_UNWANTED, .session = SESSION_OPEN};
    return feed_step(f, event, now_ms, &unwanted);
}

static void test_an_unwanted_stream_is_closed_without_blame(void **state)
{
    (void)state;
    struct feed_state f = streaming();
    f.failures = 3;
    struct feed_step s = unwant(f, NOW + 50);
    t_int(s.next.mode, FEED_POLLING);
    t_int(s.act, FEED_ACT_DISCONNECT | FEED_ACT_POLL_ALL);
    t_int(s.next.failures, 0);
    t_int(s.wake_ms, INT64_MAX);
    s = unwant(s.next, NOW + 60);
    t_int(s.act, 0);
    t_true(s.why == NULL);
    s = send_at(s.next, FEED_EV_TICK, NOW + 70); /* wanted again: at once */
    t_int(s.act, FEED_ACT_CONNECT);

    f = feed_state_init(NOW, 7);
    s = unwant(f, NOW + 1);
    t_int(s.next.mode, FEED_NO_TOKEN);
    t_int(s.act, 0);
    f = streaming();
    f.has_token = false; /* an open stream does not need it */
    t_int(unwant(f, NOW + 1).next.mode, FEED_NO_TOKEN);
}

static void test_an_old_connection_is_replaced(void **state)
{
    (void)state;
    const struct feed_limits replaced = {.enabled = true, .stale_ms = STALE, .replace_ms = 1000000};
    struct feed_event tick = {.kind = FEED_EV_TICK, .session = SESSION_CLOSED};
    struct feed_event token = {.kind = FEED_EV_TOKEN, .session = SESSION_CLOSED};
    struct feed_state f = feed_state_init(NOW, 7);
    f.mode = FEED_CONNECTING;
    f.has_token = true;
    struct feed_step s = feed_step(f, (struct feed_event){.kind = FEED_EV_OPENED}, NOW, &replaced);
    s = feed_step(s.next, (struct feed_event){.kind = FEED_EV_DATUM}, NOW + 1, &replaced);
    t_true(s.wake_ms > NOW + 800000 && s.wake_ms <= NOW + 1000000);
    s = feed_step(s.next, token, NOW + 5, &replaced);
    t_int(s.act, 0); /* it is not old yet */
    int64_t at_ms = s.wake_ms;
    s = feed_step(s.next, tick, at_ms, &replaced);
    t_int(s.act, FEED_ACT_RENEW_TOKEN);
    t_int(s.next.mode, FEED_STREAMING);
    t_true(s.wake_ms > at_ms + 800000);
    struct feed_state asked = s.next;
    s = feed_step(asked, token, at_ms + 100, &replaced);
    t_int(s.act, FEED_ACT_REPLACE);
    t_contains(s.why, "old");
    s = feed_step(s.next, token, at_ms + 200, &replaced);
    t_int(s.act, 0); /* once */

    /* No new login: asked again at the next time only. */
    s = feed_step(asked, tick, s.next.replace_ms, &replaced);
    t_int(s.act, FEED_ACT_RENEW_TOKEN);

    /* The stream of the Primary API is never replaced. */
    s = send_at(streaming(), FEED_EV_DATUM, NOW + 1);
    t_int(s.wake_ms, NOW + 1 + STALE);
}

static struct feed_step tick_in(struct feed_state f, enum session_level session, int64_t now_ms)
{
    return feed_step(f, (struct feed_event){.kind = FEED_EV_TICK, .session = session}, now_ms,
                     &limits);
}

/* Silence is a fault only while a market trades whose instruments the stream delivers. */
static void test_silence_by_session(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum session_level session;
        enum feed_mode streaming, subscribing; /* after long silence */
    } rows[] = {
        {"closed", SESSION_CLOSED, FEED_STREAMING, FEED_SUBSCRIBING},
        {"waking", SESSION_WAKING, FEED_STREAMING, FEED_SUBSCRIBING},
        {"an auction", SESSION_AUCTION, FEED_STREAMING, FEED_SUBSCRIBING},
        {"open", SESSION_OPEN, FEED_STALE, FEED_POLLING},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct feed_state f = streaming();
        t_row(rows[i].name);
        f = tick_in(f, rows[i].session, NOW + 1).next;
        t_int(tick_in(f, rows[i].session, NOW + 100 * STALE).next.mode, rows[i].streaming);
        f.mode = FEED_SUBSCRIBING;
        struct feed_step s = tick_in(f, rows[i].session, NOW + 100 * STALE);
        t_int(s.next.mode, rows[i].subscribing);
        t_int(!!(s.act & FEED_ACT_DISCONNECT), rows[i].session == SESSION_OPEN);
    }
}

/* At the opening the silence of the night does not count. */
static void test_the_opening_begins_the_silence_anew(void **state)
{
    (void)state;
    struct feed_state f = tick_in(streaming(), SESSION_CLOSED, NOW + 1).next;
    f = tick_in(f, SESSION_AUCTION, NOW + 100 * STALE).next;
    f = send_at(f, FEED_EV_TICK, NOW + 110 * STALE).next;
    t_int(f.mode, FEED_STREAMING);
    f = send_at(f, FEED_EV_CHANGE, NOW + 110 * STALE + 1).next;
    t_int(send_at(f, FEED_EV_TICK, NOW + 111 * STALE + 1).next.mode, FEED_STALE);
    f.mode = FEED_SUBSCRIBING; /* connected at night, without any data */
    t_int(send_at(f, FEED_EV_TICK, NOW + 111 * STALE).next.mode, FEED_SUBSCRIBING);
    t_int(send_at(f, FEED_EV_TICK, NOW + 111 * STALE + 1).next.mode, FEED_POLLING);
}

/* A stream that has failed all night is tried within seconds, and as often as by day. */
static void test_waking_ends_a_long_wait(void **state)
{
    (void)state;
    int64_t least_ms = INT64_MAX, most_ms = 0;
    for (uint64_t seed = 1; seed <= 2000; seed++) {
        struct feed_state f = feed_state_init(NOW - 1000, seed * 7919);
        f.mode = FEED_POLLING;
        f.has_token = true;
        f.failures = 99;
        f.retry_ms = NOW + 600000;
        struct feed_step s = tick_in(f, SESSION_WAKING, NOW);
        t_int(s.next.failures, 0);
        int64_t wait_ms = s.next.mode == FEED_CONNECTING ? 0 : s.wake_ms - NOW;
        least_ms = wait_ms < least_ms ? wait_ms : least_ms;
        most_ms = wait_ms > most_ms ? wait_ms : most_ms;
        t_int(tick_in(s.next, SESSION_WAKING, NOW + 10000).next.mode, FEED_CONNECTING);
    }
    t_true(least_ms < 100 && most_ms > 9900 && most_ms < 10000);
}

/* Each failure doubles the longest wait, up to a minute. */
static void test_waits_double(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum feed_event_kind kind;
        int failures; /* before this one */
        bool open;
        int64_t longest_ms;
    } rows[] = {
        {"first", FEED_EV_CLOSED, 0, true, 1000},
        {"second", FEED_EV_CLOSED, 1, true, 2000},
        {"third", FEED_EV_CLOSED, 2, true, 4000},
        {"sixth", FEED_EV_CLOSED, 5, true, 32000},
        {"seventh", FEED_EV_CLOSED, 6, true, 60000},
        {"hundredth", FEED_EV_CLOSED, 99, true, 60000},
        {"outside the session", FEED_EV_CLOSED, 99, false, 600000},
        {"refused six times", FEED_EV_REFUSED, 5, true, 32000},
        {"refused seven times", FEED_EV_REFUSED, 6, true, 64000},
        {"refused for hours", FEED_EV_REFUSED, 99, true, 600000},
        {"pages for half an hour", FEED_EV_PAGE, 59, true, 60000},
        {"pages for longer", FEED_EV_PAGE, 60, true, 600000},
        {"login pages for longer", FEED_EV_LOGIN_PAGE, 60, true, 600000},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        int64_t least_ms = INT64_MAX, most_ms = 0;
        t_row(rows[i].name);
        for (uint64_t seed = 1; seed <= 5000; seed++) {
            struct feed_state f = feed_state_init(NOW - 1000, seed * 7919);
            f = send_at(f, FEED_EV_TOKEN, NOW - 900).next;
            f = send_at(f, FEED_EV_TICK, NOW - 800).next;
            f.failures = rows[i].failures;
            f.session = rows[i].open ? SESSION_OPEN : SESSION_CLOSED;
            f.renewed_ms = NOW; /* no wait for a new token */
            struct feed_event event = {.kind = rows[i].kind, .session = f.session};
            int64_t wait_ms = feed_step(f, event, NOW, &limits).next.retry_ms - NOW;
            least_ms = wait_ms < least_ms ? wait_ms : least_ms;
            most_ms = wait_ms > most_ms ? wait_ms : most_ms;
        }
        t_true(least_ms >= 200 && least_ms < 200 + rows[i].longest_ms / 50);
        t_true(most_ms <= rows[i].longest_ms && most_ms > rows[i].longest_ms * 98 / 100);
        t_true(rows[i].longest_ms > 1000 || (most_ms == 1000 && least_ms == 200));
    }
}

static void test_a_new_token_once_an_hour(void **state)
{
    (void)state;
    static const struct {
        int64_t ago_ms;
        bool renews;
    } rows[] = {{3599999, false}, {3600000, true}};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct feed_state f = streaming();
        f.renewed_ms = NOW + 1000 - rows[i].ago_ms;
        struct feed_step s = send_at(f, FEED_EV_REFUSED, NOW + 1000);
        t_int((s.act & FEED_ACT_RENEW_TOKEN) != 0, rows[i].renews);
    }
}

/* Subscribing all again counts as one of the three repairs of a connection. */
static void test_repairs_are_counted_one_by_one(void **state)
{
    (void)state;
    struct feed_state f = send_at(streaming(), FEED_EV_TICK, NOW + STALE).next;
    t_int(f.repairs, 1);
    f = send_at(f, FEED_EV_DATUM, NOW + STALE + 10).next;
    for (int repairs = 2; repairs <= 3; repairs++) {
        struct feed_step s = send_at(f, FEED_EV_DIVERGED, NOW + STALE + 20);
        t_int(s.act, FEED_ACT_RESUBSCRIBE_ONE);
        t_int(s.next.repairs, repairs);
        f = s.next;
    }
    struct feed_step s = send_at(f, FEED_EV_DIVERGED, NOW + STALE + 30);
    t_true(s.act & FEED_ACT_DISCONNECT);
    t_int(s.next.repairs, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_mode_and_event),
        cmocka_unit_test(test_silence_makes_the_stream_stale),
        cmocka_unit_test(test_the_message_says_how_the_connection_ended),
        cmocka_unit_test(test_silences_far_apart_are_not_one_series),
        cmocka_unit_test(test_a_second_silence_disconnects),
        cmocka_unit_test(test_a_denied_stream_stays_connected),
        cmocka_unit_test(test_a_quiet_market_is_not_mute),
        cmocka_unit_test(test_a_closed_market_is_not_stale),
        cmocka_unit_test(test_connected_without_data),
        cmocka_unit_test(test_divergence_in_silence_and_repeated),
        cmocka_unit_test(test_retries_without_end_and_backs_off),
        cmocka_unit_test(test_a_healthy_connection_resets_the_failures),
        cmocka_unit_test(test_waits_for_the_new_token),
        cmocka_unit_test(test_retry_after_is_honoured),
        cmocka_unit_test(test_disabled_never_connects),
        cmocka_unit_test(test_silence_by_session),
        cmocka_unit_test(test_the_opening_begins_the_silence_anew),
        cmocka_unit_test(test_waking_ends_a_long_wait),
        cmocka_unit_test(test_waits_double),
        cmocka_unit_test(test_a_new_token_once_an_hour),
        cmocka_unit_test(test_an_unwanted_stream_is_closed_without_blame),
        cmocka_unit_test(test_an_old_connection_is_replaced),
        cmocka_unit_test(test_repairs_are_counted_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
