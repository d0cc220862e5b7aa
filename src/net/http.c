#include "net/http.h"

#include "base/buf.h"
#include "net/wipe.h"

#include <curl/curl.h>
#include <errno.h>
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USER_AGENT      "cinta/" CINTA_VERSION
#define KEEP_BODY_BYTES (256 * 1024) /* a pooled handle does not sit on one huge list for months   \
                                      */
#define RETRY_AFTER_MAX (24 * 3600)

struct http_headers {
    struct curl_slist *list;
    int users; /* its maker, and each request under way */
};

/* One request, or a warm handle in the pool waiting for the next. */
struct call {
    struct http *http;
    CURL *easy;
    struct call *next, *previous; /* among the active, or the pooled */
    struct http_headers *headers;
    struct buf body;
    http_done *done;
    void *arg;
    CURLcode start_error; /* it could not even begin */
    bool post, secret, in_multi;
    char words[CURL_ERROR_SIZE];
};

/* libcurl tells which sockets to watch; a watcher outlives its socket's turns, so that asking for
 * the same events again costs no system call. */
struct socket {
    struct http *http;
    ev_io ev;
    struct socket *next;
};

struct http {
    struct ev_loop *ev;
    CURLM *multi;
    ev_timer timer;
    struct loop_timer *failures; /* completes requests that could not begin */
    struct call *active, *pooled;
    struct socket *sockets, *free_sockets;
    int in_flight;
    struct http_headers *usual;
    char *ca_file, *no_proxy;
    int64_t timeout_ms, connect_timeout_ms;
};

/* --- headers ---------------------------------------------------------------------------------- */

static void wipe_list(struct curl_slist *list)
{
    for (struct curl_slist *item = list; item; item = item->next)
        explicit_bzero(item->data, strlen(item->data));
    curl_slist_free_all(list);
}

static bool append_header(struct curl_slist **list, const char *name, const char *value)
{
    struct curl_slist *longer = NULL;
    size_t size = strlen(name) + strlen(value) + 3;
    char *line = malloc(size);
    if (!line)
        return false;
    snprintf(line, size, "%s: %s", name, value);
    longer = curl_slist_append(*list, line);
    explicit_bzero(line, size);
    free(line);
    if (longer)
        *list = longer;
    return longer != NULL;
}

/* A line break would begin a header of somebody else's making. */
static bool clean_value(const char *value)
{
    for (const unsigned char *c = (const unsigned char *)value; *c; c++) {
        if (*c < 0x20 || *c == 0x7f)
            return false;
    }
    return *value != '\0';
}

struct http_headers *http_headers_create(const char *const pairs[])
{
    struct http_headers *headers = calloc(1, sizeof(*headers));
    if (!headers || wipe_setup()) {
        free(headers);
        return NULL;
    }
    headers->users = 1;
    bool ok = append_header(&headers->list, "Accept", "application/json");
    for (; ok && *pairs; pairs += 2)
        ok = clean_value(pairs[1]) && append_header(&headers->list, pairs[0], pairs[1]);
    if (!ok) {
        http_headers_destroy(headers);
        return NULL;
    }
    return headers;
}

void http_headers_destroy(struct http_headers *headers)
{
    if (!headers || --headers->users > 0)
        return;
    wipe_list(headers->list);
    free(headers);
}

/* --- handles ---------------------------------------------------------------------------------- */

static size_t on_body(char *data, size_t one, size_t len, void *arg)
{
    struct call *call = arg;
    (void)one;
    return buf_append(&call->body, data, len) ? 0 : len; /* short: libcurl gives up */
}

/* What stays the same for every request of this handle. */
static void set_constants(struct call *call)
{
    const struct http *http = call->http;
    CURL *easy = call->easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->words);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(easy, CURLOPT_USERAGENT, USER_AGENT);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)http->timeout_ms);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)http->connect_timeout_ms);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, http->no_proxy);
    if (http->ca_file)
        curl_easy_setopt(easy, CURLOPT_CAINFO, http->ca_file);
    if (call->secret) {
        /* HTTP/2 would keep the header in its compression table, a kept connection its buffers. */
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
    if (call->secret || !call->easy || call->body.cap_bytes > KEEP_BODY_BYTES) {
        destroy_call(call);
        return;
    }
    call->next = http->pooled;
    http->pooled = call;
}

/* --- the end of a request --------------------------------------------------------------------- */

static enum http_outcome outcome_of(struct call *call, CURLcode code)
{
    long sent_bytes = 0;
    switch (code) {
    case CURLE_OK:
        return HTTP_OK;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return HTTP_RESOLVE;
    case CURLE_COULDNT_CONNECT:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return HTTP_CONNECT;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        return HTTP_TLS;
    case CURLE_OPERATION_TIMEDOUT:
        curl_easy_getinfo(call->easy, CURLINFO_REQUEST_SIZE, &sent_bytes);
        return sent_bytes ? HTTP_TIMEOUT : HTTP_CONNECT;
    case CURLE_FILESIZE_EXCEEDED:
        return HTTP_TOO_LARGE;
    case CURLE_WRITE_ERROR:
        return call->body.failed ? HTTP_TOO_LARGE : HTTP_BROKEN;
    default:
        return HTTP_BROKEN;
    }
}

static const char *reason_of(struct call *call, enum http_outcome outcome, CURLcode code)
{
    const char *words = call->words[0] ? call->words : curl_easy_strerror(code);
    static const char *const ways[] = {
        [HTTP_RESOLVE] = "%s: check broker.url and the machine's DNS",
        [HTTP_CONNECT] = "no connection: %s",
        [HTTP_TLS] = "TLS: %s: check the host in broker.url, the clock and broker.ca_file",
        [HTTP_TIMEOUT] = "connected, but no whole answer: %s",
        [HTTP_BROKEN] = "the connection broke: %s",
    };
    if (outcome == HTTP_OK)
        return "";
    if (outcome == HTTP_CANCELLED)
        return "cancelled";
    char text[CURL_ERROR_SIZE];
    if (outcome == HTTP_TOO_LARGE) {
        snprintf(text, sizeof(text), "the answer is larger than %zu bytes", call->body.max_bytes);
    } else {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(text, sizeof(text), ways[outcome], words);
#pragma GCC diagnostic pop
    }
    memcpy(call->words, text, sizeof(text));
    return call->words;
}

static const char *header_of(struct call *call, const char *name)
{
    struct curl_header *header;
    return curl_easy_header(call->easy, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK
               ? header->value
               : "";
}

static int64_t retry_after_of(struct call *call)
{
    curl_off_t seconds = 0;
    const char *text = header_of(call, "Retry-After");
    if (!*text)
        return -1;
    curl_easy_getinfo(call->easy, CURLINFO_RETRY_AFTER, &seconds);
    if (seconds <= 0) /* libcurl gives 0 for words it does not understand, too */
        return strcmp(text, "0") == 0 ? 0 : -1;
    return 1000 * (int64_t)(seconds < RETRY_AFTER_MAX ? seconds : RETRY_AFTER_MAX);
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
    reply->elapsed_ms = elapsed_us / 1000;
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

/* The one place where a request ends. */
static void finish(struct call *call, enum http_outcome outcome, CURLcode code)
{
    struct http_reply reply = {
        .outcome = outcome,
        .content_type = "",
        .location = "",
        .auth_token = "",
        .retry_after_ms = -1,
    };
    if (outcome == HTTP_OK)
        fill_reply(call, &reply);
    reply.reason = reason_of(call, outcome, code);
    reply.body = buf_text(&call->body);
    reply.body_len_bytes = call->body.len_bytes;
    if (call->in_multi)
        curl_multi_remove_handle(call->http->multi, call->easy);
    call->in_multi = false;
    unlink_call(call);
    call->done(call->arg, &reply);
    http_headers_destroy(call->headers);
    call->headers = NULL;
    give_back(call);
}

static void collect(struct http *http)
{
    CURLMsg *msg;
    int left;
    while ((msg = curl_multi_info_read(http->multi, &left))) {
        char *private = NULL;
        CURLcode code = msg->data.result; /* gone once the handle is removed */
        if (msg->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &private);
        struct call *call = (void *)private;
        finish(call, outcome_of(call, code), code);
    }
}

/* --- libcurl and libev ------------------------------------------------------------------------ */

static void on_socket_ready(struct ev_loop *ev, ev_io *w, int revents)
{
    struct socket *s = w->data;
    struct http *http = s->http;
    int running;
    int mask =
        (revents & EV_READ ? CURL_CSELECT_IN : 0) | (revents & EV_WRITE ? CURL_CSELECT_OUT : 0);
    (void)ev;
    curl_multi_socket_action(http->multi, w->fd, mask, &running);
    collect(http);
}

static void on_timer(struct ev_loop *ev, ev_timer *w, int revents)
{
    struct http *http = w->data;
    int running;
    (void)ev;
    (void)revents;
    curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    collect(http);
}

static int timer_wanted(CURLM *multi, long after_ms, void *arg)
{
    struct http *http = arg;
    (void)multi;
    ev_timer_stop(http->ev, &http->timer);
    if (after_ms >= 0) {
        ev_timer_set(&http->timer, (double)after_ms / 1000.0, 0);
        ev_timer_start(http->ev, &http->timer);
    }
    return 0;
}

static struct socket *watch(struct http *http, curl_socket_t fd)
{
    struct socket *s = http->free_sockets;
    if (s)
        http->free_sockets = s->next;
    else
        s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->http = http;
    s->next = http->sockets;
    http->sockets = s;
    ev_init(&s->ev, on_socket_ready);
    s->ev.data = s;
    s->ev.fd = fd;
    curl_multi_assign(http->multi, fd, s);
    return s;
}

static void unwatch(struct http *http, struct socket *s)
{
    struct socket **at = &http->sockets;
    ev_io_stop(http->ev, &s->ev);
    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    s->next = http->free_sockets;
    http->free_sockets = s;
}

static int socket_wanted(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
    struct http *http = arg;
    struct socket *s = known;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (s)
            unwatch(http, s);
        return 0;
    }
    if (!s && !(s = watch(http, fd)))
        return -1;
    int events = (what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0);
    ev_io_stop(http->ev, &s->ev);
    ev_io_set(&s->ev, fd, events);
    ev_io_start(http->ev, &s->ev);
    return 0;
}

/* --- sending ---------------------------------------------------------------------------------- */

static CURLcode begin(struct call *call, const struct http_request *request)
{
    CURL *easy = call->easy;
    if (!easy)
        return CURLE_OUT_OF_MEMORY;
    CURLcode code = curl_easy_setopt(easy, CURLOPT_URL, request->url);
    if (code)
        return code;
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers->list);
    curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->body_max_bytes);
    if (request->post) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, 0L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "");
    } else if (call->post) {
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    }
    call->post = request->post;
    if (curl_multi_add_handle(call->http->multi, easy) != CURLM_OK)
        return CURLE_OUT_OF_MEMORY;
    call->in_multi = true;
    return CURLE_OK;
}

static void complete_failures(void *arg)
{
    struct http *http = arg;
    struct call *call = http->active;
    while (call) {
        struct call *next = call->next;
        if (call->start_error) {
            finish(call, outcome_of(call, call->start_error), call->start_error);
            next = http->active; /* done() may have changed everything */
        }
        call = next;
    }
}

void http_send(struct http *http, const struct http_request *request, http_done *done, void *arg)
{
    struct call *call = take_call(http, request->secret);
    if (!call)
        abort(); /* a service that has no 1 KiB left cannot keep the promise of one done() each */
    call->done = done;
    call->arg = arg;
    call->words[0] = '\0';
    call->body.max_bytes = request->body_max_bytes;
    buf_clear(&call->body);
    call->headers = request->headers ? (struct http_headers *)request->headers : http->usual;
    call->headers->users++;
    call->previous = NULL;
    call->next = http->active;
    if (http->active)
        http->active->previous = call;
    http->active = call;
    http->in_flight++;
    call->start_error = begin(call, request);
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

/* --- life ------------------------------------------------------------------------------------- */

/* The environment's proxy is for the world outside: never for this machine. */
static char *make_no_proxy(void)
{
    const char *given = getenv("no_proxy");
    char *all = NULL;
    if (!given)
        given = getenv("NO_PROXY");
    if (asprintf(&all, "%s%slocalhost,127.0.0.0/8,::1", given ? given : "", given ? "," : "") < 0)
        return NULL;
    return all;
}

static int set_strings(struct http *http, const struct http_config *config, struct err *err)
{
    if (config->ca_file && *config->ca_file) {
        if (access(config->ca_file, R_OK))
            return err_set(err, -errno, "cannot read broker.ca_file '%s': %s", config->ca_file,
                           strerror(errno));
        http->ca_file = strdup(config->ca_file);
        if (!http->ca_file)
            return err_set(err, -ENOMEM, "out of memory");
    }
    http->no_proxy = make_no_proxy();
    return http->no_proxy ? 0 : err_set(err, -ENOMEM, "out of memory");
}

static int open_multi(struct http *http, int connections)
{
    http->multi = curl_multi_init();
    if (!http->multi)
        return -ENOMEM;
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, socket_wanted);
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, timer_wanted);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)connections);
    curl_multi_setopt(http->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)connections);
    return 0;
}

struct http *http_create(struct loop *loop, const struct http_config *config, struct err *err)
{
    struct http *http = calloc(1, sizeof(*http));
    if (!http || wipe_setup()) {
        free(http);
        err_set(err, -ENOMEM, "out of memory");
        return NULL;
    }
    http->ev = loop_native(loop);
    ev_init(&http->timer, on_timer);
    http->timer.data = http;
    http->timeout_ms = config->timeout_ms;
    http->connect_timeout_ms = config->connect_timeout_ms;
    if (set_strings(http, config, err)) {
        http_destroy(http);
        return NULL;
    }
    http->failures = loop_timer_create(loop, complete_failures, http);
    http->usual = http_headers_create((const char *const[]){NULL});
    if (!http->failures || !http->usual || open_multi(http, config->connections)) {
        err_set(err, -ENOMEM, "out of memory");
        http_destroy(http);
        return NULL;
    }
    return http;
}

static void free_sockets(struct socket *s)
{
    while (s) {
        struct socket *next = s->next;
        free(s);
        s = next;
    }
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
    if (http->multi)
        curl_multi_cleanup(http->multi); /* tells its sockets' end through socket_wanted */
    while (http->sockets)
        unwatch(http, http->sockets);
    free_sockets(http->free_sockets);
    ev_timer_stop(http->ev, &http->timer);
    loop_timer_destroy(http->failures);
    http_headers_destroy(http->usual);
    free(http->ca_file);
    free(http->no_proxy);
    free(http);
}
