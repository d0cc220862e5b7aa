/*
 * faults: a script of misbehaviour for the simulated broker.
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
    FAULT_HANG,      /* no answer, the connection stays */
    FAULT_RESET,     /* TCP RST */
    FAULT_CLOSE,     /* closed without a word */
    FAULT_TRUNCATED, /* half of the announced body, then closed */
    FAULT_TYPE,      /* the right body as text/plain */
    FAULT_SHAPE,     /* JSON of another shape */
    FAULT_GARBAGE,   /* broken JSON */
    FAULT_HTML,      /* 200 with a login page */
    FAULT_REDIRECT,  /* 302 to /login */
    FAULT_EMPTY,     /* 200 without a body */
    FAULT_HUGE,      /* more than 2 MiB */
    FAULT_NO_TOKEN,  /* getToken: 200 without the header */
    FAULT_REFUSE,    /* getToken: 401 */
    FAULT_EXPIRE,    /* all tokens are forgotten, then the request is answered */
    FAULT_BODY,      /* 200 with this body */
    FAULT_ERROR,     /* 200, status ERROR, this description */
};

struct fault {
    enum fault_kind kind;
    char *path, *symbol; /* globs without case; owned */
    char *body;          /* owned */
    int status, retry_after_s;
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

/* The fault that acts on this request, counted, or NULL. `symbol` is "" when there is none. */
const struct fault *faults_find(struct faults *faults, const char *path, const char *symbol,
                                int64_t since_start_ms, struct rng *rng);

#endif
