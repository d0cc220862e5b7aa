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
    LOGIN_REFUSED,     /* in its own words the broker said no to user or password */
    LOGIN_NO_TOKEN,    /* 2xx without a token: perhaps a refusal, perhaps somebody else's answer */
    LOGIN_PAGE,        /* a page instead of an answer: it says nothing about user and password */
    LOGIN_UNAVAILABLE, /* 404, 408, 429, 5xx: try again later */
};

#define TOKEN_BYTES_MAX 512

/*
 * `token` is the answer's X-Auth-Token, "" when absent. Unless LOGIN_OK, `why` gets words that say
 * what to do. Of the answer's body, which may repeat what was sent, they hold no more than a page's
 * title or the first words of plain text: they are masked before anybody keeps them (base/mask).
 */
enum login_outcome login_decode(const struct reply *reply, const char *token, struct err *why);

/* Printable ASCII without blanks, fits TOKEN_BYTES_MAX with its NUL: may go into a header and a
 * file. */
bool login_token_valid(const char *token);

#endif
