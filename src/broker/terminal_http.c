#include "broker/terminal_http.h"

#include "base/rng.h"
#include "broker/broker_http.h"
#include "broker/terminal_list.h"
#include "matriz/address.h"
#include "matriz/profile.h"
#include "net/cookies.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_BYTES (256 * 1024) /* of the profile and the login */
#define URL_BYTES    4096
#define LOGIN_BYTES  4096

/* A request in flight. */
struct asked {
    struct terminal_http *http;
    http_done *done;
    void *arg;
};

struct terminal_http {
    struct loop *loop;
    const struct config *config;
    const char *base; /* the terminal's URL */
    struct http *http;
    struct cookies *cookies;
    struct rng rng;
    struct asked asked[TERMINAL_ASKS];
};

/* Origin and the cookies; for a login also the CSRF value. */
static struct http_headers *make_headers(struct terminal_http *t, const char *csrf_token)
{
    struct buf origin, referer;
    buf_init(&origin, URL_BYTES);
    buf_init(&referer, URL_BYTES);
    matriz_put_origin(&origin, t->base);
    buf_printf(&referer, "%s/", buf_text(&origin));
    const char *const pairs[] = {"Origin",
                                 buf_text(&origin),
                                 csrf_token ? "Referer" : NULL,
                                 buf_text(&referer),
                                 "X-CSRF-TOKEN",
                                 csrf_token,
                                 NULL};
    struct http_headers *headers = http_headers_create(pairs, cookies_pairs(t->cookies));
    buf_finish(&origin);
    buf_finish(&referer);
    return headers;
}

struct http_headers *terminal_http_headers(struct terminal_http *t)
{
    return make_headers(t, NULL);
}

void terminal_http_forget(struct terminal_http *t)
{
    cookies_forget(t->cookies);
}

static void on_done(void *arg, const struct http_reply *reply)
{
    struct asked *asked = arg;
    struct terminal_http *t = asked->http;
    cookies_take(t->cookies, reply->fields, loop_now(t->loop).wall_ns);
    asked->done(asked->arg, reply);
}

static void put_url(struct terminal_http *t, enum terminal_ask ask, struct buf *url)
{
    int64_t now_ms = loop_now(t->loop).wall_ns / NS_PER_MS;
    switch (ask) {
    case TERMINAL_PROFILE:
        matriz_put_url(url, t->base, MATRIZ_PATH_PROFILE, now_ms, rng_next(&t->rng));
        return;
    case TERMINAL_LOGIN:
        buf_printf(url, "%s" MATRIZ_PATH_LOGIN, t->base);
        return;
    case TERMINAL_LIST:
        matriz_put_url(url, t->base, MATRIZ_PATH_REF_DATA, now_ms, rng_next(&t->rng));
        return;
    }
}

static int send(struct terminal_http *t, const struct terminal_request *request,
                const struct buf *body, struct err *err)
{
    struct buf url;
    struct asked *asked = &t->asked[request->ask];
    bool login = request->ask == TERMINAL_LOGIN;
    struct http_headers *headers = make_headers(t, login ? request->csrf_token : NULL);
    *asked = (struct asked){t, request->done, request->arg};
    buf_init(&url, URL_BYTES);
    put_url(t, request->ask, &url);
    const struct http_request http = {
        .url = buf_text(&url),
        .method = login ? HTTP_POST : HTTP_GET,
        .content_type = login ? "application/json" : NULL,
        .body = buf_text(body),
        .body_len_bytes = body->len_bytes,
        .headers = headers,
        .body_max_bytes = request->ask == TERMINAL_LIST ? TERMINAL_LIST_BYTES : ANSWER_BYTES,
        .secret = true,
    };
    int rc = headers && !buf_failed(&url) && !buf_failed(body)
                 ? 0
                 : err_set(err, -ENOMEM, "out of memory");
    if (rc == 0)
        http_send(t->http, &http, on_done, asked);
    http_headers_destroy(headers); /* the request keeps a reference */
    buf_finish(&url);
    return rc;
}

int terminal_http_ask(struct terminal_http *t, const struct terminal_request *request,
                      struct err *err)
{
    struct buf body;
    buf_init(&body, LOGIN_BYTES);
    if (request->ask == TERMINAL_LOGIN)
        matriz_put_login(&body, t->config->broker.user, request->password);
    int rc = send(t, request, &body, err);
    if (body.data)
        explicit_bzero(body.data, body.cap_bytes);
    buf_finish(&body);
    return rc;
}

int terminal_http_create(struct terminal_http **out, struct loop *loop, const struct config *config,
                         struct err *err)
{
    struct terminal_http *t = calloc(1, sizeof(*t));
    if (!t)
        return err_set(err, -ENOMEM, "out of memory");
    t->loop = loop;
    t->config = config;
    t->base = config->broker.matriz_url;
    t->rng = (struct rng){(uint64_t)loop_now(loop).wall_ns};
    t->cookies = cookies_create();
    t->http = broker_http_create(loop, &config->broker, config->broker.timeout_ms, 1, err);
    int rc = t->http ? 0 : err->code;
    if (rc == 0 && !t->cookies)
        rc = err_set(err, -ENOMEM, "out of memory");
    if (rc) {
        terminal_http_destroy(t);
        return rc;
    }
    *out = t;
    return 0;
}

void terminal_http_destroy(struct terminal_http *t)
{
    if (!t)
        return;
    http_destroy(t->http);
    cookies_destroy(t->cookies);
    free(t);
}
