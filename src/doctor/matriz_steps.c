#include "doctor/checkup.h"

#include "base/log.h"
#include "base/rng.h"
#include "broker/broker_ask.h"
#include "broker/broker_http.h"
#include "broker/terminal_answer.h"
#include "broker/terminal_list.h"
#include "doctor/attempt.h"
#include "doctor/matriz_result.h"
#include "matriz/address.h"
#include "matriz/frame.h"
#include "matriz/topics.h"
#include "net/cookies.h"
#include "primary/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define URL_BYTES    4096
#define LOGIN_BYTES  4096
#define ANSWER_BYTES (256 * 1024)

/* A session at the terminal, while it is made and used. */
struct visit {
    struct checkup *checkup;
    const char *base; /* the terminal's URL */
    bool guest;
    struct rng rng;
    struct cookies *cookies;
    struct matriz_profile profile;
    struct matriz_ids *ids;
    struct matriz_frame_decoder *decoder;
    int64_t began_ms;
    bool after_login;
    struct step step; /* of the last request */
    enum matriz_session_event_kind kind;
};

/* --- requests --------------------------------------------------------------------------------- */

static struct http_headers *make_headers(struct visit *v, bool login)
{
    struct buf origin, referer;
    buf_init(&origin, URL_BYTES);
    buf_init(&referer, URL_BYTES);
    matriz_put_origin(&origin, v->base);
    buf_printf(&referer, "%s/", buf_text(&origin));
    const char *const pairs[] = {"Origin",
                                 buf_text(&origin),
                                 login ? "Referer" : NULL,
                                 buf_text(&referer),
                                 "X-CSRF-TOKEN",
                                 v->profile.csrf_token,
                                 NULL};
    struct http_headers *headers = http_headers_create(pairs, cookies_pairs(v->cookies));
    buf_finish(&origin);
    buf_finish(&referer);
    return headers;
}

static int ask(struct visit *v, struct http_request *request, http_done *done, struct err *err)
{
    struct checkup *c = v->checkup;
    const struct broker_ask broker = {c->loop, &c->config->broker,
                                      checkup_timeout_ms(c, CHECKUP_TIMEOUT_MS)};
    struct http_headers *headers = make_headers(v, request->method == HTTP_POST);
    checkup_take_turn(c, request->method == HTTP_POST ? BUDGET_LOGIN : BUDGET_PROFILE);
    v->began_ms = clock_now().mono_ms;
    request->headers = headers;
    request->body_max_bytes = ANSWER_BYTES;
    request->secret = true;
    int rc = headers ? broker_ask_request(&broker, request, done, v, err) : -1;
    http_headers_destroy(headers);
    return rc;
}

static struct matriz_answer answer_of(const struct visit *v, const struct err *why)
{
    return (struct matriz_answer){v->base, v->kind, why->text, v->after_login,
                                  clock_now().mono_ms - v->began_ms};
}

static void keep_secrets(const struct matriz_profile *profile)
{
    log_secret(profile->csrf_token);
    log_secret(profile->session_id);
    log_secret(profile->connection_id);
}

static void on_profile(void *arg, const struct http_reply *http)
{
    struct visit *v = arg;
    struct err why = {0};
    const struct reply reply = broker_http_reply(http);
    cookies_take(v->cookies, http->fields, clock_now().wall_ns);
    v->kind = MATRIZ_EV_UNAVAILABLE;
    if (http->outcome == HTTP_OK)
        v->kind = terminal_answer_profile(v->checkup->parser, &reply, v->guest, &v->profile, &why);
    keep_secrets(&v->profile);
    const struct matriz_answer answer = answer_of(v, &why);
    v->step = matriz_profile_result(http, &answer);
}

static void on_login(void *arg, const struct http_reply *http)
{
    struct visit *v = arg;
    struct err why = {0};
    const struct reply reply = broker_http_reply(http);
    cookies_take(v->cookies, http->fields, clock_now().wall_ns);
    v->kind = MATRIZ_EV_UNAVAILABLE;
    if (http->outcome == HTTP_OK)
        v->kind = terminal_answer_login(&reply, &why);
    const struct matriz_answer answer = answer_of(v, &why);
    v->step = matriz_login_result(http, &answer);
}

/* A fault of a stream that is not needed, because the API's delivers, is a warning. */
static void add(struct visit *v, struct step *step)
{
    struct checkup *c = v->checkup;
    if (step->state == STEP_FAILED && checkup_passed(c, STEP_SUBSCRIPTION))
        step->state = STEP_WARNING;
    checkup_add(c, step);
}

/* False: it failed, and that was said. */
static bool finish_request(struct visit *v, enum step_id id, int rc, const struct err *err)
{
    if (rc) {
        v->step = step_begin(id, "send the request");
        step_fail(&v->step, FINDING_MATRIZ_DOWN, "the request could not be sent: %s", err->text);
    }
    bool good = v->step.state == STEP_OK;
    add(v, &v->step);
    return good;
}

static bool ask_profile(struct visit *v)
{
    struct buf url;
    struct err err = {0};
    buf_init(&url, URL_BYTES);
    matriz_put_url(&url, v->base, MATRIZ_PATH_PROFILE, clock_now().wall_ns / NS_PER_MS,
                   rng_next(&v->rng));
    struct http_request request = {.url = buf_text(&url), .method = HTTP_GET};
    int rc = ask(v, &request, on_profile, &err);
    buf_finish(&url);
    return finish_request(v, STEP_MATRIZ_PROFILE, rc, &err);
}

static bool log_in(struct visit *v)
{
    struct buf url, body;
    struct err err = {0};
    const struct checkup *c = v->checkup;
    buf_init(&url, URL_BYTES);
    buf_init(&body, LOGIN_BYTES);
    buf_printf(&url, "%s" MATRIZ_PATH_LOGIN, v->base);
    matriz_put_login(&body, c->config->broker.user, c->password.text);
    struct http_request request = {.url = buf_text(&url),
                                   .method = HTTP_POST,
                                   .content_type = "application/json",
                                   .body = buf_text(&body),
                                   .body_len_bytes = body.len_bytes};
    int rc = ask(v, &request, on_login, &err);
    if (body.data)
        explicit_bzero(body.data, body.cap_bytes);
    buf_finish(&body);
    buf_finish(&url);
    v->after_login = true;
    return finish_request(v, STEP_MATRIZ_LOGIN, rc, &err);
}

/* --- the dialect ------------------------------------------------------------------------------ */

static void learn_ids(struct visit *v)
{
    struct buf body;
    int64_t day;
    const struct checkup *c = v->checkup;
    buf_init(&body, TERMINAL_LIST_BYTES);
    if (terminal_list_load(c->config->state_dir, v->base, &body, &day) == 0)
        matriz_ids_learn(v->ids, c->parser, buf_text(&body), body.len_bytes, NULL);
    buf_finish(&body);
    for (int i = 0; i < CHECKUP_SYMBOLS_MAX && c->symbol[i]; i++)
        matriz_ids_add(v->ids, REQUEST_MARKET_ROFX, c->symbol[i], "", NULL);
}

static void subscribe(void *arg, const char *symbol, struct buf *message)
{
    const struct visit *v = arg;
    const char *id = matriz_ids_of(v->ids, REQUEST_MARKET_ROFX, symbol);
    matriz_topics_begin(message, MATRIZ_TOPIC_MD);
    if (id)
        matriz_topics_add(message, MATRIZ_TOPIC_MD, true, id);
    matriz_topics_end(message);
}

/* The items of one message: data counts, whatever is beside it. */
static enum first_frame read_frame(void *arg, const char *text, size_t len_bytes, char *words)
{
    struct visit *v = arg;
    enum first_frame frame = FRAME_OTHER;
    int32_t today = (int32_t)art_day(clock_now().wall_ns);
    struct stream_message message = {text, len_bytes, 0};
    struct stream_item *item = malloc(sizeof(*item));
    while (item && frame != FRAME_DATA && matriz_frame_next(v->decoder, &message, today, item))
        frame = first_frame_of(item);
    snprintf(words, STEP_TEXT, "a message without market data");
    free(item);
    return frame == FRAME_DATA ? FRAME_DATA : FRAME_OTHER;
}

/* --- the stream ------------------------------------------------------------------------------- */

static void judge(struct visit *v, const struct attempt *a, bool asked)
{
    struct handshake_facts handshake = attempt_handshake(a);
    struct step step = matriz_socket_result(&handshake);
    add(v, &step);
    if (!a->open || !asked)
        return;
    struct subscription_facts delivery = attempt_delivery(a);
    step = matriz_data_result(&delivery);
    add(v, &step);
}

static void connect(struct visit *v)
{
    struct checkup *c = v->checkup;
    struct buf url;
    struct http_headers *headers = make_headers(v, false);
    struct attempt *a = calloc(1, sizeof(*a));
    const struct attempt_dialect dialect = {v, subscribe, read_frame};
    buf_init(&url, URL_BYTES);
    matriz_put_stream_url(&url, v->base, v->guest ? "" : v->profile.session_id,
                          v->guest ? "" : v->profile.connection_id);
    const struct attempt_parts parts = {buf_text(&url), headers, c->symbol[0] ? &dialect : NULL};
    if (a && headers) {
        attempt_run(a, c, &parts);
        judge(v, a, parts.dialect != NULL);
        attempt_finish(a);
    }
    if (url.data)
        explicit_bzero(url.data, url.cap_bytes);
    buf_finish(&url);
    http_headers_destroy(headers);
    free(a);
}

static bool make_session(struct visit *v)
{
    if (!ask_profile(v))
        return false;
    return v->kind == MATRIZ_EV_IDS || (log_in(v) && ask_profile(v));
}

static void visit(struct checkup *c)
{
    struct visit v = {.checkup = c,
                      .base = c->config->broker.matriz_url,
                      .guest = matriz_is_guest(c->config->broker.matriz_url),
                      .rng = {.state = (uint64_t)clock_now().wall_ns},
                      .cookies = cookies_create(),
                      .ids = matriz_ids_create(),
                      .decoder = calloc(1, sizeof(*v.decoder))};
    if (v.cookies && v.ids && v.decoder) {
        learn_ids(&v);
        v.decoder->ids = v.ids;
        if (make_session(&v))
            connect(&v);
    }
    explicit_bzero(&v.profile, sizeof(v.profile));
    free(v.decoder);
    matriz_ids_destroy(v.ids);
    cookies_destroy(v.cookies);
}

void matriz_steps(struct checkup *c)
{
    if (c->config->stream.enable && checkup_has_dialect(c, "matriz") &&
        !service_has_stream(&c->service))
        visit(c);
}
