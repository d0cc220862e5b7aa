#include "setup/broker_test.h"

#include "broker/broker_ask.h"
#include "broker/broker_http.h"
#include "primary/request.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define URL_BYTES   2048
#define LIST_MIN_MS (60 * 1000) /* megabytes over a slow connection */

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
}

/* Runs on a loop of its own: there is no other one in this command. */
static bool begin(struct broker_test *test)
{
    test->end = BROKER_TEST_FAILED;
    test->loop = loop_create();
    return test->loop || say(test, BROKER_TEST_FAILED, "out of memory") == BROKER_TEST_OK;
}

enum broker_test_end broker_test_login(const struct config *config, const struct secret *password,
                                       struct cached_token *out, struct err *why)
{
    struct broker_test test = {.token = out, .why = why};
    if (!begin(&test))
        return test.end;
    const struct broker_ask ask = {test.loop, &config->broker, config->broker.timeout_ms};
    broker_ask_login(&ask, password, done, &test, why);
    loop_destroy(test.loop);
    return test.end;
}

enum broker_test_end broker_test_list(const struct config *config, const char *token,
                                      struct buf *out, struct err *why)
{
    char url[URL_BYTES];
    struct broker_test test = {.body = out, .why = why};
    int64_t timeout_ms = config->broker.timeout_ms;
    if (!begin(&test))
        return test.end;
    const struct broker_ask ask = {test.loop, &config->broker,
                                   timeout_ms > LIST_MIN_MS ? timeout_ms : LIST_MIN_MS};
    snprintf(url, sizeof(url), "%s" REQUEST_PATH_INSTRUMENTS, config->broker.url);
    broker_ask_get(&ask, &(struct broker_ask_get){url, token, out->max_bytes}, done, &test, why);
    loop_destroy(test.loop);
    return test.end;
}
