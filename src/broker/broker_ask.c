#include "broker/broker_ask.h"

#include "broker/broker_http.h"
#include "primary/request.h"

#include <errno.h>
#include <stdio.h>

#define LOGIN_BODY_BYTES (64 * 1024)
#define URL_BYTES        2048

struct answer {
    struct loop *loop;
    http_done *done;
    void *arg;
};

static void on_reply(void *arg, const struct http_reply *reply)
{
    struct answer *answer = arg;
    answer->done(answer->arg, reply);
    loop_stop(answer->loop);
}

int broker_ask_request(const struct broker_ask *ask, const struct http_request *request,
                       http_done *done, void *arg, struct err *err)
{
    struct answer answer = {ask->loop, done, arg};
    struct http *http = broker_http_create(ask->loop, ask->broker, ask->timeout_ms, 1, err);
    if (!http)
        return err->code;
    http_send(http, request, on_reply, &answer);
    loop_run(ask->loop);
    http_destroy(http);
    return 0;
}

int broker_ask_login(const struct broker_ask *ask, const struct secret *password, http_done *done,
                     void *arg, struct err *err)
{
    char url[URL_BYTES];
    struct http_headers *headers = http_headers_create(
        (const char *const[]){"X-Username", ask->broker->user, "X-Password", password->text, NULL},
        NULL);
    if (!headers)
        return err_set(err, -ENOMEM, "out of memory");
    snprintf(url, sizeof(url), "%s" REQUEST_PATH_TOKEN, ask->broker->url);
    const struct http_request request = {.url = url,
                                         .method = HTTP_POST,
                                         .headers = headers,
                                         .body_max_bytes = LOGIN_BODY_BYTES,
                                         .secret = true};
    int rc = broker_ask_request(ask, &request, done, arg, err);
    http_headers_destroy(headers);
    return rc;
}

int broker_ask_get(const struct broker_ask *ask, const struct broker_ask_get *get, http_done *done,
                   void *arg, struct err *err)
{
    struct http_headers *headers = NULL;
    if (get->token)
        headers =
            http_headers_create((const char *const[]){"X-Auth-Token", get->token, NULL}, NULL);
    if (get->token && !headers)
        return err_set(err, -ENOMEM, "out of memory");
    const struct http_request request = {
        .url = get->url, .headers = headers, .body_max_bytes = get->body_max_bytes};
    int rc = broker_ask_request(ask, &request, done, arg, err);
    http_headers_destroy(headers);
    return rc;
}
