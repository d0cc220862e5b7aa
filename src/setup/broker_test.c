#include "setup/broker_test.h"

#include "broker/broker_http.h"
#include "primary/request.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LOGIN_BODY_BYTES (64 * 1024)
#define URL_BYTES        2048
#define LIST_MIN_MS      (60 * 1000) /* megabytes over a slow connection */

/* One request in progress. */
struct broker_test {
    struct loop *loop;
    enum broker_test_end end;
    struct cached_token *token; /* result of a login; else NULL */
    struct buf *body;           /* result of a list request; else NULL */
    struct err *why;
};

static enum broker_test_end say(struct broker_test *trial, enum broker_test_end end,
                                const char *words)
{
    err_set(trial->why, -EIO, "%s", words);
    return end;
}

static enum broker_test_end judge_login(struct broker_test *trial, const struct http_reply *http)
{
    struct reply reply = broker_http_reply(http);
    const char *token = http_fields_get(http->fields, "X-Auth-Token");
    if (http->outcome != HTTP_OK)
        return say(trial, TRIAL_UNAVAILABLE, http->reason);
    switch (login_decode(&reply, token, trial->why)) {
    case LOGIN_OK:
        snprintf(trial->token->token, sizeof(trial->token->token), "%s", token);
        trial->token->obtained_ns = loop_now(trial->loop).wall_ns;
        return TRIAL_OK;
    case LOGIN_REFUSED:
        return TRIAL_REFUSED;
    case LOGIN_NO_TOKEN:
    case LOGIN_PAGE:
    case LOGIN_UNAVAILABLE:
        break;
    }
    return TRIAL_UNAVAILABLE;
}

static enum broker_test_end judge_list(struct broker_test *trial, const struct http_reply *http)
{
    struct reply reply = broker_http_reply(http);
    if (http->outcome != HTTP_OK)
        return say(trial, TRIAL_UNAVAILABLE, http->reason);
    enum reply_class class = reply_by_head(&reply, trial->why);
    if (class == REPLY_PAGE || class == REPLY_LOGIN_PAGE)
        return TRIAL_UNAVAILABLE;
    if (class != REPLY_OK)
        return TRIAL_REFUSED;
    if (buf_append(trial->body, http->body, http->body_len_bytes))
        return say(trial, TRIAL_FAILED, "out of memory");
    return TRIAL_OK;
}

static void done(void *arg, const struct http_reply *http)
{
    struct broker_test *trial = arg;
    trial->end = trial->token ? judge_login(trial, http) : judge_list(trial, http);
    loop_stop(trial->loop);
}

static enum broker_test_end ask(struct broker_test *trial, const struct config *config,
                                int64_t timeout_ms, const struct http_request *request)
{
    struct http *http = NULL;
    trial->end = TRIAL_FAILED;
    trial->loop = loop_create();
    if (!trial->loop)
        return say(trial, TRIAL_FAILED, "out of memory");
    http = broker_http_create(trial->loop, &config->broker, timeout_ms, 1, trial->why);
    if (http) {
        http_send(http, request, done, trial);
        loop_run(trial->loop);
    }
    http_destroy(http);
    loop_destroy(trial->loop);
    return trial->end;
}

enum broker_test_end broker_test_login(const struct config *config, const struct secret *password,
                                       struct cached_token *out, struct err *why)
{
    char url[URL_BYTES];
    struct broker_test trial = {.token = out, .why = why};
    struct http_request request = {
        .url = url, .method = HTTP_POST, .body_max_bytes = LOGIN_BODY_BYTES, .secret = true};
    struct http_headers *headers =
        http_headers_create((const char *const[]){"X-Username", config->broker.user, "X-Password",
                                                  password->text, NULL},
                            NULL);
    if (!headers)
        return say(&trial, TRIAL_FAILED, "out of memory");
    request.headers = headers;
    snprintf(url, sizeof(url), "%s" REQUEST_PATH_TOKEN, config->broker.url);
    enum broker_test_end end = ask(&trial, config, config->broker.timeout_ms, &request);
    http_headers_destroy(headers);
    return end;
}

enum broker_test_end broker_test_list(const struct config *config, const char *token,
                                      struct buf *out, struct err *why)
{
    char url[URL_BYTES];
    struct broker_test trial = {.body = out, .why = why};
    struct http_request request = {.url = url, .body_max_bytes = out->max_bytes};
    int64_t timeout_ms = config->broker.timeout_ms;
    struct http_headers *headers =
        http_headers_create((const char *const[]){"X-Auth-Token", token, NULL}, NULL);
    if (!headers)
        return say(&trial, TRIAL_FAILED, "out of memory");
    request.headers = headers;
    snprintf(url, sizeof(url), "%s" REQUEST_PATH_INSTRUMENTS, config->broker.url);
    enum broker_test_end end =
        ask(&trial, config, timeout_ms > LIST_MIN_MS ? timeout_ms : LIST_MIN_MS, &request);
    http_headers_destroy(headers);
    return end;
}
