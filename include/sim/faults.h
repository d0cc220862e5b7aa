/*
 * faults: a script of misbehaviour for the simulated broker.
 *
 * A fault acts on a request, on a subscription message of a stream (path "stream/smd"), or on a
 * frame of market data about to be sent (path "stream/md"); where its kind means nothing it never
 * matches.
 *
 * A file of `fault { ... }` sections (libConfuse); the first fault that matches a request and is
 * active acts. Pure once loaded: the moment and the random numbers come in.
 */
#ifndef SIM_FAULTS_H
#define SIM_FAULTS_H

#include "base/err.h"
#include "base/rng.h"

#include <stddef.h>
#include <stdint.h>

enum fault_kind {
    FAULT_NONE,
    FAULT_STATUS,    /* this HTTP status, with Retry-After when retry_after > 0 */
    FAULT_SLOW,      /* the right answer, after `delay` */
    FAULT_HANG,      /* no answer, the connection stays; of a stream: not heard, not said */
    FAULT_RESET,     /* TCP RST */
    FAULT_CLOSE,     /* closed without a word */
    FAULT_TRUNCATED, /* half of the announced body, then closed */
    FAULT_TYPE,      /* the right body as text/plain */
    FAULT_SHAPE,     /* JSON of another shape */
    FAULT_GARBAGE,   /* broken JSON */
    FAULT_HTML,      /* 200 with a login page */
    FAULT_REDIRECT,  /* 302, or `status` when it is a 3xx, to `location` */
    FAULT_EMPTY,     /* 200 without a body */
    FAULT_PAGE,      /* `status` with an HTML page called `title`: a bot wall, a maintenance page */
    FAULT_BLANK,     /* `status` without a body */
    FAULT_HUGE,      /* more than 2 MiB */
    FAULT_NO_TOKEN,  /* getToken: 200 without the header */
    FAULT_REFUSE,    /* getToken: 401 */
    FAULT_EXPIRE,    /* all tokens are forgotten, then the request is answered */
    FAULT_BODY,      /* 200 with this body */
    FAULT_ERROR,     /* 200, status ERROR, this description; of a stream: the error frame */
    /* Of streams; the first three last as long as the connection. */
    FAULT_MUTE,       /* no frame any more, but pongs */
    FAULT_DEAF,       /* nothing is read or sent any more, so no pongs */
    FAULT_HALF_OPEN,  /* the same, as after a cut cable */
    FAULT_GOODBYE,    /* a clean close frame with `code` */
    FAULT_FRAGMENTED, /* the frame in many pieces, a ping between them */
    FAULT_OVERSIZED,  /* a message of 5 MiB */
    FAULT_UTF8,       /* text that is not UTF-8 */
    FAULT_MASKED,     /* a masked frame, which a server must not send */
    FAULT_RSV,        /* a reserved bit */
    FAULT_DRIP,       /* the frame byte by byte */
    FAULT_DUPLICATE,  /* the frame twice */
    FAULT_OLD,        /* the frame, and the one before it again */
    FAULT_BINARY,     /* the frame as binary */
    FAULT_UNKNOWN,    /* a frame of a type nobody knows, and then the right one */
};

/* Where something happens, as bits. */
enum fault_place { FAULT_AT_REQUEST = 1, FAULT_AT_UPGRADE = 2, FAULT_AT_SMD = 4, FAULT_AT_MD = 8 };

/* 0 for a name that is none. */
enum fault_kind fault_kind_of(const char *name);

struct fault {
    enum fault_kind kind;
    char *path, *symbol; /* globs without case; owned */
    char *body;          /* owned, as the next two */
    char *title, *location;
    int status, retry_after_s;
    int code; /* of a goodbye */
    int64_t delay_ms;
    int64_t after, count; /* let so many pass first; act so often (0 = without end) */
    double probability;
    int64_t from_ms, until_ms; /* since the start; until 0 = without end */
    int64_t seen, acted;       /* matching requests so far */
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

/* What something is done to: one request, message or frame. */
struct fault_target {
    enum fault_place place;
    const char *path;
    const char *const *symbols; /* any of them will do; one that is "" when there is none */
    size_t count;
};

/* The fault that acts on it, counted, or NULL. */
const struct fault *faults_find(struct faults *faults, const struct fault_target *target,
                                int64_t since_start_ms, struct rng *rng);

#endif
