/*
 * login: what the answer to POST auth/getToken means (protocol section 4.2).
 */
#ifndef PRIMARY_LOGIN_H
#define PRIMARY_LOGIN_H

#include "base/err.h"
#include "primary/reply.h"

#include <stdbool.h>

enum login_outcome {
    LOGIN_OK,          /* the token is in the header */
    LOGIN_REFUSED,     /* an explicit refusal of user or password by the broker */
    LOGIN_NO_TOKEN,    /* 2xx without a token: perhaps a refusal, perhaps not from the broker */
    LOGIN_PAGE,        /* a page instead of an answer: no information about user and password */
    LOGIN_UNAVAILABLE, /* 404, 408, 429, 5xx: try again later */
};

#define TOKEN_BYTES_MAX 512

/*
 * `token` is the answer's X-Auth-Token, "" if absent. Unless LOGIN_OK, `why` gets the reason and
 * what to do. Of the body, which may repeat the credentials, it has at most a page's title or the
 * beginning of plain text; the caller masks it before it is logged or stored (base/mask).
 */
enum login_outcome login_decode(const struct reply *reply, const char *token, struct err *why);

/* Printable ASCII without blanks, within TOKEN_BYTES_MAX with its NUL: may be sent in a header and
 * stored in a file. */
bool login_token_valid(const char *token);

#endif
