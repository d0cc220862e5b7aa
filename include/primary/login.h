/*
 * login: what the answer to POST auth/getToken means (protocol section 4.2).
 */
#ifndef PRIMARY_LOGIN_H
#define PRIMARY_LOGIN_H

#include "base/err.h"
#include "primary/reply.h"

#include <stdbool.h>

enum login_outcome {
    LOGIN_OK,            /* the token is in the header */
    LOGIN_REFUSED,       /* the broker said no to user or password */
    LOGIN_NOT_LOGGED_IN, /* an answer, but no login: no token header, HTML page, redirect, 404 */
    LOGIN_UNAVAILABLE,   /* 408, 429, 5xx: try again later */
};

#define TOKEN_BYTES_MAX 512

/*
 * `token` is the answer's X-Auth-Token, "" when absent. Unless LOGIN_OK, `why` gets words that say
 * what to do; none of them come from the answer's body, which may repeat what was sent.
 */
enum login_outcome login_decode(const struct reply *reply, const char *token, struct err *why);

/* Printable ASCII without blanks, fits TOKEN_BYTES_MAX with its NUL: may go into a header and a
 * file. */
bool login_token_valid(const char *token);

#endif
