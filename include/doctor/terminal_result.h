/*
 * terminal_result: whether a broker's browser terminal (Matriz) answers (protocol sections 12.1 and
 * 15, cause 4).
 *
 * Pure. Neither answer is a fault: the step tells a user whose browser works and whose program does
 * not that they are two systems with two logins.
 */
#ifndef DOCTOR_TERMINAL_RESULT_H
#define DOCTOR_TERMINAL_RESULT_H

#include "base/json.h"
#include "doctor/step.h"
#include "net/http.h"

/* api/v2/profile, requested without a login; `base` is the terminal's URL. */
struct step terminal_result(struct json_parser *parser, const char *base,
                            const struct http_reply *http, int64_t ms);

#endif
