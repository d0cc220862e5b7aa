#include "broker/token_keeper.h"

#include "base/mask.h"
#include "base/words.h"
#include "broker/broker_http.h"
#include "broker/credentials.h"
#include "broker/state_file.h"
#include "broker/throttle.h"
#include "broker/token_cache.h"
#include "market/request_budget.h"
#include "primary/request.h"
#include "primary/token.h"
#include "record/events.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOGIN_BODY_BYTES (64 * 1024)
#define URL_BYTES        2048
#define WORDS_BYTES      sizeof(((struct err *)0)->text)
#define LONG_WAIT_MS     5000 /* a login that waits so long for the budget is reported */

struct token_keeper {
    struct loop *loop;
    const struct config *config;
    struct credentials *credentials;
    struct events *events;
    struct request_budget *budget;
    token_keeper_fn *fn;
    void *arg;

    struct http *http;
    struct state_saver *saver; /* of the token */
    struct loop_timer *timer; /* the machine's next TICK, and calls of fn outside callers' stacks */
    struct loop_timer *turn;  /* a login that waits for the request budget */
    int64_t asked_ms;         /* when the last login was sent */
    struct token_machine machine;
    struct cached_token token;
    struct http_headers *headers; /* with the token; NULL while there is none */
    struct http_headers *login_headers;
    struct secret password;  /* while its login is in flight, to mask it in the answer */
    bool announce;           /* report a usable token from the timer */
    char words[WORDS_BYTES]; /* why the last login failed */
    char told[WORDS_BYTES];  /* last reported failure; "" = none */
};

static void step(struct token_keeper *keeper, struct token_event event);

static void tick(void *arg)
{
    struct token_keeper *keeper = arg;
    if (keeper->announce) {
        keeper->announce = false;
        keeper->fn(keeper->arg, KEEPER_TOKEN, NULL);
    }
    step(keeper, (struct token_event){.kind = TOKEN_EV_TICK});
}

/* --- the token in memory and on disk ---------------------------------------------------------- */

static int hold_token(struct token_keeper *keeper)
{
    http_headers_destroy(keeper->headers);
    keeper->headers =
        http_headers_create((const char *const[]){"X-Auth-Token", keeper->token.token, NULL}, NULL);
    log_secret(keeper->token.token);
    keeper->announce = true;
    return keeper->headers ? 0 : -ENOMEM;
}

static void drop_token(struct token_keeper *keeper)
{
    http_headers_destroy(keeper->headers);
    keeper->headers = NULL;
    keeper->announce = false;
}

static int64_t load_token(struct token_keeper *keeper)
{
    const struct config *config = keeper->config;
    if (token_cache_load(config->state_dir, config->broker.url, config->broker.user,
                         &keeper->token) ||
        keeper->token.obtained_ns > clock_now().wall_ns || hold_token(keeper))
        return 0;
    return keeper->token.obtained_ns;
}

static void on_saved(void *arg, const char *failed)
{
    const struct token_keeper *keeper = arg;
    if (failed)
        events_report(keeper->events, LOG_LEVEL_WARN, EVENT_TOKEN_CACHE, NULL, "%s", failed);
}

static void save_token(struct token_keeper *keeper)
{
    struct err err;
    struct state_file file;
    if (token_cache_file(&file, keeper->config, &keeper->token, &err))
        on_saved(keeper, err.text);
    else if (state_saver_give(keeper->saver, &file))
        on_saved(keeper, "cannot save the token: out of memory");
}

/* --- login ------------------------------------------------------------------------------------ */

static struct token_event failed(struct token_keeper *keeper, enum token_event_kind kind,
                                 int64_t retry_after_ms, const char *words)
{
    snprintf(keeper->words, sizeof(keeper->words), "%s", words);
    if (keeper->password.text)
        mask_secret(keeper->words, keeper->password.text);
    return (struct token_event){.kind = kind, .retry_after_ms = retry_after_ms};
}

static struct token_event granted(struct token_keeper *keeper, const char *token)
{
    snprintf(keeper->token.token, sizeof(keeper->token.token), "%s", token);
    keeper->token.obtained_ns = clock_now().wall_ns;
    if (hold_token(keeper))
        return failed(keeper, TOKEN_EV_UNAVAILABLE, 0, "out of memory");
    save_token(keeper);
    keeper->words[0] = keeper->told[0] = '\0';
    events_report(keeper->events, LOG_LEVEL_INFO, EVENT_LOGIN, NULL, "logged in as %s",
                  keeper->config->broker.user);
    return (struct token_event){.kind = TOKEN_EV_GRANTED};
}

static struct token_event judge_login(struct token_keeper *keeper, const struct http_reply *http)
{
    struct err why = {0};
    struct reply reply = broker_http_reply(http);
    const char *token = http_fields_get(http->fields, "X-Auth-Token");
    if (http->outcome != HTTP_OK)
        return failed(keeper, TOKEN_EV_UNAVAILABLE, 0, http->reason);
    switch (login_decode(&reply, token, &why)) {
    case LOGIN_OK:
        return granted(keeper, token);
    case LOGIN_REFUSED:
        return failed(keeper, TOKEN_EV_REFUSED, 0, why.text);
    case LOGIN_NO_TOKEN:
        return failed(keeper, TOKEN_EV_NO_TOKEN, 0, why.text);
    case LOGIN_PAGE:
    case LOGIN_UNAVAILABLE:
        break;
    }
    return failed(keeper, TOKEN_EV_UNAVAILABLE, http->retry_after_ms, why.text);
}

static void login_done(void *arg, const struct http_reply *reply)
{
    struct token_keeper *keeper = arg;
    http_headers_destroy(keeper->login_headers);
    keeper->login_headers = NULL;
    const struct throttle_answer answer = {reply->status, reply->retry_after_ms, keeper->asked_ms,
                                           loop_now(keeper->loop).mono_ms, REQUEST_PATH_TOKEN};
    throttle_take(keeper->budget, keeper->events, &answer);
    struct token_event event = judge_login(keeper, reply);
    secret_wipe(&keeper->password);
    if (reply->outcome != HTTP_CANCELLED)
        step(keeper, event);
}

/* The password is in memory from here until the request ends. */
static int send_login(struct token_keeper *keeper, struct err *err)
{
    char url[URL_BYTES];
    int rc = credentials_password(keeper->credentials, keeper->config, &keeper->password, err);
    if (rc)
        return rc;
    keeper->login_headers =
        http_headers_create((const char *const[]){"X-Username", keeper->config->broker.user,
                                                  "X-Password", keeper->password.text, NULL},
                            NULL);
    if (!keeper->login_headers) {
        secret_wipe(&keeper->password);
        return err_set(err, -ENOMEM, "out of memory");
    }
    snprintf(url, sizeof(url), "%s" REQUEST_PATH_TOKEN, keeper->config->broker.url);
    struct http_request request = {
        .url = url,
        .method = HTTP_POST,
        .headers = keeper->login_headers,
        .body_max_bytes = LOGIN_BODY_BYTES,
        .secret = true,
    };
    http_send(keeper->http, &request, login_done, keeper);
    return 0;
}

/* --- the state machine ------------------------------------------------------------------------ */

/* An outage is reported when it begins and when its reason changes, not at each try. */
static void report_wait(struct token_keeper *keeper, enum token_event_kind kind,
                        const struct token_step *s, int64_t now_ms)
{
    char words[WORDS_BYTES];
    bool refused = kind == TOKEN_EV_REFUSED;
    long long wait_s = (s->wake_ms - now_ms + 999) / 1000;
    if (!s->why || s->login)
        return;
    snprintf(words, sizeof(words), "%s%s%.400s", s->why, keeper->words[0] ? ": " : "",
             keeper->words);
    if (words_alike(words, keeper->told)) {
        log_debug("login failed again", LOG_TEXT("why", words), LOG_NUMBER("next_s", wait_s));
        return;
    }
    snprintf(keeper->told, sizeof(keeper->told), "%s", words);
    if (s->hopeless)
        events_report(keeper->events, LOG_LEVEL_ERROR, EVENT_LOGIN_REFUSED, NULL, "%s; stopping",
                      words);
    else
        events_report(keeper->events, LOG_LEVEL_WARN,
                      refused ? EVENT_LOGIN_REFUSED : EVENT_LOGIN_FAILED, NULL,
                      "%s; next login in %lld s", words, wait_s);
}

static void arm(struct token_keeper *keeper, int64_t wake_ms, int64_t now_ms)
{
    if (keeper->announce)
        loop_timer_set(keeper->timer, 0);
    else if (wake_ms == INT64_MAX)
        loop_timer_stop(keeper->timer);
    else
        loop_timer_set(keeper->timer, wake_ms - now_ms);
}

/* At its ceiling the budget makes a login wait for up to a minute: reported unless a failure is. */
static void report_ceiling(struct token_keeper *keeper, int64_t wait_ms)
{
    static const char words[] = "too many logins in a short time";
    int64_t wait_s = (wait_ms + 999) / 1000;
    bool held = budget_hold_ms(keeper->budget, loop_now(keeper->loop).mono_ms) > 0;
    if (wait_ms < LONG_WAIT_MS)
        return;
    if (held || keeper->told[0] || keeper->machine.state == TOKEN_CHECKING) {
        log_debug("a login waits for the request budget", LOG_NUMBER("next_s", wait_s));
        return;
    }
    snprintf(keeper->told, sizeof(keeper->told), "%s", words);
    events_report(keeper->events, LOG_LEVEL_WARN, EVENT_LOGIN_FAILED, NULL,
                  "%s; next login in %lld s", words, (long long)wait_s);
}

/* For the state machine the login is in flight from its request on, also while it waits here. */
static void login_when_allowed(void *arg)
{
    struct token_keeper *keeper = arg;
    struct err err;
    int64_t now_ms = loop_now(keeper->loop).mono_ms;
    int64_t wait_ms = budget_from_ms(keeper->budget, BUDGET_LOGIN, now_ms) - now_ms;
    if (wait_ms > 0) {
        report_ceiling(keeper, wait_ms);
        loop_timer_set(keeper->turn, wait_ms);
    } else if (send_login(keeper, &err)) {
        step(keeper, failed(keeper, TOKEN_EV_UNAVAILABLE, 0, err.text));
    } else {
        budget_spend(keeper->budget, BUDGET_LOGIN, now_ms);
        keeper->asked_ms = now_ms;
    }
}

static void step(struct token_keeper *keeper, struct token_event event)
{
    struct now now = loop_now(keeper->loop);
    bool was_checking = keeper->machine.state == TOKEN_CHECKING;
    struct token_step s = token_step(keeper->machine, event, now);

    keeper->machine = s.next;
    if (keeper->machine.state == TOKEN_ABSENT || keeper->machine.state == TOKEN_ASKING)
        drop_token(keeper);
    if (!token_usable(&keeper->machine))
        keeper->announce = false;
    else if (was_checking)
        keeper->announce = true;
    arm(keeper, s.wake_ms, now.mono_ms);
    report_wait(keeper, event.kind, &s, now.mono_ms);
    if (s.login) {
        log_line(keeper->told[0] ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO, "logging in",
                 LOG_FIELDS(LOG_TEXT("because", s.why)));
        login_when_allowed(keeper);
    }
    if (s.hopeless)
        keeper->fn(keeper->arg, KEEPER_HOPELESS, keeper->words);
}

int token_keeper_create(struct token_keeper **out, const struct token_keeper_parts *parts,
                        struct err *err)
{
    struct token_keeper *keeper = calloc(1, sizeof(*keeper));
    if (!keeper)
        return err_set(err, -ENOMEM, "out of memory");
    const struct config *config = parts->config;
    keeper->loop = parts->loop;
    keeper->config = config;
    keeper->credentials = parts->credentials;
    keeper->events = parts->events;
    keeper->budget = parts->budget;
    keeper->fn = parts->fn;
    keeper->arg = parts->arg;
    keeper->timer = loop_timer_create(keeper->loop, tick, keeper);
    keeper->turn = loop_timer_create(keeper->loop, login_when_allowed, keeper);
    keeper->http =
        broker_http_create(keeper->loop, &config->broker, config->broker.timeout_ms, 1, err);
    int rc = keeper->http ? 0 : err->code;
    keeper->saver = state_saver_create(keeper->loop, on_saved, keeper);
    if (rc == 0 && (!keeper->timer || !keeper->turn || !keeper->saver))
        rc = err_set(err, -ENOMEM, "out of memory");
    if (rc) {
        token_keeper_destroy(keeper);
        return rc;
    }
    struct now now = loop_now(keeper->loop);
    keeper->machine = token_machine_init(load_token(keeper), now, (uint64_t)now.wall_ns);
    keeper->machine.ever_worked = parts->patient;
    loop_timer_set(keeper->timer, 0);
    *out = keeper;
    return 0;
}

void token_keeper_destroy(struct token_keeper *keeper)
{
    if (!keeper)
        return;
    http_destroy(keeper->http);
    loop_timer_destroy(keeper->timer);
    loop_timer_destroy(keeper->turn);
    state_saver_destroy(keeper->saver);
    drop_token(keeper);
    secret_wipe(&keeper->password);
    explicit_bzero(&keeper->token, sizeof(keeper->token));
    free(keeper);
}

const struct http_headers *token_keeper_headers(const struct token_keeper *keeper)
{
    return token_usable(&keeper->machine) ? keeper->headers : NULL;
}

int token_keeper_generation(const struct token_keeper *keeper)
{
    return keeper->machine.generation;
}

void token_keeper_worked(struct token_keeper *keeper, int generation)
{
    if (!keeper->machine.worked || keeper->machine.paged)
        step(keeper, (struct token_event){.kind = TOKEN_EV_WORKED, .generation = generation});
}

void token_keeper_unauthorized(struct token_keeper *keeper, int generation)
{
    if (generation == keeper->machine.generation && keeper->headers)
        events_report(keeper->events, LOG_LEVEL_WARN, EVENT_UNAUTHORIZED, NULL,
                      "the broker no longer accepts the token");
    step(keeper, (struct token_event){.kind = TOKEN_EV_UNAUTHORIZED, .generation = generation});
}

bool token_keeper_page(struct token_keeper *keeper, int generation, bool login_page,
                       const char *words)
{
    bool was_usable = token_usable(&keeper->machine);
    if (generation != keeper->machine.generation || !was_usable)
        return true;
    step(keeper, (struct token_event){.kind = login_page ? TOKEN_EV_LOGIN_PAGE : TOKEN_EV_PAGE,
                                      .generation = generation});
    if (token_usable(&keeper->machine))
        return false;
    events_report(keeper->events, LOG_LEVEL_WARN, EVENT_UNAUTHORIZED, NULL,
                  "%s: the token may be invalid; logging in once to check", words);
    return true;
}

void token_keeper_renew(struct token_keeper *keeper)
{
    step(keeper, (struct token_event){.kind = TOKEN_EV_DOUBTED});
}

void token_keeper_hurry(struct token_keeper *keeper)
{
    step(keeper, (struct token_event){.kind = TOKEN_EV_HURRY});
}

const char *token_keeper_token(const struct token_keeper *keeper, int64_t *obtained_ns)
{
    if (!token_keeper_headers(keeper))
        return NULL;
    *obtained_ns = keeper->token.obtained_ns;
    return keeper->token.token;
}

int64_t token_keeper_token_ns(const struct token_keeper *keeper)
{
    return keeper->headers ? keeper->token.obtained_ns : 0;
}

const char *token_keeper_state(const struct token_keeper *keeper)
{
    return token_state_name(keeper->machine.state);
}

const char *token_keeper_trouble(const struct token_keeper *keeper)
{
    return keeper->told;
}
