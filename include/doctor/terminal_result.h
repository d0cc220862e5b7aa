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

#include <stdbool.h>

struct terminal_facts {
    const char *base; /* the URL that was asked */
    bool here;        /* it is broker.url */
    int64_t ms;
};
/* api/v2/profile, requested without a login. */
struct step terminal_result(struct json_parser *parser, const struct http_reply *http,
                            const struct terminal_facts *facts);

#endif
