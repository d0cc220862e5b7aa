/*
 * reply: classifies the answers of the broker (protocol sections 4.3, 5 and 9).
 *
 * Pure. HTTP status and headers first, then the error texts of the JSON envelope: a status of 200
 * does not mean OK.
 */
#ifndef PRIMARY_REPLY_H
#define PRIMARY_REPLY_H

#include "base/err.h"
#include "base/json.h"
#include "market/event_kind.h"

#include <stdbool.h>
#include <stddef.h>

enum reply_class {
    REPLY_OK,
    REPLY_AUTH,            /* 401 without a page, "Unauthorized": the token is not valid */
    REPLY_LOGIN_PAGE,      /* a login page, a redirect to one, 401 with a page: it may be invalid */
    REPLY_PAGE,            /* a page instead of the broker's answer */
    REPLY_UNKNOWN_SYMBOL,  /* "Product X:ROFX doesn't exist": or no permission for its market */
    REPLY_NO_DATA,         /* "No hay Market Data para": listed, but without market data */
    REPLY_UNKNOWN_SEGMENT, /* unknown, or no permission */
    REPLY_ACCESS,          /* "Access Denied", 403 in the broker's envelope */
    REPLY_BAD_PATH,        /* "Invalid URL", 404 in the broker's envelope */
    REPLY_BAD_REQUEST,     /* "Parameter 'x' not found", other 4xx with JSON */
    REPLY_THROTTLED,       /* 429, 503 */
    REPLY_SERVER,          /* other 5xx */
    REPLY_MALFORMED,       /* against the protocol; nothing of it was taken */
    REPLY_OTHER,           /* status ERROR with an unknown text */
};

struct reply {
    int status;               /* HTTP */
    const char *content_type; /* never NULL */
    const char *location;     /* never NULL */
    const char *body;
    size_t body_len_bytes;
};

const char *reply_class_name(enum reply_class class); /* "unknown_symbol" */
enum event_kind reply_event(enum reply_class class);  /* how an answer of this class is reported */

/*
 * By status, headers and first bytes, and for a 4xx by its envelope; REPLY_OK: the body is still to
 * be checked. Otherwise `why` gets the reason.
 */
enum reply_class reply_by_head(const struct reply *reply, struct err *why);

/* True: the body is the broker's envelope, JSON with a string "status". Sets `*class` then; `class`
 * may be NULL. */
bool reply_in_envelope(const struct reply *reply, enum reply_class *class);

/* By the envelope of a parsed body: "status", "description", "message" (protocol section 9). */
enum reply_class reply_by_envelope(const struct json *root, struct err *why);

#endif
