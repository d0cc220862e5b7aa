#include "broker/terminal_session.h"

#include "base/clock.h"
#include "base/mask.h"
#include "base/words.h"
#include "broker/broker_http.h"
#include "broker/credentials.h"
#include "broker/terminal_answer.h"
#include "broker/terminal_http.h"
#include "broker/terminal_list.h"
#include "market/request_budget.h"
#include "matriz/address.h"
#include "primary/page.h"
#include "record/events.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define URL_BYTES   4096
#define WORDS_BYTES sizeof(((struct err *)0)->text)

struct terminal_session {
    struct terminal_session_parts parts;
    const char *base; /* the terminal's URL */
    bool guest;
    struct terminal_http *http;
    struct json_parser *parser;
    struct loop_timer *timer;  /* the machine's next TICK */
    struct loop_timer *turn;   /* a request that waits for the request budget */
    struct state_saver *saver; /* of the list */
    struct loop_timer *news;   /* reports a session outside of the callers' stacks */
    struct matriz_session machine;
    struct matriz_profile profile; /* the last one */
    enum terminal_ask ask;         /* the request that waits for its turn */
    int64_t listed_day;            /* in Argentina, of the last list or attempt; 0 = unknown */
    int reported;                  /* number of the session in `url` and `headers` */
    struct secret password;        /* while its login is in flight, to mask it in the answer */
    struct http_headers *headers;  /* of a handshake */
    struct buf url;                /* of a handshake */
    char words[WORDS_BYTES];       /* why the last attempt failed */
    char told[WORDS_BYTES];        /* last reported failure; "" = none */
};

static void step(struct terminal_session *s, struct matriz_session_event event);

static struct now now_of(const struct terminal_session *s)
{
    return loop_now(s->parts.loop);
}

static void step_of(struct terminal_session *s, enum matriz_session_event_kind kind)
{
    step(s, (struct matriz_session_event){.kind = kind});
}

/* --- the session, for handshakes -------------------------------------------------------------- */

/* The ids of a guest are empty. */
static int hold_session(struct terminal_session *s)
{
    const char *session_id = s->guest ? "" : s->profile.session_id;
    const char *connection_id = s->guest ? "" : s->profile.connection_id;
    log_secret(session_id);
    buf_clear(&s->url);
    matriz_put_stream_url(&s->url, s->base, session_id, connection_id);
    http_headers_destroy(s->headers);
    s->headers = terminal_http_headers(s->http);
    if (!s->headers || buf_failed(&s->url))
        return -ENOMEM;
    s->reported = s->machine.number;
    return 0;
}

static void on_news(void *arg)
{
    struct terminal_session *s = arg;
    s->parts.obtained(s->parts.arg);
}

/* --- answers ---------------------------------------------------------------------------------- */

static struct matriz_session_event take_reply(struct terminal_session *s,
                                              const struct http_reply *http,
                                              enum matriz_session_event_kind kind,
                                              const struct err *why)
{
    const char *words = http->outcome == HTTP_OK ? why->text : http->reason;
    snprintf(s->words, sizeof(s->words), "%s", words);
    if (s->password.text)
        mask_secret(s->words, s->password.text);
    return (struct matriz_session_event){
        .kind = http->outcome == HTTP_OK ? kind : MATRIZ_EV_UNAVAILABLE,
        .retry_after_ms = http->retry_after_ms > 0 ? http->retry_after_ms : 0};
}

static void profile_done(void *arg, const struct http_reply *http)
{
    struct terminal_session *s = arg;
    struct err why = {0};
    const struct reply reply = broker_http_reply(http);
    enum matriz_session_event_kind kind =
        terminal_answer_profile(s->parser, &reply, s->guest, &s->profile, &why);
    json_parser_release(s->parser);
    if (http->outcome != HTTP_CANCELLED)
        step(s, take_reply(s, http, kind, &why));
}

static void login_done(void *arg, const struct http_reply *http)
{
    struct terminal_session *s = arg;
    struct err why = {0};
    const struct reply reply = broker_http_reply(http);
    struct matriz_session_event event =
        take_reply(s, http, terminal_answer_login(&reply, &why), &why);
    secret_wipe(&s->password);
    if (http->outcome != HTTP_CANCELLED)
        step(s, event);
}

/* --- the list of instruments, once a day ------------------------------------------------------ */

static bool is_listed_today(struct terminal_session *s)
{
    struct buf body;
    int64_t today = art_day(now_of(s).wall_ns), day;
    buf_init(&body, TERMINAL_LIST_BYTES);
    if (s->listed_day != today &&
        terminal_list_load(s->parts.config->state_dir, s->base, &body, &day) == 0)
        s->listed_day = day;
    buf_finish(&body);
    return s->listed_day == today;
}

static void tell_no_list(struct terminal_session *s, const struct http_reply *http)
{
    char status[32];
    snprintf(status, sizeof(status), "status %d", http->status);
    events_report(s->parts.events, LOG_LEVEL_WARN, EVENT_LIST_FAILED, NULL,
                  "the terminal's list of instruments cannot be read (%s): the ids of its stream "
                  "are formed by rule today",
                  http->outcome == HTTP_OK ? status : http->reason);
}

static void report(struct terminal_session *s)
{
    if (hold_session(s) == 0)
        loop_timer_set(s->news, 0);
    else
        log_warn("no session at the terminal", LOG_TEXT("why", "out of memory"));
}

/* The streams read the file. */
static void on_saved(void *arg, const char *failed)
{
    struct terminal_session *s = arg;
    if (failed)
        events_report(s->parts.events, LOG_LEVEL_WARN, EVENT_LIST_CACHE, NULL, "%s", failed);
    report(s);
}

static void save_list(struct terminal_session *s, const struct http_reply *http)
{
    struct err err;
    struct state_file file;
    int rc = terminal_list_file(&file, s->parts.config->state_dir, s->base, &err);
    if (rc == 0 && (broker_http_take_body(http, &file.body) || state_saver_give(s->saver, &file)))
        rc =
            err_set(&err, -ENOMEM, "cannot save the terminal's list of instruments: out of memory");
    if (rc)
        on_saved(s, err.text);
}

/* Without the list the session is used all the same; the list is requested again tomorrow. */
static void list_done(void *arg, const struct http_reply *http)
{
    struct terminal_session *s = arg;
    const struct reply reply = broker_http_reply(http);
    if (http->outcome == HTTP_CANCELLED)
        return;
    s->listed_day = art_day(now_of(s).wall_ns);
    if (http->outcome == HTTP_OK && http->status == 200 && !page_is(&reply)) {
        save_list(s, http);
    } else {
        tell_no_list(s, http);
        report(s);
    }
}

/* --- requests --------------------------------------------------------------------------------- */

static int send_profile(struct terminal_session *s, struct err *err)
{
    const struct terminal_request request = {
        .ask = TERMINAL_PROFILE, .done = profile_done, .arg = s};
    return terminal_http_ask(s->http, &request, err);
}

/* The password is in memory from here until the request ends. */
static int send_login(struct terminal_session *s, struct err *err)
{
    int rc = credentials_password(s->parts.credentials, s->parts.config, &s->password, err);
    if (rc)
        return rc;
    const struct terminal_request request = {.ask = TERMINAL_LOGIN,
                                             .csrf_token = s->profile.csrf_token,
                                             .password = s->password.text,
                                             .done = login_done,
                                             .arg = s};
    rc = terminal_http_ask(s->http, &request, err);
    if (rc)
        secret_wipe(&s->password);
    return rc;
}

static int send_list(struct terminal_session *s, struct err *err)
{
    const struct terminal_request request = {.ask = TERMINAL_LIST, .done = list_done, .arg = s};
    return terminal_http_ask(s->http, &request, err);
}

/* --- turns ------------------------------------------------------------------------------------ */

static const struct {
    enum budget_kind budget;
    int (*send)(struct terminal_session *s, struct err *err);
} asks[] = {
    [TERMINAL_PROFILE] = {BUDGET_PROFILE, send_profile},
    [TERMINAL_LOGIN] = {BUDGET_LOGIN, send_login},
    [TERMINAL_LIST] = {BUDGET_LIST, send_list},
};

static void ask_failed(struct terminal_session *s, const char *words)
{
    snprintf(s->words, sizeof(s->words), "%s", words);
    if (s->ask == TERMINAL_LIST)
        report(s);
    else
        step_of(s, MATRIZ_EV_UNAVAILABLE);
}

/* For the state machine the request is in flight also while it waits here. */
static void ask_when_allowed(void *arg)
{
    struct terminal_session *s = arg;
    struct err err;
    enum budget_kind budget = asks[s->ask].budget;
    int64_t now_ms = now_of(s).mono_ms;
    int64_t wait_ms = budget_from_ms(s->parts.budget, budget, now_ms) - now_ms;
    if (wait_ms > 0) {
        loop_timer_set(s->turn, wait_ms);
        return;
    }
    budget_spend(s->parts.budget, budget, now_ms);
    if (asks[s->ask].send(s, &err))
        ask_failed(s, err.text);
}

static void ask(struct terminal_session *s, enum terminal_ask what)
{
    s->ask = what;
    loop_timer_set(s->turn, 0);
}

/* --- events ----------------------------------------------------------------------------------- */

/* A failure is reported when it begins and when its reason changes, not at each attempt. */
static void tell_failure(struct terminal_session *s, enum matriz_session_event_kind kind,
                         const struct matriz_session_step *taken, int64_t now_ms)
{
    char words[WORDS_BYTES];
    bool refused = kind == MATRIZ_EV_REFUSED || kind == MATRIZ_EV_NOT_ALLOWED;
    long long wait_s = (taken->next.retry_ms - now_ms + 999) / 1000;
    snprintf(words, sizeof(words), "%s%s%.400s", taken->why, *s->words ? ": " : "", s->words);
    if (words_alike(words, s->told)) {
        log_debug("no session at the terminal", LOG_TEXT("why", words),
                  LOG_NUMBER("next_s", wait_s));
        return;
    }
    snprintf(s->told, sizeof(s->told), "%s", words);
    events_report(s->parts.events, LOG_LEVEL_WARN,
                  refused ? EVENT_LOGIN_REFUSED : EVENT_LOGIN_FAILED, NULL,
                  "%s; not before %lld s from now", words, wait_s);
}

static void tell(struct terminal_session *s, enum matriz_session_event_kind kind,
                 const struct matriz_session_step *taken, int64_t now_ms)
{
    char shown[MASK_URL_BYTES];
    if (taken->obtained)
        *s->told = '\0';
    if (taken->obtained && taken->next.logged_in)
        events_report(s->parts.events, LOG_LEVEL_INFO, EVENT_LOGIN, NULL,
                      "logged in at the terminal %s as %s", mask_url(shown, sizeof(shown), s->base),
                      s->parts.config->broker.user);
    if (taken->lost)
        events_report(s->parts.events, LOG_LEVEL_INFO, EVENT_UNAUTHORIZED, NULL, "%s", taken->why);
    else if (taken->why)
        tell_failure(s, kind, taken, now_ms);
}

/* --- the state machine ------------------------------------------------------------------------ */

static void arm(struct terminal_session *s, int64_t wake_ms, int64_t now_ms)
{
    if (wake_ms == INT64_MAX)
        loop_timer_stop(s->timer);
    else
        loop_timer_set(s->timer, wake_ms - now_ms);
}

static void step(struct terminal_session *s, struct matriz_session_event event)
{
    int64_t now_ms = now_of(s).mono_ms;
    struct matriz_session_step taken = matriz_session_step(s->machine, event, now_ms);
    s->machine = taken.next;
    if (taken.forget)
        terminal_http_forget(s->http);
    arm(s, taken.wake_ms, now_ms);
    tell(s, event.kind, &taken, now_ms);
    if (taken.obtained && is_listed_today(s))
        report(s);
    else if (taken.obtained)
        ask(s, TERMINAL_LIST);
    if (taken.ask)
        ask(s, taken.ask == MATRIZ_ASK_LOGIN ? TERMINAL_LOGIN : TERMINAL_PROFILE);
}

static void tick(void *arg)
{
    step_of(arg, MATRIZ_EV_TICK);
}

void terminal_session_need(struct terminal_session *s, bool needed)
{
    if (needed != s->machine.needed)
        step_of(s, needed ? MATRIZ_EV_NEEDED : MATRIZ_EV_NOT_NEEDED);
}

void terminal_session_doubt(struct terminal_session *s)
{
    step_of(s, MATRIZ_EV_DOUBTED);
}

void terminal_session_ended(struct terminal_session *s, int number)
{
    *s->words = '\0';
    step(s, (struct matriz_session_event){.kind = MATRIZ_EV_ENDED, .number = number});
}

/* --- life ------------------------------------------------------------------------------------- */

static int open_parts(struct terminal_session *s, struct err *err)
{
    struct loop *loop = s->parts.loop;
    int rc = terminal_http_create(&s->http, loop, s->parts.config, err);
    if (rc)
        return rc;
    s->parser = json_parser_create();
    s->timer = loop_timer_create(loop, tick, s);
    s->turn = loop_timer_create(loop, ask_when_allowed, s);
    s->news = loop_timer_create(loop, on_news, s);
    s->saver = state_saver_create(loop, on_saved, s);
    bool made = s->parser && s->timer && s->turn && s->news && s->saver;
    return made ? 0 : err_set(err, -ENOMEM, "out of memory");
}

int terminal_session_create(struct terminal_session **out,
                            const struct terminal_session_parts *parts, struct err *err)
{
    struct terminal_session *s = calloc(1, sizeof(*s));
    if (!s)
        return err_set(err, -ENOMEM, "out of memory");
    struct now now = loop_now(parts->loop);
    s->parts = *parts;
    s->base = parts->config->broker.matriz_url;
    s->guest = matriz_is_guest(s->base);
    s->machine = matriz_session_init(now.mono_ms, (uint64_t)now.wall_ns);
    buf_init(&s->url, URL_BYTES);
    int rc = open_parts(s, err);
    if (rc) {
        terminal_session_destroy(s);
        return rc;
    }
    *out = s;
    return 0;
}

static void wipe(struct buf *url)
{
    if (url->data)
        explicit_bzero(url->data, url->cap_bytes);
    buf_finish(url);
}

void terminal_session_destroy(struct terminal_session *s)
{
    if (!s)
        return;
    terminal_http_destroy(s->http);
    state_saver_destroy(s->saver);
    json_parser_destroy(s->parser);
    loop_timer_destroy(s->timer);
    loop_timer_destroy(s->turn);
    loop_timer_destroy(s->news);
    http_headers_destroy(s->headers);
    secret_wipe(&s->password);
    wipe(&s->url);
    explicit_bzero(&s->profile, sizeof(s->profile));
    free(s);
}

/* --- queries ---------------------------------------------------------------------------------- */

bool terminal_session_usable(const struct terminal_session *s)
{
    return matriz_session_usable(&s->machine) && s->reported == s->machine.number;
}

int terminal_session_number(const struct terminal_session *s)
{
    return s->reported;
}

int64_t terminal_session_list_day(const struct terminal_session *s)
{
    return s->listed_day;
}

const char *terminal_session_stream_url(const struct terminal_session *s)
{
    return buf_text(&s->url);
}

const struct http_headers *terminal_session_headers(const struct terminal_session *s)
{
    return s->headers;
}
