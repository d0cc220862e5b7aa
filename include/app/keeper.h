/*
 * keeper: holds the broker's token, and is the only one who logs in.
 *
 * The shell around primary/token: owns the HTTP client of the logins, the token in memory and its
 * copy on disk. Tells its owner, always from the loop, when there is a usable token again and when
 * there is no hope of one.
 */
#ifndef APP_KEEPER_H
#define APP_KEEPER_H

#include "app/config.h"
#include "base/err.h"
#include "net/loop.h"

struct keeper;
struct credentials;
struct events;
struct http_headers;

enum keeper_news {
    KEEPER_TOKEN,    /* keeper_headers() gives the present token */
    KEEPER_HOPELESS, /* refused before anything ever worked; `words` say why */
};
typedef void keeper_fn(void *arg, enum keeper_news news, const char *words);

/*
 * Everything is borrowed. Uses a cached token when there is one; the first login follows at once.
 * A patient keeper is never hopeless: the service has been running, and what it recorded is worth
 * more than an exit because of a password mistyped in a new configuration.
 */
int keeper_create(struct keeper **out, struct loop *loop, const struct config *config,
                  struct credentials *credentials, struct events *events, bool patient,
                  keeper_fn *fn, void *arg, struct err *err);
void keeper_destroy(struct keeper *keeper);

/* The header to send, or NULL: ask the broker nothing now. Good until the loop's next turn. */
const struct http_headers *keeper_headers(const struct keeper *keeper);
int keeper_generation(const struct keeper *keeper); /* of that token: goes with each request */

/* What a request with the token of that generation has shown. Never calls back from inside. */
void keeper_worked(struct keeper *keeper, int generation);
void keeper_unauthorized(struct keeper *keeper, int generation);
/*
 * It was answered with a page, in these words. True: the token may be dead and a login is checking
 * that, or a newer token is there already: repeat the request when there is a token. False: it says
 * nothing about the token.
 */
bool keeper_page(struct keeper *keeper, int generation, bool login_page, const char *words);

/* A fresh token is wanted, for a doubt; KEEPER_TOKEN tells when it is there. */
void keeper_renew(struct keeper *keeper);

int64_t keeper_token_ns(const struct keeper *keeper);  /* when it was obtained, wall; 0 = none */
const char *keeper_state(const struct keeper *keeper); /* for the log: "held" */

#endif
