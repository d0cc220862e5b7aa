#include "net/http.h"

#include "base/buf.h"
#include "base/clock.h"
#include "net/link.h"
#include "net/multi.h"
#include "net/retry_after.h"
#include "net/route.h"
#include "net/wipe.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEEP_BODY_BYTES (16 * 1024) /* buffer kept by a pooled handle between requests */

/* One request, or a pooled handle kept for the next request. */
struct call {
    struct http *http;
    CURL *easy;
    struct call *next, *previous; /* in the list `active` or `pooled` */
    struct http_headers *headers;
    struct buf body;
    http_done *done;
    void *arg;
    struct route *route;  /* while it is active */
    int64_t asked_ms;     /* when http_send was called; libcurl's time starts later */
    int64_t waited_ms;    /* for its route */
    CURLcode start_error; /* it could not be started */
    int sends;            /* see HTTP_SENDS_MAX */
    bool post, secret, in_multi, headers_whole;
    char words[CURL_ERROR_SIZE];
};

struct http {
    struct loop *loop;
    struct multi *multi;
    struct loop_timer *failures; /* completes requests that could not be started */
    struct call *active, *pooled;
    int in_flight;
    struct http_headers *usual;
    struct link link;
    int64_t timeout_ms;
};

/* --- handles ---------------------------------------------------------------------------------- */

static size_t on_body(char *data, size_t one, size_t len, void *arg)
{
    struct call *call = arg;
    (void)one;
    return buf_append(&call->body, data, len) ? 0 : len; /* a short count makes libcurl stop */
}

/* libcurl reports success when the connection ends inside the headers; this detects it. */
static size_t on_header(char *data, size_t one, size_t len, void *arg)
{
    struct call *call = arg;
    (void)one;
    if (len > 5 && memcmp(data, "HTTP/", 5) == 0)
        call->headers_whole = false;
    else if (len <= 2 && (len == 0 || data[0] == '\r' || data[0] == '\n'))
        call->headers_whole = true;
    return len;
}

/* libcurl calls this each time before it sends the request. */
static int on_send(void *arg, char *peer, char *local, int peer_port, int local_port)
{
    struct call *call = arg;
    (void)peer;
    (void)local;
    (void)peer_port;
    (void)local_port;
    if (call->sends == HTTP_SENDS_MAX)
        return CURL_PREREQFUNC_ABORT;
    call->sends++;
    return CURL_PREREQFUNC_OK;
}

/* Options that are the same for every request of this handle. */
static void set_constants(struct call *call)
{
    const struct http *http = call->http;
    CURL *easy = call->easy;
    link_apply(&http->link, easy);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_send);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, call);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->words);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    if (call->secret) {
        /* HTTP/2 keeps headers in its compression table, an open connection keeps its buffers. */
        curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
        curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
        curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    } else {
        curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
        curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
    }
}

static struct call *make_call(struct http *http, bool secret)
{
    struct call *call = calloc(1, sizeof(*call));
    if (!call)
        return NULL;
    call->http = http;
    call->secret = secret;
    if (secret)
        wipe_begin();
    call->easy = curl_easy_init();
    if (call->easy)
        set_constants(call);
    return call;
}

static void destroy_call(struct call *call)
{
    if (call->easy)
        curl_easy_cleanup(call->easy);
    if (call->secret)
        wipe_end();
    buf_finish(&call->body);
    free(call);
}

static struct call *take_call(struct http *http, bool secret)
{
    struct call *call = secret ? NULL : http->pooled;
    if (!call)
        return make_call(http, secret);
    http->pooled = call->next;
    return call;
}

static void give_back(struct call *call)
{
    struct http *http = call->http;
    if (call->secret || !call->easy) {
        destroy_call(call);
        return;
    }
    if (call->body.cap_bytes > KEEP_BODY_BYTES)
        buf_finish(&call->body);
    call->next = http->pooled;
    http->pooled = call;
}

/* --- end of a request ------------------------------------------------------------------------- */

static const char *header_of(struct call *call, const char *name)
{
    struct curl_header *header;
    return curl_easy_header(call->easy, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK
               ? header->value
               : "";
}

static int64_t retry_after_of(struct call *call)
{
    const char *text = header_of(call, "Retry-After");
    return retry_after_ms(text, strlen(text), clock_now().wall_ns);
}

static void fill_reply(struct call *call, struct http_reply *reply)
{
    long status = 0;
    char *type = NULL;
    curl_off_t elapsed_us = 0;
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(call->easy, CURLINFO_CONTENT_TYPE, &type);
    curl_easy_getinfo(call->easy, CURLINFO_TOTAL_TIME_T, &elapsed_us);
    reply->status = (int)status;
    reply->content_type = type ? type : "";
    reply->elapsed_ms = call->waited_ms + elapsed_us / 1000;
    if (call->post)
        reply->auth_token = header_of(call, "X-Auth-Token");
    if (status >= 300) {
        reply->location = header_of(call, "Location");
        reply->retry_after_ms = retry_after_of(call);
    }
}

static void unlink_call(struct call *call)
{
    struct http *http = call->http;
    if (call->previous)
        call->previous->next = call->next;
    else
        http->active = call->next;
    if (call->next)
        call->next->previous = call->previous;
    call->next = call->previous = NULL;
    http->in_flight--;
}

/* The only place where a request ends. */
static void finish(struct call *call, enum http_outcome outcome, int code)
{
    char reason[CURL_ERROR_SIZE + 96];
    struct http_reply reply = {
        .outcome = outcome,
        .sends = call->sends,
        .content_type = "",
        .location = "",
        .auth_token = "",
        .retry_after_ms = -1,
    };
    if (outcome == HTTP_OK)
        fill_reply(call, &reply);
    reply.reason =
        http_outcome_text(reason, sizeof(reason), outcome, code, call->words, call->body.max_bytes);
    reply.body = buf_text(&call->body);
    reply.body_len_bytes = call->body.len_bytes;
    if (call->in_multi)
        multi_remove(call->http->multi, call->easy);
    call->in_multi = false;
    route_destroy(call->route);
    call->route = NULL;
    unlink_call(call);
    call->done(call->arg, &reply);
    http_headers_destroy(call->headers);
    call->headers = NULL;
    give_back(call);
}

static void end(struct call *call, int code)
{
    long sent_bytes = 0;
    if (call->easy)
        curl_easy_getinfo(call->easy, CURLINFO_REQUEST_SIZE, &sent_bytes);
    if (code == CURLE_OK && !call->headers_whole) {
        snprintf(call->words, sizeof(call->words), "the connection ended inside the headers");
        code = CURLE_PARTIAL_FILE;
    }
    if (code == CURLE_ABORTED_BY_CALLBACK) /* by on_send() */
        snprintf(call->words, sizeof(call->words),
                 "the server ended the connection %d times before it answered", HTTP_SENDS_MAX);
    finish(call, http_outcome_of(code, sent_bytes > 0, call->body.failed), code);
}

static void on_multi_done(void *arg, void *private, int code)
{
    (void)arg;
    end(private, code);
}

/* --- sending ---------------------------------------------------------------------------------- */

/* The time-out of the request includes the time to find its route. */
static CURLcode begin(struct call *call)
{
    struct http *http = call->http;
    call->waited_ms = loop_now(http->loop).mono_ms - call->asked_ms;
    int64_t left_ms = http->timeout_ms - call->waited_ms;
    curl_easy_setopt(call->easy, CURLOPT_TIMEOUT_MS, (long)(left_ms > 1 ? left_ms : 1));
    route_apply(call->route, call->easy);
    if (multi_add(http->multi, call->easy))
        return CURLE_OUT_OF_MEMORY;
    call->in_multi = true;
    return CURLE_OK;
}

/* Called from the loop, so the request may end here. */
static void on_route(void *arg, const struct err *err)
{
    struct call *call = arg;
    CURLcode code = CURLE_COULDNT_RESOLVE_HOST;
    if (err->code)
        snprintf(call->words, sizeof(call->words), "%.*s", CURL_ERROR_SIZE - 1, err->text);
    else
        code = begin(call);
    if (code)
        end(call, (int)code);
}

static CURLcode prepare(struct call *call, const struct http_request *request)
{
    CURL *easy = call->easy;
    if (!easy)
        return CURLE_OUT_OF_MEMORY;
    CURLcode code = curl_easy_setopt(easy, CURLOPT_URL, request->url);
    if (code)
        return code;
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, http_headers_native(call->headers));
    curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->body_max_bytes);
    if (request->post) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, 0L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "");
    } else if (call->post) {
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    }
    call->post = request->post;
    return CURLE_OK;
}

static CURLcode start(struct call *call, const struct http_request *request)
{
    const struct http *http = call->http;
    int64_t patience_ms = http->link.connect_timeout_ms < http->timeout_ms
                              ? http->link.connect_timeout_ms
                              : http->timeout_ms;
    CURLcode code = prepare(call, request);
    if (code)
        return code;
    int rc = route_find(&call->route, http->loop, &http->link, request->url, patience_ms, on_route,
                        call);
    if (rc == -EINPROGRESS)
        return CURLE_OK;
    return rc ? CURLE_OUT_OF_MEMORY : begin(call);
}

static struct call *first_failed(const struct http *http)
{
    struct call *call = http->active;
    while (call && !call->start_error)
        call = call->next;
    return call;
}

/* Search from the start each time, because done() may have changed the list. */
static void complete_failures(void *arg)
{
    struct http *http = arg;
    struct call *call;
    while ((call = first_failed(http)))
        end(call, (int)call->start_error);
}

void http_send(struct http *http, const struct http_request *request, http_done *done, void *arg)
{
    struct call *call = take_call(http, request->secret);
    if (!call)
        abort(); /* no memory for 1 KiB: exactly one done() per request is impossible */
    call->done = done;
    call->arg = arg;
    call->words[0] = '\0';
    call->headers_whole = false;
    call->sends = 0;
    call->asked_ms = loop_now(http->loop).mono_ms;
    call->waited_ms = 0;
    call->body.max_bytes = request->body_max_bytes;
    buf_clear(&call->body);
    call->headers = http_headers_hold(request->headers ? request->headers : http->usual);
    call->previous = NULL;
    call->next = http->active;
    if (http->active)
        http->active->previous = call;
    http->active = call;
    http->in_flight++;
    call->start_error = start(call, request);
    if (call->start_error)
        loop_timer_set(http->failures, 0);
}

void http_cancel_all(struct http *http)
{
    while (http->active)
        finish(http->active, HTTP_CANCELLED, CURLE_OK);
}

int http_in_flight(const struct http *http)
{
    return http->in_flight;
}

/* --- create and destroy ----------------------------------------------------------------------- */

struct http *http_create(struct loop *loop, const struct http_config *config, struct err *err)
{
    struct http *http = calloc(1, sizeof(*http));
    if (!http) {
        err_set(err, -ENOMEM, "out of memory");
        return NULL;
    }
    http->loop = loop;
    http->timeout_ms = config->timeout_ms;
    if (link_init(&http->link, config->ca_file, config->connect_timeout_ms, err)) {
        http_destroy(http);
        return NULL;
    }
    http->failures = loop_timer_create(loop, complete_failures, http);
    http->usual = http_headers_create((const char *const[]){NULL});
    http->multi = multi_create(loop, config->connections, on_multi_done, http);
    if (!http->failures || !http->usual || !http->multi) {
        err_set(err, -ENOMEM, "out of memory");
        http_destroy(http);
        return NULL;
    }
    return http;
}

void http_destroy(struct http *http)
{
    if (!http)
        return;
    http_cancel_all(http);
    while (http->pooled) {
        struct call *call = http->pooled;
        http->pooled = call->next;
        destroy_call(call);
    }
    multi_destroy(http->multi);
    loop_timer_destroy(http->failures);
    http_headers_destroy(http->usual);
    link_finish(&http->link);
    free(http);
}
