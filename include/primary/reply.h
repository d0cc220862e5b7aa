/*
 * reply: what kind of answer the broker gave (protocol sections 4.3, 5 and 9).
 *
 * Pure. HTTP status and headers first, then the error texts of the JSON envelope: a status of 200
 * does not mean OK.
 */
#ifndef PRIMARY_REPLY_H
#define PRIMARY_REPLY_H

#include "base/err.h"
#include "base/json.h"

#include <stdbool.h>
#include <stddef.h>

enum reply_class {
    REPLY_OK,
    REPLY_AUTH,            /* 401, HTML, redirect to a login page: the token is dead */
    REPLY_UNKNOWN_SYMBOL,  /* "Product X:ROFX doesn't exist": also no permission for its market */
    REPLY_NO_DATA,         /* "No hay Market Data para": listed, but nothing there */
    REPLY_UNKNOWN_SEGMENT, /* no permission, or a wrong name */
    REPLY_ACCESS,          /* "Access Denied", 403 */
    REPLY_BAD_PATH,        /* "Invalid URL", 404 */
    REPLY_BAD_REQUEST,     /* "Parameter 'x' not found", other 4xx */
    REPLY_THROTTLED,       /* 429, 503 */
    REPLY_SERVER,          /* other 5xx */
    REPLY_MALFORMED,       /* not what the protocol says; nothing of it was taken */
    REPLY_OTHER,           /* status ERROR with words we do not know */
};

struct reply {
    int status;               /* HTTP */
    const char *content_type; /* never NULL */
    const char *location;     /* never NULL */
    const char *body;
    size_t body_len_bytes;
};

const char *reply_class_name(enum reply_class class); /* "unknown_symbol" */

/* By status, headers and first bytes only; REPLY_OK means: go on to the body. `why` gets words. */
enum reply_class reply_by_head(const struct reply *reply, struct err *why);

/* A web page: by its first byte, else by its content type (which lies more often). */
bool reply_is_html(const struct reply *reply);

/* Where a redirect points, fit for people: without query and ";jsessionid=". Returns `out`. */
char *reply_location(char *out, size_t out_bytes, const struct reply *reply);

/* By the envelope of a parsed body: "status", "description", "message" (protocol section 9). */
enum reply_class reply_by_envelope(const struct json *root, struct err *why);

#endif
