#include "doctor/checkup.h"

#include "base/clock.h"
#include "base/percent.h"
#include "base/rng.h"
#include "doctor/attempt.h"
#include "primary/request.h"
#include "primary/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define URL_BYTES  2048
#define BASE_BYTES 512

/* --- the dialect of the API ------------------------------------------------------------------- */

static void subscribe(void *arg, const char *symbol, struct buf *message)
{
    const struct checkup *c = arg;
    const struct stream_terms terms = {c->config->poll.entries, c->config->stream.depth,
                                       c->config->stream.level};
    stream_smd_begin(message, &terms);
    stream_smd_product(message, true, REQUEST_MARKET_ROFX, symbol);
    stream_smd_end(message);
}

static enum first_frame read_frame(void *arg, const char *text, size_t len_bytes, char *words)
{
    const struct checkup *c = arg;
    struct stream_decoder decoder = {c->parser, c->config->poll.entries, ""};
    const struct stream_message message = {text, len_bytes, 0};
    struct stream_item *item = malloc(sizeof(*item));
    if (!item)
        return FRAME_NONE;
    stream_decode(&decoder, &message, item);
    enum first_frame frame = first_frame_of(item);
    snprintf(words, STEP_TEXT, "%s", item->why.code ? item->why.text : "a frame of another type");
    free(item);
    return frame;
}

/* --- the stream ------------------------------------------------------------------------------- */

static struct http_headers *token_header(const struct checkup *c)
{
    return http_headers_create((const char *const[]){"X-Auth-Token", c->token.token, NULL}, NULL);
}

static void judge_delivery(struct checkup *c, const struct attempt *a)
{
    struct subscription_facts facts = attempt_delivery(a);
    struct step step = subscription_result(&facts);
    checkup_add(c, &step);
    step = pong_result(attempt_pong_ms(a), clock_now().mono_ms - a->opened_ms,
                       a->ended ? &a->end : NULL);
    checkup_add(c, &step);
}

/* True: the handshake failed, by an answer that controls can explain. */
static bool try_stream(struct checkup *c, const char *url)
{
    struct http_headers *headers = token_header(c);
    struct attempt *a = headers ? calloc(1, sizeof(*a)) : NULL;
    const struct attempt_dialect primary = {c, subscribe, read_frame};
    const struct attempt_parts parts = {url, headers, c->symbol[0] ? &primary : NULL};
    bool explainable = false;
    if (a) {
        attempt_run(a, c, &parts);
        struct handshake_facts facts = attempt_handshake(a);
        struct step step = handshake_result(&facts);
        checkup_add(c, &step);
        if (a->open && parts.dialect)
            judge_delivery(c, a);
        explainable = !a->open && a->end.kind == WS_REFUSED && a->answer.status != 429 &&
                      a->answer.status < 500;
        attempt_finish(a);
    }
    free(a);
    http_headers_destroy(headers);
    return explainable;
}

/* --- controls --------------------------------------------------------------------------------- */

static void control(struct checkup *c, enum step_id id, const char *url, bool header)
{
    struct http_headers *headers = header ? token_header(c) : NULL;
    struct attempt *a = calloc(1, sizeof(*a));
    const struct attempt_parts parts = {url, headers, NULL};
    if (a) {
        attempt_run(a, c, &parts);
        struct handshake_facts facts = attempt_handshake(a);
        struct step step =
            control_result(id, header ? "the header X-Auth-Token" : "no header", &facts);
        checkup_add(c, &step);
        attempt_finish(a);
    }
    free(a);
    http_headers_destroy(headers);
}

/* ws://host:port of broker.url. */
static void put_base(char out[BASE_BYTES], const struct checkup *c)
{
    bool v6 = strchr(c->place.host, ':') != NULL;
    snprintf(out, BASE_BYTES, "%s://%s%s%s:%d",
             strcasecmp(c->place.scheme, "https") == 0 ? "wss" : "ws", v6 ? "[" : "", c->place.host,
             v6 ? "]" : "", c->place.port);
}

static void control_query(struct checkup *c, enum step_id id, const char *base, const char *conn_id)
{
    struct buf url;
    buf_init(&url, URL_BYTES);
    buf_printf(&url, "%s/ws?session_id=", base);
    percent_encode(&url, c->token.token);
    buf_printf(&url, "&conn_id=%s", conn_id);
    control(c, id, buf_text(&url), false);
    if (url.data)
        explicit_bzero(url.data, url.len_bytes);
    buf_finish(&url);
}

static void run_controls(struct checkup *c, const char *tried)
{
    char base[BASE_BYTES], url[URL_BYTES];
    struct rng rng = {.state = (uint64_t)clock_now().wall_ns};
    put_base(base, c);
    rest_control(c);
    snprintf(url, sizeof(url), "%s/", base);
    control(c, STEP_CONTROL_NO_HEADER, url, false);
    size_t path =
        strcspn(strstr(tried, "://") + 3, "/") + (size_t)(strstr(tried, "://") + 3 - tried);
    if (strcmp(tried + path, "/") != 0)
        control(c, STEP_CONTROL_ROOT, url, true);
    snprintf(url, sizeof(url), "%s/ws", base);
    control(c, STEP_CONTROL_WS, url, true);
    control_query(c, STEP_CONTROL_SESSION_ID, base, "");
    snprintf(url, sizeof(url), "%016llx", (unsigned long long)rng_next(&rng));
    control_query(c, STEP_CONTROL_CONN_ID, base, url);
}

/* --- all -------------------------------------------------------------------------------------- */

/* NULL: it is to be tried. */
static const char *reason_to_skip(const struct checkup *c)
{
    if (!c->config->stream.enable)
        return "the stream is switched off by stream.enable = false";
    if (!checkup_has_dialect(c, "primary"))
        return "stream.dialects does not contain primary";
    return service_has_stream(&c->service);
}

void stream_steps(struct checkup *c)
{
    const char *reason = reason_to_skip(c);
    char *url = reason ? NULL : config_stream_url(&c->config->broker);
    if (reason)
        checkup_skip(c, STEP_HANDSHAKE, reason);
    if (reason && c->config->stream.enable && service_is_mute(&c->service)) {
        struct step step = service_stream_result(&c->service);
        checkup_add(c, &step);
    }
    if (url && try_stream(c, url))
        run_controls(c, url);
    free(url);
}
