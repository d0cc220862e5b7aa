/*
 * token_keeper: holds the broker's token, and is the only module that logs in.
 *
 * Runs the state machine of primary/token: owns the HTTP client of the logins, the token in memory
 * and its copy on disk. Calls its owner, always from the loop, when there is a usable token again
 * and when the broker has refused the credentials at the start.
 */
#ifndef BROKER_TOKEN_KEEPER_H
#define BROKER_TOKEN_KEEPER_H

#include "base/err.h"
#include "config/config.h"
#include "net/loop.h"

struct token_keeper;
struct credentials;
struct events;
struct http_headers;
struct request_budget;

enum token_keeper_news {
    KEEPER_TOKEN,    /* token_keeper_headers() gives the present token */
    KEEPER_HOPELESS, /* refused before any token worked; `words` has the reason */
};
typedef void token_keeper_fn(void *arg, enum token_keeper_news news, const char *words);

struct token_keeper_parts {
    struct loop *loop;
    const struct config *config;
    struct credentials *credentials;
    struct events *events;
    struct request_budget *budget;
    /* KEEPER_HOPELESS is never reported: a password mistyped before a reload must not end a service
     * that has been recording. */
    bool patient;
    token_keeper_fn *fn;
    void *arg;
};

/* All parts are borrowed. Uses a cached token if there is one, else logs in at once. */
int token_keeper_create(struct token_keeper **out, const struct token_keeper_parts *parts,
                        struct err *err);
void token_keeper_destroy(struct token_keeper *keeper);

/* The header to send, or NULL: send no request now. Valid until the next loop iteration. */
const struct http_headers *token_keeper_headers(const struct token_keeper *keeper);
int token_keeper_generation(
    const struct token_keeper *keeper); /* of that token; remember it per request */

/* The result of a request with the token of that generation. Does not call back before returning.
 */
void token_keeper_worked(struct token_keeper *keeper, int generation);
void token_keeper_unauthorized(struct token_keeper *keeper, int generation);
/*
 * The answer was a web page, described by `words`. True: the token may be invalid and a login is
 * checking it, or there is a newer token already: repeat the request when there is a token. False:
 * the page is not related to the token.
 */
bool token_keeper_page(struct token_keeper *keeper, int generation, bool login_page,
                       const char *words);

/* Requests a new token because the present one is in doubt; KEEPER_TOKEN reports it. */
void token_keeper_renew(struct token_keeper *keeper);

/* A session begins soon: a login that waits after failures is sent now. */
void token_keeper_hurry(struct token_keeper *keeper);

/* The token itself, for the lease; NULL: there is none. Borrowed until the next loop iteration. */
const char *token_keeper_token(const struct token_keeper *keeper, int64_t *obtained_ns);

int64_t
token_keeper_token_ns(const struct token_keeper *keeper); /* when it was obtained, wall; 0 = none */
const char *token_keeper_state(const struct token_keeper *keeper); /* for the log: "held" */
/* Why there is no token, for messages: "the login failed: ..."; "" before a login has failed. */
const char *token_keeper_trouble(const struct token_keeper *keeper);

#endif
