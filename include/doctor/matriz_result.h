/*
 * matriz_result: what the attempts with the browser terminal's stream mean: profile, login,
 * handshake, data (protocol section 12).
 *
 * Pure. No step has a value of a profile, a cookie or an id.
 */
#ifndef DOCTOR_MATRIZ_RESULT_H
#define DOCTOR_MATRIZ_RESULT_H

#include "doctor/step.h"
#include "doctor/stream_result.h"
#include "matriz/session.h"
#include "net/http.h"

#include <stdbool.h>

struct matriz_answer {
    const char *base;                    /* the terminal's URL */
    enum matriz_session_event_kind kind; /* of broker/terminal_answer */
    const char *why;                     /* its reason; "" = none */
    bool after_login;                    /* of a profile */
    int64_t ms;
};
struct step matriz_profile_result(const struct http_reply *http,
                                  const struct matriz_answer *answer);
struct step matriz_login_result(const struct http_reply *http, const struct matriz_answer *answer);

struct step matriz_socket_result(const struct handshake_facts *facts);
struct step matriz_data_result(const struct subscription_facts *facts);

#endif
