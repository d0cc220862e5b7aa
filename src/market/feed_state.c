#include "market/feed_state.h"

#include <stddef.h>

#define BACKOFF_MIN_MS  1000
#define BACKOFF_MAX_MS  60000
#define BACKOFF_SLOW_MS 600000 /* outside session hours, and when the broker keeps refusing */
#define SAYS_NO         6      /* refusals in a row before the waits get longer */
#define PAGES_STAY      60     /* the same for pages; that is about half an hour */
#define JITTER_LEAST_MS 200
#define HEALTHY_MS      30000   /* a connection that lasted so long was not a failure */
#define RENEW_EVERY_MS  3600000 /* between new tokens: logins per day are limited */
#define RENEW_WAIT_MS   15000
#define STALE_WAIT_MS   10000  /* for data after subscribing again */
#define TROUBLE_MS      600000 /* failures closer together than this are one series */
#define ONE_BY_ONE      3      /* so many single instruments subscribed again before all are */
#define WAKE_MS         10000  /* the first attempt after the night, with full jitter */
#define FLOWING_MS      10000  /* data of others so recently: the connection is alive */

struct feed_state feed_state_init(int64_t now_ms, uint64_t seed)
{
    return (struct feed_state){
        .mode = FEED_NO_TOKEN,
        .since_ms = now_ms,
        .retry_ms = now_ms,
        .renewed_ms = INT64_MIN,
        .replace_ms = INT64_MAX,
        .rng = {seed},
    };
}

const char *feed_mode_key(enum feed_mode mode)
{
    return mode == FEED_NO_TOKEN ? "no_token" : feed_mode_name(mode);
}

const char *feed_mode_name(enum feed_mode mode)
{
    switch (mode) {
    case FEED_NO_TOKEN:
        return "no token";
    case FEED_POLLING:
        return "polling";
    case FEED_CONNECTING:
        return "connecting";
    case FEED_SUBSCRIBING:
        return "subscribing";
    case FEED_STREAMING:
        return "streaming";
    case FEED_STALE:
        return "stale";
    }
    return "?";
}

/* --- steps ------------------------------------------------------------------------------------ */

static void enter(struct feed_step *s, enum feed_mode mode, int64_t now_ms, const char *why)
{
    s->next.mode = mode;
    s->next.since_ms = now_ms;
    s->why = why;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Full jitter, so that many services do not reconnect to the same broker at the same time. */
static int64_t backoff_ms(struct feed_state *f, enum feed_event_kind kind)
{
    bool page = kind == FEED_EV_PAGE || kind == FEED_EV_LOGIN_PAGE;
    bool slow = f->session == SESSION_CLOSED ||
                (kind == FEED_EV_REFUSED && f->failures > SAYS_NO) ||
                (page && f->failures > PAGES_STAY);
    int64_t max_ms = slow ? BACKOFF_SLOW_MS : BACKOFF_MAX_MS, ceiling_ms = BACKOFF_MIN_MS;
    for (int i = 1; i < f->failures && ceiling_ms < max_ms; i++)
        ceiling_ms *= 2;
    ceiling_ms = least(ceiling_ms, max_ms);
    return JITTER_LEAST_MS + rng_below(&f->rng, ceiling_ms - JITTER_LEAST_MS + 1);
}

/* The connection ended: returns to polling and sets the time of the next try. */
static void fall_back(struct feed_step *s, int64_t now_ms, enum feed_event_kind kind,
                      const char *why)
{
    bool refused = kind == FEED_EV_REFUSED || kind == FEED_EV_LOGIN_PAGE;
    struct feed_state *f = &s->next;
    bool opened = f->mode >= FEED_SUBSCRIBING;
    bool lived = opened && f->mode != FEED_SUBSCRIBING && now_ms - f->opened_ms >= HEALTHY_MS;
    bool doubt = refused || (opened && now_ms - f->opened_ms < HEALTHY_MS);

    f->failures = lived ? 1 : f->failures + 1;
    f->retry_ms = now_ms + backoff_ms(f, kind);
    if (doubt && f->has_token &&
        (f->renewed_ms == INT64_MIN || now_ms - f->renewed_ms >= RENEW_EVERY_MS)) {
        f->renewed_ms = now_ms;
        f->renewing = true;
        s->act |= FEED_ACT_RENEW_TOKEN;
    }
    s->act |= FEED_ACT_POLL_ALL;
    enter(s, f->has_token ? FEED_POLLING : FEED_NO_TOKEN, now_ms, why);
}

static void hang_up(struct feed_step *s, int64_t now_ms, const char *why)
{
    s->act |= FEED_ACT_DISCONNECT;
    fall_back(s, now_ms, FEED_EV_CLOSED, why);
}

/* First subscribes again; if that was done recently, opens another connection. */
static void distrust(struct feed_step *s, int64_t now_ms, const char *why)
{
    struct feed_state *f = &s->next;
    bool again = f->repairs > 0 && now_ms - f->repaired_ms < TROUBLE_MS;
    f->repairs = again ? f->repairs + 1 : 1;
    f->repaired_ms = now_ms;
    if (again) {
        hang_up(s, now_ms, why);
        return;
    }
    s->act |= FEED_ACT_RESUBSCRIBE | FEED_ACT_POLL_ALL;
    enter(s, FEED_STALE, now_ms, why);
}

static void on_diverged(struct feed_step *s, int64_t now_ms)
{
    static const char why[] = "REST has newer values than the stream";
    struct feed_state *f = &s->next;
    if (f->mode != FEED_STREAMING)
        return;
    if (now_ms - f->repaired_ms >= TROUBLE_MS)
        f->repairs = 0;
    if (now_ms - f->heard_ms >= FLOWING_MS || f->repairs >= ONE_BY_ONE) {
        distrust(s, now_ms, why);
        return;
    }
    f->repairs++;
    f->repaired_ms = now_ms;
    s->act |= FEED_ACT_RESUBSCRIBE_ONE;
    s->why = why;
}

static void on_datum(struct feed_step *s, int64_t now_ms, bool change)
{
    struct feed_state *f = &s->next;
    if (f->mode < FEED_SUBSCRIBING)
        return; /* a connection that is being closed */
    f->heard_ms = now_ms;
    f->active |= change;
    if (f->mode == FEED_SUBSCRIBING)
        enter(s, FEED_STREAMING, now_ms, "the stream delivers data");
    else if (f->mode == FEED_STALE)
        enter(s, FEED_STREAMING, now_ms, "the stream delivers data again");
}

static void on_closed(struct feed_step *s, int64_t now_ms, enum feed_event_kind kind)
{
    struct feed_state *f = &s->next;
    if (f->mode < FEED_CONNECTING)
        return;
    if (kind == FEED_EV_REFUSED)
        fall_back(s, now_ms, kind, "the broker refused the stream");
    else if (f->mode == FEED_CONNECTING)
        fall_back(s, now_ms, kind, "the stream could not be connected");
    else
        fall_back(s, now_ms, kind, "the stream ended");
}

static void on_token(struct feed_step *s, int64_t now_ms)
{
    struct feed_state *f = &s->next;
    f->has_token = true;
    f->renewing = false;
    if (f->mode == FEED_NO_TOKEN) {
        enter(s, FEED_POLLING, now_ms, "a token is available");
    } else if (f->mode == FEED_STREAMING && f->replacing) {
        s->act |= FEED_ACT_REPLACE;
        s->why = "the connection is old";
    }
    f->replacing = false;
}

/* Not a failure: the next connection, whenever it is wanted, is not delayed. */
static void on_unwanted(struct feed_step *s, int64_t now_ms)
{
    struct feed_state *f = &s->next;
    f->retry_ms = now_ms;
    f->failures = 0;
    if (f->mode < FEED_CONNECTING)
        return;
    s->act |= FEED_ACT_DISCONNECT | FEED_ACT_POLL_ALL;
    enter(s, f->has_token ? FEED_POLLING : FEED_NO_TOKEN, now_ms, "this stream is not needed now");
}

/* With jitter, so that many services do not reconnect at the same time. */
static void schedule_replacement(struct feed_state *f, int64_t now_ms,
                                 const struct feed_limits *limits)
{
    int64_t every_ms = limits->replace_ms;
    f->replacing = false;
    f->replace_ms = every_ms ? now_ms + every_ms - rng_below(&f->rng, every_ms / 5) : INT64_MAX;
}

static void on_opened(struct feed_step *s, int64_t now_ms, const struct feed_limits *limits)
{
    struct feed_state *f = &s->next;
    if (f->mode != FEED_CONNECTING)
        return;
    f->opened_ms = f->heard_ms = now_ms;
    f->active = f->denied = false;
    schedule_replacement(f, now_ms, limits);
    enter(s, FEED_SUBSCRIBING, now_ms, "connected, waiting for the first data");
}

static void take(struct feed_step *s, struct feed_event event, int64_t now_ms,
                 const struct feed_limits *limits)
{
    switch (event.kind) {
    case FEED_EV_TICK:
        return;
    case FEED_EV_TOKEN:
        on_token(s, now_ms);
        return;
    case FEED_EV_NO_TOKEN: /* an open stream does not need it */
        s->next.has_token = false;
        if (s->next.mode == FEED_POLLING)
            enter(s, FEED_NO_TOKEN, now_ms, "no token");
        return;
    case FEED_EV_OPENED:
        on_opened(s, now_ms, limits);
        return;
    case FEED_EV_DATUM:
    case FEED_EV_CHANGE:
        on_datum(s, now_ms, event.kind == FEED_EV_CHANGE);
        return;
    case FEED_EV_CLOSED:
    case FEED_EV_REFUSED:
    case FEED_EV_PAGE:
    case FEED_EV_LOGIN_PAGE:
        on_closed(s, now_ms, event.kind);
        if (s->next.retry_ms < now_ms + event.retry_after_ms)
            s->next.retry_ms = now_ms + event.retry_after_ms;
        return;
    case FEED_EV_AGREED:
        s->next.heard_ms = now_ms;
        return;
    case FEED_EV_DIVERGED:
        on_diverged(s, now_ms);
        return;
    case FEED_EV_DENIED:
        s->next.denied = true;
        return;
    case FEED_EV_UNWANTED:
        on_unwanted(s, now_ms);
        return;
    }
}

/* --- time ------------------------------------------------------------------------------------- */

/* When a stream that goes on to be silent is mute. */
static int64_t silence_ends_ms(const struct feed_state *f, const struct feed_limits *limits)
{
    return f->session == SESSION_OPEN && f->active ? f->heard_ms + limits->stale_ms : INT64_MAX;
}

/* When this mode ends if no event occurs. */
static int64_t deadline_ms(const struct feed_state *f, const struct feed_limits *limits)
{
    switch (f->mode) {
    case FEED_POLLING:
        if (!limits->enabled)
            return INT64_MAX;
        return f->renewing && f->retry_ms < f->renewed_ms + RENEW_WAIT_MS
                   ? f->renewed_ms + RENEW_WAIT_MS
                   : f->retry_ms;
    case FEED_SUBSCRIBING:
        return f->denied || f->session != SESSION_OPEN ? INT64_MAX : f->heard_ms + limits->stale_ms;
    case FEED_STREAMING:
        return least(f->replace_ms, silence_ends_ms(f, limits));
    case FEED_STALE:
        return f->since_ms + least(STALE_WAIT_MS, limits->stale_ms);
    case FEED_NO_TOKEN:
    case FEED_CONNECTING:
        return INT64_MAX;
    }
    return INT64_MAX;
}

/* A connection that has become mute without any sign of it is also replaced (protocol 12.7). */
static void begin_replacement(struct feed_step *s, int64_t now_ms, const struct feed_limits *limits)
{
    schedule_replacement(&s->next, now_ms, limits);
    s->next.replacing = true;
    s->act |= FEED_ACT_RENEW_TOKEN;
    s->why = "the connection is old: it will be replaced";
}

static void expire(struct feed_step *s, int64_t now_ms, const struct feed_limits *limits)
{
    switch (s->next.mode) {
    case FEED_POLLING:
        s->next.renewing = false;
        s->act |= FEED_ACT_CONNECT;
        enter(s, FEED_CONNECTING, now_ms, "trying to connect the stream");
        return;
    case FEED_SUBSCRIBING:
        hang_up(s, now_ms, "connected, but no data was received");
        return;
    case FEED_STREAMING:
        if (now_ms >= silence_ends_ms(&s->next, limits))
            distrust(s, now_ms, "no data during session hours");
        else
            begin_replacement(s, now_ms, limits);
        return;
    case FEED_STALE:
        hang_up(s, now_ms, "no data after subscribing again");
        return;
    case FEED_NO_TOKEN:
    case FEED_CONNECTING:
        return;
    }
}

/* When trading begins, silence and activity before it do not count. At the end of the night a
 * stream that has failed for long is tried at once, and as often as by day. */
static void note_session(struct feed_state *f, enum session_level session, int64_t now_ms)
{
    if (session == SESSION_OPEN && f->session != SESSION_OPEN) {
        f->heard_ms = now_ms;
        f->active = false;
    }
    if (session != SESSION_CLOSED && f->session == SESSION_CLOSED) {
        if (f->retry_ms > now_ms)
            f->retry_ms = least(f->retry_ms, now_ms + rng_below(&f->rng, WAKE_MS));
        f->failures = 0;
    }
    f->session = session;
}

struct feed_step feed_step(struct feed_state state, struct feed_event event, int64_t now_ms,
                           const struct feed_limits *limits)
{
    struct feed_step s = {.next = state};
    note_session(&s.next, event.session, now_ms);
    take(&s, event, now_ms, limits);
    if (now_ms >= deadline_ms(&s.next, limits))
        expire(&s, now_ms, limits);
    s.wake_ms = deadline_ms(&s.next, limits);
    return s;
}
