/*
 * session: when to log in at the browser terminal, and with which request next. A pure state
 * machine.
 *
 * A session begins with the profile (protocol section 12.1): cookies that are still good give its
 * ids at once, otherwise a login follows, and the profile again. Only a stream that is to be
 * connected needs one. A session lives an hour or two; an open stream does not need it any more, so
 * it is renewed only when the stream connects again. Few logins: at most one is in flight; after a
 * refused one, and after a session that ended soon, the next one is minutes away, with growing
 * waits and jitter. The caller sends each request when market/request_budget allows it.
 *
 * The caller keeps the cookies and ids. Each session has a number: the end of a connection that was
 * made with an older one says nothing about the present one.
 */
#ifndef MATRIZ_SESSION_H
#define MATRIZ_SESSION_H

#include "base/rng.h"

#include <stdbool.h>
#include <stdint.h>

enum matriz_session_state {
    MATRIZ_SESSION_NONE,
    MATRIZ_SESSION_PROFILE,  /* none; the profile is requested */
    MATRIZ_SESSION_LOGIN,    /* none; the login is in flight */
    MATRIZ_SESSION_HELD,     /* usable */
    MATRIZ_SESSION_CHECKING, /* usable; the profile is requested, to see whether it still is */
};

enum matriz_session_event_kind {
    MATRIZ_EV_TICK,        /* time has passed */
    MATRIZ_EV_NEEDED,      /* a stream is to be connected */
    MATRIZ_EV_NOT_NEEDED,  /* not any more */
    MATRIZ_EV_IDS,         /* the profile has the ids of a session; or it needs none (guest) */
    MATRIZ_EV_ANONYMOUS,   /* the profile has no ids */
    MATRIZ_EV_LOGGED_IN,   /* the login was accepted */
    MATRIZ_EV_REFUSED,     /* user or password were refused */
    MATRIZ_EV_NOT_ALLOWED, /* a request was answered with 302, 401, 403 or a page */
    MATRIZ_EV_UNAVAILABLE, /* no answer, or one that has nothing to do with the session */
    MATRIZ_EV_ENDED,       /* the handshake of a stream with this session was answered so */
    MATRIZ_EV_DOUBTED,     /* it may have ended; or a newer one is wanted */
};

struct matriz_session_event {
    enum matriz_session_event_kind kind;
    int number;             /* ENDED: of the session */
    int64_t retry_after_ms; /* UNAVAILABLE: Retry-After; 0 = none */
};

/* All times are monotonic. */
struct matriz_session {
    enum matriz_session_state state;
    int number; /* of the session held, or of the last one */
    bool needed;
    bool with_cookies; /* the requested profile was asked with cookies that may be old */
    bool logged_in;    /* a login was accepted since the last session */
    bool again;        /* the login was tried with a second CSRF value */
    int64_t since_ms;  /* of the session held */
    int failures;      /* in a row, until a session lasts */
    int64_t retry_ms;  /* NONE: no request before */
    struct rng rng;
};

enum matriz_session_request { MATRIZ_ASK_NOTHING, MATRIZ_ASK_PROFILE, MATRIZ_ASK_LOGIN };

struct matriz_session_step {
    struct matriz_session next;
    enum matriz_session_request ask;
    bool forget;     /* the cookies, before the request: they are not good any more */
    bool obtained;   /* a session, or the present one again with a new number */
    bool lost;       /* the session has ended */
    int64_t wake_ms; /* send TICK again then; INT64_MAX = not needed */
    const char *why; /* of a failure or a loss, for messages; else NULL */
};

struct matriz_session matriz_session_init(int64_t now_ms, uint64_t seed);
struct matriz_session_step matriz_session_step(struct matriz_session session,
                                               struct matriz_session_event event, int64_t now_ms);

bool matriz_session_usable(const struct matriz_session *session);
const char *matriz_session_state_name(enum matriz_session_state state);

#endif
