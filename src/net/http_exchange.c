#include "net/http_exchange.h"

#include "base/buf.h"
#include "base/clock.h"
#include "net/http_fields.h"
#include "net/http_target.h"
#include "net/retry_after.h"
#include "net/wipe.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEEP_BODY_BYTES    (16 * 1024) /* buffer kept between requests */
#define CONTENT_TYPE_BYTES 128
#define READ_BYTES         4096L

struct http_exchange {
    CURL *easy;
    struct http_headers *headers;
    struct curl_slist type_item; /* the Content-Type, in front of `headers` */
    char type_line[CONTENT_TYPE_BYTES];
    struct buf body;
    struct http_fields fields;
    int sends; /* see HTTP_SENDS_MAX */
    bool secret, post, headers_whole, headers_too_large;
    char words[CURL_ERROR_SIZE];
};

/* --- callbacks of libcurl --------------------------------------------------------------------- */

static size_t on_body(char *data, size_t one, size_t len, void *arg)
{
    struct http_exchange *x = arg;
    (void)one;
    return buf_append(&x->body, data, len) ? 0 : len; /* a short count makes libcurl stop */
}

/*
 * Only the headers of the last answer count: 1xx answers and a proxy's are before it, trailers
 * after it. libcurl reports success when the connection ends inside the headers; headers_whole
 * detects that.
 */
static size_t on_header(char *data, size_t one, size_t len, void *arg)
{
    struct http_exchange *x = arg;
    (void)one;
    if (len > 5 && memcmp(data, "HTTP/", 5) == 0) {
        x->headers_whole = false;
        http_fields_clear(&x->fields);
    } else if (len <= 2 && (len == 0 || data[0] == '\r' || data[0] == '\n')) {
        x->headers_whole = true;
    } else if (!x->headers_whole && http_fields_add(&x->fields, data, len)) {
        x->headers_too_large = true;
        return 0;
    }
    return len;
}

/* libcurl calls this each time before it sends the request. */
static int on_send(void *arg, char *peer, char *local, int peer_port, int local_port)
{
    struct http_exchange *x = arg;
    (void)peer;
    (void)local;
    (void)peer_port;
    (void)local_port;
    if (x->sends == HTTP_SENDS_MAX)
        return CURL_PREREQFUNC_ABORT;
    x->sends++;
    return CURL_PREREQFUNC_OK;
}

/* --- the handle ------------------------------------------------------------------------------- */

static void set_version(struct http_exchange *x)
{
    if (x->secret) {
        /* HTTP/2 keeps headers in its compression table, an open connection keeps its buffers. */
        curl_easy_setopt(x->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
        curl_easy_setopt(x->easy, CURLOPT_FRESH_CONNECT, 1L);
        curl_easy_setopt(x->easy, CURLOPT_FORBID_REUSE, 1L);
    } else {
        curl_easy_setopt(x->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
        curl_easy_setopt(x->easy, CURLOPT_PIPEWAIT, 1L);
    }
}

/* Options that are the same for every request of this handle. */
static void set_constants(struct http_exchange *x, const struct link *link, void *owner)
{
    CURL *easy = x->easy;
    link_apply(link, easy);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, owner);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, x);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, x);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_send);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, x);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, x->words);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    /* libcurl reads up to a hundred times so much before the loop handles other events. */
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, READ_BYTES);
    set_version(x);
}

struct http_exchange *http_exchange_create(const struct link *link, bool secret, void *owner)
{
    struct http_exchange *x = calloc(1, sizeof(*x));
    if (!x)
        return NULL;
    x->secret = secret;
    if (secret)
        wipe_begin();
    x->easy = curl_easy_init();
    if (!x->easy) {
        http_exchange_destroy(x);
        return NULL;
    }
    set_constants(x, link, owner);
    return x;
}

void http_exchange_destroy(struct http_exchange *x)
{
    if (!x)
        return;
    if (x->easy)
        curl_easy_cleanup(x->easy);
    if (x->secret)
        wipe_end();
    http_headers_destroy(x->headers);
    http_fields_finish(&x->fields);
    buf_finish(&x->body);
    free(x);
}

void *http_exchange_native(const struct http_exchange *x)
{
    return x->easy;
}

/* --- the request ------------------------------------------------------------------------------ */

/* The node in front of the shared list belongs to the exchange, so the list is not changed. */
static CURLcode set_headers(struct http_exchange *x, const char *content_type)
{
    struct curl_slist *list = http_headers_native(x->headers);
    if (content_type) {
        int len = snprintf(x->type_line, sizeof(x->type_line), "Content-Type: %s", content_type);
        if (len >= (int)sizeof(x->type_line) || strpbrk(content_type, "\r\n"))
            return CURLE_BAD_FUNCTION_ARGUMENT;
        x->type_item = (struct curl_slist){x->type_line, list};
        list = &x->type_item;
    }
    return curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, list);
}

static CURLcode set_method(struct http_exchange *x, const struct http_request *request)
{
    bool was_post = x->post;
    x->post = request->method == HTTP_POST;
    if (!x->post)
        return was_post ? curl_easy_setopt(x->easy, CURLOPT_HTTPGET, 1L) : CURLE_OK;
    curl_easy_setopt(x->easy, CURLOPT_POST, 1L);
    curl_easy_setopt(x->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len_bytes);
    if (request->body_len_bytes == 0)
        return curl_easy_setopt(x->easy, CURLOPT_POSTFIELDS, "");
    return curl_easy_setopt(x->easy, CURLOPT_COPYPOSTFIELDS, request->body);
}

static CURLcode set_url(struct http_exchange *x, const char *url)
{
    struct http_target target;
    bool split = http_target_of(&target, url) == 0;
    CURLcode code = curl_easy_setopt(x->easy, CURLOPT_URL, split ? target.base : url);
    if (code == CURLE_OK)
        code = curl_easy_setopt(x->easy, CURLOPT_REQUEST_TARGET, split ? target.path : NULL);
    return code;
}

static void forget(struct http_exchange *x)
{
    x->words[0] = '\0';
    x->sends = 0;
    x->headers_whole = x->headers_too_large = false;
    buf_clear(&x->body);
    http_fields_clear(&x->fields);
}

int http_exchange_begin(struct http_exchange *x, const struct http_request *request,
                        const struct http_headers *headers)
{
    forget(x);
    x->body.max_bytes = request->body_max_bytes;
    x->headers = http_headers_hold(headers);
    CURLcode code = set_url(x, request->url);
    if (code == CURLE_OK)
        code = set_headers(x, request->content_type);
    if (code == CURLE_OK)
        code = set_method(x, request);
    curl_easy_setopt(x->easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->body_max_bytes);
    return (int)code;
}

/* libcurl keeps the body's copy until it gets another one. */
bool http_exchange_end(struct http_exchange *x)
{
    http_headers_destroy(x->headers);
    x->headers = NULL;
    if (x->secret)
        return false;
    if (x->post)
        curl_easy_setopt(x->easy, CURLOPT_POSTFIELDS, "");
    forget(x);
    if (x->body.cap_bytes > KEEP_BODY_BYTES)
        buf_finish(&x->body);
    return true;
}

/* --- the answer ------------------------------------------------------------------------------- */

void http_exchange_note(struct http_exchange *x, const char *words)
{
    snprintf(x->words, sizeof(x->words), "%s", words);
}

static struct http_reply make_reply(struct http_exchange *x, enum http_outcome outcome)
{
    static const struct http_fields none = {0};
    return (struct http_reply){
        .outcome = outcome,
        .reason = "",
        .sends = x->sends,
        .content_type = "",
        .location = "",
        .fields = outcome == HTTP_OK ? &x->fields : &none,
        .retry_after_ms = -1,
        .body = buf_text(&x->body),
        .body_len_bytes = x->body.len_bytes,
        .body_memory = &x->body,
    };
}

static void read_answer(const struct http_exchange *x, struct http_reply *reply)
{
    long status = 0;
    curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
    reply->status = (int)status;
    reply->content_type = http_fields_get(&x->fields, "Content-Type");
    if (status < 300)
        return;
    const char *wait = http_fields_get(&x->fields, "Retry-After");
    reply->location = http_fields_get(&x->fields, "Location");
    reply->retry_after_ms = retry_after_ms(wait, strlen(wait), clock_now().wall_ns);
}

/* libcurl's result, or that of the check which it does not make. */
static int check_code(struct http_exchange *x, int code)
{
    char words[96];
    if (code == CURLE_OK && !x->headers_whole) {
        http_exchange_note(x, "the connection ended inside the headers");
        return CURLE_PARTIAL_FILE;
    }
    if (code == CURLE_ABORTED_BY_CALLBACK) { /* by on_send() */
        snprintf(words, sizeof(words),
                 "the server ended the connection %d times before it answered", HTTP_SENDS_MAX);
        http_exchange_note(x, words);
    }
    return code;
}

struct http_reply http_exchange_reply(struct http_exchange *x, int code,
                                      char words[HTTP_WORDS_BYTES])
{
    long sent_bytes = 0;
    bool too_large = x->body.failed || x->headers_too_large;
    curl_easy_getinfo(x->easy, CURLINFO_REQUEST_SIZE, &sent_bytes);
    code = check_code(x, code);
    struct http_reply reply = make_reply(x, http_outcome_of(code, sent_bytes > 0, too_large));
    const struct http_failure failure = {
        .outcome = reply.outcome,
        .code = code,
        .words = x->words,
        .body_max_bytes = x->body.max_bytes,
        .headers = x->headers_too_large,
    };
    if (reply.outcome == HTTP_OK)
        read_answer(x, &reply);
    reply.reason = http_outcome_text(words, HTTP_WORDS_BYTES, &failure);
    return reply;
}

struct http_reply http_exchange_cancelled(struct http_exchange *x)
{
    struct http_reply reply = make_reply(x, HTTP_CANCELLED);
    reply.reason = "cancelled";
    return reply;
}
