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

static enum broker_test_end say(struct broker_test *test, enum broker_test_end end,
                                const char *words)
{
    err_set(test->why, -EIO, "%s", words);
    return end;
}

static enum broker_test_end judge_login(struct broker_test *test, const struct http_reply *http)
{
    struct reply reply = broker_http_reply(http);
    const char *token = http_fields_get(http->fields, "X-Auth-Token");
    if (http->outcome != HTTP_OK)
        return say(test, BROKER_TEST_UNAVAILABLE, http->reason);
    switch (login_decode(&reply, token, test->why)) {
    case LOGIN_OK:
        snprintf(test->token->token, sizeof(test->token->token), "%s", token);
        test->token->obtained_ns = loop_now(test->loop).wall_ns;
        return BROKER_TEST_OK;
    case LOGIN_REFUSED:
        return BROKER_TEST_REFUSED;
    case LOGIN_NO_TOKEN:
    case LOGIN_PAGE:
    case LOGIN_UNAVAILABLE:
        break;
    }
    return BROKER_TEST_UNAVAILABLE;
}

static enum broker_test_end judge_list(struct broker_test *test, const struct http_reply *http)
{
    struct reply reply = broker_http_reply(http);
    if (http->outcome != HTTP_OK)
        return say(test, BROKER_TEST_UNAVAILABLE, http->reason);
    enum reply_class class = reply_by_head(&reply, test->why);
    if (class == REPLY_PAGE || class == REPLY_LOGIN_PAGE)
        return BROKER_TEST_UNAVAILABLE;
    if (class != REPLY_OK)
        return BROKER_TEST_REFUSED;
    if (buf_append(test->body, http->body, http->body_len_bytes))
        return say(test, BROKER_TEST_FAILED, "out of memory");
    return BROKER_TEST_OK;
}

static void done(void *arg, const struct http_reply *http)
{
    struct broker_test *test = arg;
    test->end = test->token ? judge_login(test, http) : judge_list(test, http);
    loop_stop(test->loop);
}

static enum broker_test_end ask(struct broker_test *test, const struct config *config,
                                int64_t timeout_ms, const struct http_request *request)
{
    struct http *http = NULL;
    test->end = BROKER_TEST_FAILED;
    test->loop = loop_create();
    if (!test->loop)
        return say(test, BROKER_TEST_FAILED, "out of memory");
    http = broker_http_create(test->loop, &config->broker, timeout_ms, 1, test->why);
    if (http) {
        http_send(http, request, done, test);
        loop_run(test->loop);
    }
    http_destroy(http);
    loop_destroy(test->loop);
    return test->end;
}

enum broker_test_end broker_test_login(const struct config *config, const struct secret *password,
                                       struct cached_token *out, struct err *why)
{
    char url[URL_BYTES];
    struct broker_test test = {.token = out, .why = why};
    struct http_request request = {
        .url = url, .method = HTTP_POST, .body_max_bytes = LOGIN_BODY_BYTES, .secret = true};
    struct http_headers *headers =
        http_headers_create((const char *const[]){"X-Username", config->broker.user, "X-Password",
                                                  password->text, NULL},
                            NULL);
    if (!headers)
        return say(&test, BROKER_TEST_FAILED, "out of memory");
    request.headers = headers;
    snprintf(url, sizeof(url), "%s" REQUEST_PATH_TOKEN, config->broker.url);
    enum broker_test_end end = ask(&test, config, config->broker.timeout_ms, &request);
    http_headers_destroy(headers);
    return end;
}

enum broker_test_end broker_test_list(const struct config *config, const char *token,
                                      struct buf *out, struct err *why)
{
    char url[URL_BYTES];
    struct broker_test test = {.body = out, .why = why};
    struct http_request request = {.url = url, .body_max_bytes = out->max_bytes};
    int64_t timeout_ms = config->broker.timeout_ms;
    struct http_headers *headers =
        http_headers_create((const char *const[]){"X-Auth-Token", token, NULL}, NULL);
    if (!headers)
        return say(&test, BROKER_TEST_FAILED, "out of memory");
    request.headers = headers;
    snprintf(url, sizeof(url), "%s" REQUEST_PATH_INSTRUMENTS, config->broker.url);
    enum broker_test_end end =
        ask(&test, config, timeout_ms > LIST_MIN_MS ? timeout_ms : LIST_MIN_MS, &request);
    http_headers_destroy(headers);
    return end;
}
