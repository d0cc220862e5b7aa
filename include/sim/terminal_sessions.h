/*
 * terminal_sessions: the sessions of the simulated browser terminal (protocol section 12.1).
 *
 * A session is known by its cookie. It begins anonymous, with a CSRF token; a login replaces the
 * cookie and the CSRF token and adds the two ids of the socket. Time is an argument. Bounded: the
 * oldest session makes room, an anonymous one first.
 */
#ifndef SIM_TERMINAL_SESSIONS_H
#define SIM_TERMINAL_SESSIONS_H

#include <stdbool.h>
#include <stdint.h>

#define TERMINAL_COOKIE           "_mtz_web_key"
#define TERMINAL_COOKIE_BYTES     320
#define TERMINAL_CSRF_BYTES       33
#define TERMINAL_SESSION_ID_BYTES 65 /* 64 characters of base64 */

struct terminal_session {
    char cookie[TERMINAL_COOKIE_BYTES]; /* three parts with dots between them */
    char csrf[TERMINAL_CSRF_BYTES];
    char session_id[TERMINAL_SESSION_ID_BYTES],
        connection_id[TERMINAL_SESSION_ID_BYTES]; /* "" = anonymous */
    int64_t serial;                               /* how many began before it */
    int64_t ends_ms;                              /* once logged in; monotonic */
};

#define TERMINAL_SESSIONS_MAX 64

struct terminal_sessions {
    struct terminal_session list[TERMINAL_SESSIONS_MAX];
    int count;
    int64_t lifetime_ms;
    int64_t begun; /* so far */
};

void terminal_sessions_init(struct terminal_sessions *sessions, int64_t lifetime_ms);

/* The session of a Cookie header's value, or NULL; one that has ended is unknown. */
struct terminal_session *terminal_sessions_of(struct terminal_sessions *sessions,
                                              const char *cookies, int64_t now_ms);
/* The session that was logged in with this id, or NULL. */
struct terminal_session *terminal_sessions_with_id(struct terminal_sessions *sessions,
                                                   const char *session_id, int64_t now_ms);
/* A new anonymous session; it is valid until the next one begins. */
struct terminal_session *terminal_sessions_begin(struct terminal_sessions *sessions);
void terminal_sessions_log_in(const struct terminal_sessions *sessions,
                              struct terminal_session *session, int64_t now_ms);
void terminal_sessions_end(struct terminal_sessions *sessions); /* all that were logged in */

/* Copies the cookie of that name from a Cookie header's value; false: there is none. */
bool terminal_cookie_find(const char *cookies, const char *name, char *out, int out_bytes);

#endif
