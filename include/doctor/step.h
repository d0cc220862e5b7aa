/*
 * step: one step of a diagnosis: what was tried, what came back, what it means and what to do.
 *
 * A plain value. The modules that judge what came back are pure and return steps; those that try it
 * are thin. Texts are truncated; they contain no secret, and doctor masks them all the same before
 * anybody sees them.
 */
#ifndef DOCTOR_STEP_H
#define DOCTOR_STEP_H

#include "doctor/finding.h"

#include <stdint.h>

#define STEP_TEXT 512

/* In the order in which they are run. */
enum step_id {
    STEP_CONFIG,
    STEP_PASSWORD,
    STEP_FOLDERS,
    STEP_DATABASE,
    STEP_DISK,
    STEP_SERVICE,
    STEP_NATS,  /* if sink.nats or source.nats is set */
    STEP_LEASE, /* if lease.name is set */
    STEP_PROXY,
    STEP_DNS,
    STEP_TCP,
    STEP_TLS,
    STEP_LOGIN,
    STEP_CLOCK,
    STEP_SEGMENTS,
    STEP_LIST,
    STEP_QUOTE,
    STEP_HANDSHAKE,
    STEP_SUBSCRIPTION,
    STEP_PONG,
    /* the browser terminal's stream, if stream.dialects contains it */
    STEP_MATRIZ_PROFILE,
    STEP_MATRIZ_LOGIN,
    STEP_MATRIZ_SOCKET,
    STEP_MATRIZ_DATA,
    /* controls, after a failure */
    STEP_CONTROL_REST,       /* segments again: whether REST still accepts the token */
    STEP_CONTROL_NO_HEADER,  /* "/" without the token */
    STEP_CONTROL_ROOT,       /* "/" with it, if broker.stream_url has another path */
    STEP_CONTROL_WS,         /* "/ws" with it */
    STEP_CONTROL_SESSION_ID, /* "/ws", the token as session_id, conn_id empty */
    STEP_CONTROL_CONN_ID,    /* the same with a random conn_id */
    STEP_TERMINAL,           /* the profile of the broker's browser terminal */
    STEP_COUNT
};

enum step_state { STEP_OK, STEP_WARNING, STEP_FAILED, STEP_SKIPPED };

struct step {
    enum step_id id;
    enum step_state state;
    enum finding finding; /* of a warning or a failure; else NONE, or a fact of the class OK */
    int64_t ms;           /* how long it took; -1 = not measured */
    char tried[STEP_TEXT], came_back[STEP_TEXT], meaning[STEP_TEXT],
        todo[STEP_TEXT]; /* "" = none */
};

const char *step_name(enum step_id id);             /* "login", for programs */
const char *step_title(enum step_id id);            /* "quote by REST", for people */
const char *step_state_name(enum step_state state); /* "ok" */

/* `fmt` is what was tried. State OK, and no other text yet. */
struct step step_begin(enum step_id id, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A step that was not run, and why. */
struct step step_skipped(enum step_id id, const char *why);

void step_came_back(struct step *step, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void step_good(struct step *step, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void step_warn(struct step *step, enum finding finding, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void step_fail(struct step *step, enum finding finding, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void step_todo(struct step *step, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
