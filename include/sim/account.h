/*
 * account: authentication of the simulated broker, as strict as a real one.
 *
 * One user, one token at a time: a login returns the same token until it expires or
 * account_forget() is called; then the next login creates another and the old one is refused.
 */
#ifndef SIM_ACCOUNT_H
#define SIM_ACCOUNT_H

#include "net/loop.h"
#include "serve/primary_api.h"

#define ACCOUNT_WORD_MAX 127 /* longer users and passwords would be truncated */

/* Where the token of a stream may be, as bits. */
enum account_proof { ACCOUNT_HEADER = 1, ACCOUNT_COOKIE = 2, ACCOUNT_QUERY = 4 };

struct account {
    struct loop *loop; /* for the time */
    char user[ACCOUNT_WORD_MAX + 1], password[ACCOUNT_WORD_MAX + 1];
    int64_t ttl_ms;
    char token[64]; /* "" = none */
    int64_t expires_ms;
    int64_t logins, refused, unauthorized;
};

void account_init(struct account *account, struct loop *loop, const char *user,
                  const char *password, int64_t ttl_ms);
void account_forget(struct account *account); /* invalidates the token */
bool account_knows(const struct account *account, const char *user, const char *password);
struct api_auth account_auth(struct account *account);
/* True: the request has a valid token in one of the places `proofs`. */
bool account_allows(struct account *account, const struct web_request *request, unsigned proofs);
/* True: X-Username and X-Password are correct, or X-Auth-Token is a valid token. Counts nothing. */
bool account_controls(const struct account *account, const struct web_request *request);

#endif
