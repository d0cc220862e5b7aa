/*
 * web: an HTTP request and its answer, as plain values.
 *
 * What a handler of the server reads and fills in. Knows nothing of sockets and of the content.
 */
#ifndef SERVE_WEB_H
#define SERVE_WEB_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

#define WEB_PARAMS_MAX    16
#define WEB_BODY_BYTES    (64u * 1024 * 1024) /* of an answer */
#define WEB_HEADERS_BYTES 4096                /* of an answer, all together */

struct web_param {
    const char *name, *value; /* percent-decoded */
};

/* Everything is borrowed until the handler returns. */
struct web_request {
    bool post;        /* otherwise GET, or: */
    bool head;        /* HEAD: answered like GET, and the server leaves the body out */
    bool preflight;   /* OPTIONS: a browser asks what a page of another origin may do */
    const char *path; /* without the leading '/' */
    struct web_param params[WEB_PARAMS_MAX];
    int params_count;
    const char *peer;  /* numeric address of the client; "unix" on a Unix socket */
    const char *local; /* numeric address that it connected to; "unix" too */
    const char *body;  /* NULL: none, or the server does not read bodies */
    size_t body_bytes;
    /* For web_header(): the value, or NULL. NULL function: no headers. */
    const char *(*header)(void *self, const char *name);
    void *self;
};

const char *web_param(const struct web_request *request, const char *name); /* NULL when absent */
/* Any header, by its name without regard to case; "" when absent. */
const char *web_header(const struct web_request *request, const char *name);

struct web_answer {
    int status;
    const char *content_type; /* borrowed: a literal */
    struct buf headers;       /* owned; use web_add_header() */
    size_t kept_bytes;        /* of `headers`: what web_put() does not remove */
    struct buf body;          /* owned */
};

/* What the server does with an answer. All except WEB_SEND are faults, for the simulator. */
enum web_action {
    WEB_SEND,
    WEB_HANG,     /* never answers, the connection stays open */
    WEB_RESET,    /* TCP RST */
    WEB_CLOSE,    /* closes without an answer */
    WEB_TRUNCATE, /* full Content-Length, closes after half of the body */
};

void web_answer_init(struct web_answer *answer);   /* 200, text/plain, empty */
void web_answer_finish(struct web_answer *answer); /* then init again */
/* Replaces status, type, headers and body, except headers that are kept. `body` is copied. */
void web_put(struct web_answer *answer, int status, const char *content_type, const char *body);

/*
 * Adds one header; a name may be added several times. -EINVAL: not a valid name, a value with
 * control characters such as CR and LF, or a header that the server writes itself (Content-Type,
 * Content-Length, Connection, Transfer-Encoding). -EMSGSIZE: more than WEB_HEADERS_BYTES.
 */
int web_add_header(struct web_answer *answer, const char *name, const char *value);
/* The headers added so far are kept in all later answers to this request, also deferred ones. */
void web_keep_headers(struct web_answer *answer);
const char *web_answer_header(const struct web_answer *answer, const char *name); /* or NULL */
/* Calls `fn` for each header in the order added; stops at the first nonzero result. */
int web_each_header(const struct web_answer *answer,
                    int (*fn)(void *arg, const char *name, const char *value), void *arg);

#endif
