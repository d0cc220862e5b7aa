/*
 * faults: scripted faults for the simulated broker.
 *
 * A fault applies to a request, to a stream when it is open (path "stream/open"), to a subscription
 * message of it ("stream/smd"), or to a frame of market data before it is sent ("stream/md"); it
 * does not match where its kind has no meaning. Paths of the browser terminal begin with "matriz/";
 * its sockets are "matriz/open", its subscription messages "matriz/topics", its messages with lines
 * "matriz/md" and "matriz/book".
 *
 * A file of `fault { ... }` sections (libConfuse); the first active fault that matches a request is
 * applied. Pure once loaded: time and random numbers are arguments.
 */
#ifndef SIM_FAULTS_H
#define SIM_FAULTS_H

#include "base/err.h"
#include "base/rng.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fault_kind {
    FAULT_NONE,
    FAULT_STATUS, /* this HTTP status, with Retry-After when retry_after > 0 */
    FAULT_SLOW,   /* the normal answer, after `delay` */
    FAULT_HANG,   /* no answer, the connection stays; streams: the message is ignored or not sent */
    FAULT_RESET,  /* TCP RST */
    FAULT_CLOSE,  /* closed without an answer */
    FAULT_TRUNCATED, /* full Content-Length, half of the body, then closed */
    FAULT_TYPE,      /* the normal body as text/plain */
    FAULT_SHAPE,     /* JSON of another structure */
    FAULT_GARBAGE,   /* invalid JSON */
    FAULT_HTML,      /* 200 with a login page */
    FAULT_REDIRECT,  /* redirect to `location`; 302, or `status` if that is 3xx */
    FAULT_EMPTY,     /* 200 without a body */
    FAULT_PAGE,      /* `status` with an HTML page titled `title`: bot protection, maintenance */
    FAULT_BLANK,     /* `status` without a body */
    FAULT_HUGE,      /* more than 2 MiB */
    FAULT_NO_TOKEN,  /* getToken: 200 without the header */
    FAULT_REFUSE,    /* getToken: 401 */
    FAULT_EXPIRE,    /* all tokens are invalidated, then the request is answered */
    FAULT_BODY,      /* 200 with this body */
    FAULT_ERROR,     /* 200, status ERROR, this description; streams: an error frame */
    /* For streams; the first three last until the connection ends. */
    FAULT_MUTE,       /* no more frames, only pongs */
    FAULT_DEAF,       /* no more reading or sending, so no pongs */
    FAULT_HALF_OPEN,  /* the same; simulates a cut cable */
    FAULT_GOODBYE,    /* a close frame with `code` */
    FAULT_FRAGMENTED, /* the frame in many fragments with a ping between them */
    FAULT_OVERSIZED,  /* a message of 5 MiB */
    FAULT_UTF8,       /* text that is not UTF-8 */
    FAULT_MASKED,     /* a masked frame, which a server must not send */
    FAULT_RSV,        /* a frame with a reserved bit set */
    FAULT_DRIP,       /* the frame byte by byte */
    FAULT_DUPLICATE,  /* the frame twice */
    FAULT_OLD,        /* the frame, then the previous one again */
    FAULT_BINARY,     /* the frame as binary */
    FAULT_UNKNOWN,    /* a frame of an unknown type, then the normal one */
    /* For the lines of the browser terminal. */
    FAULT_SHORT, /* lines with too few fields */
    FAULT_NAN,   /* lines with NaN in the place of each value */
};

/* Where a fault applies, as bits. */
enum fault_place {
    FAULT_AT_REQUEST = 1,
    FAULT_AT_UPGRADE = 2,
    FAULT_AT_SMD = 4,
    FAULT_AT_MD = 8,
    FAULT_AT_TOPICS = 16, /* a subscription message of the browser terminal */
    FAULT_AT_LINES = 32,  /* a message of it with lines */
    FAULT_AT_OPEN = 64,   /* a stream or socket that has just been opened */
};

/* FAULT_NONE for an unknown name. */
enum fault_kind fault_kind_of(const char *name);

struct fault {
    enum fault_kind kind;
    char *path, *symbol; /* globs, case-insensitive; owned */
    char *body;          /* owned, as the next two */
    char *title, *location;
    int status, retry_after_s;
    int code; /* of the close frame */
    int64_t delay_ms;
    int64_t after, count; /* matches skipped first; times applied (0 = no limit) */
    double probability;
    int64_t from_ms, until_ms; /* since the start; until_ms 0 = no end */
    int64_t seen, acted;       /* matches and applications so far */
};

struct faults {
    struct fault *list; /* owned */
    size_t count;
};

/* -EINVAL with name, line and key. `out` touched on success only. */
int faults_parse(const char *text, size_t len_bytes, const char *name, struct faults *out,
                 struct err *err);
int faults_load(const char *path, struct faults *out, struct err *err);
void faults_finish(struct faults *faults);
bool faults_have(const struct faults *faults, enum fault_kind kind);

/* What a fault is looked up for: one request, message or frame. */
struct fault_target {
    enum fault_place place;
    const char *path;
    const char *const *symbols; /* one match is enough; one "" when there is no symbol */
    size_t count;
};

/* The fault to apply (its counters are updated), or NULL. */
const struct fault *faults_find(struct faults *faults, const struct fault_target *target,
                                int64_t since_start_ms, struct rng *rng);

#endif
