/*
 * terminal_session: the session at a broker's browser terminal, and the only module that logs in
 * there (protocol sections 12.1, 12.6 and 12.7).
 *
 * Runs the state machine of matriz/session: owns the HTTP client, the cookies and the ids, in
 * memory only. Logs in with the user and password of the API, when a stream needs a session and
 * not before. Fetches the terminal's list of instruments once a day, before the first session of
 * the day is reported (broker/terminal_list has it). Redirects are not followed.
 */
#ifndef BROKER_TERMINAL_SESSION_H
#define BROKER_TERMINAL_SESSION_H

#include "base/err.h"
#include "config/config.h"
#include "net/loop.h"

struct terminal_session;
struct credentials;
struct events;
struct http_headers;
struct request_budget;

struct terminal_session_parts {
    struct loop *loop;
    const struct config *config; /* has the terminal's URL */
    struct credentials *credentials;
    struct events *events;
    struct request_budget *budget;
    void *arg;
    void (*obtained)(void *arg); /* there is a session, or a new one; from the loop */
};

/* All parts are borrowed. Sends nothing before a session is needed. */
int terminal_session_create(struct terminal_session **out,
                            const struct terminal_session_parts *parts, struct err *err);
void terminal_session_destroy(struct terminal_session *session);

/* These do not call back before they return. */
void terminal_session_need(struct terminal_session *session, bool needed);
void terminal_session_doubt(struct terminal_session *session); /* asks the terminal about it */
/* A handshake with the session of that number was answered as if it had ended. */
void terminal_session_ended(struct terminal_session *session, int number);

bool terminal_session_usable(const struct terminal_session *session);
int terminal_session_number(
    const struct terminal_session *session); /* increases with each new one */

/* The ART day of the last attempt to get the terminal's list of instruments; 0 = none yet. */
int64_t terminal_session_list_day(const struct terminal_session *session);

/* For a handshake with the present session; valid until the next loop iteration. The URL has
 * secrets (mask_url); without a session its ids are empty. */
const char *terminal_session_stream_url(const struct terminal_session *session);
const struct http_headers *terminal_session_headers(const struct terminal_session *session);

#endif
