/*
 * terminal_answer: what the answers of the browser terminal to the profile and to the login mean
 * for its session (protocol sections 12.1 and 12.7). Pure.
 *
 * 302, 401, 403 or a page instead of JSON mean that there is no session. Only an answer to the
 * login itself says something about user and password.
 */
#ifndef BROKER_TERMINAL_ANSWER_H
#define BROKER_TERMINAL_ANSWER_H

#include "base/err.h"
#include "base/json.h"
#include "matriz/profile.h"
#include "matriz/session.h"
#include "primary/reply.h"

/* IDS, ANONYMOUS, NOT_ALLOWED or UNAVAILABLE, the last two with the reason in `why`. `out` is
 * written unless they are. `guest`: no ids are needed. */
enum matriz_session_event_kind terminal_answer_profile(struct json_parser *parser,
                                                       const struct reply *reply, bool guest,
                                                       struct matriz_profile *out, struct err *why);

/* LOGGED_IN, REFUSED, NOT_ALLOWED or UNAVAILABLE, the last three with the reason. The texts may
 * repeat the credentials: they are to be masked. */
enum matriz_session_event_kind terminal_answer_login(const struct reply *reply, struct err *why);

/* Whether this status of the answer to a handshake means that the session has ended. */
bool terminal_answer_ends_session(int status);

#endif
