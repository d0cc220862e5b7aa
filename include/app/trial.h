/*
 * trial: what a broker says to a configuration that was never used.
 *
 * Each call is one request on a loop of its own, by the client that the service uses: its TLS
 * checks, its time-outs, its reading of the answer. It returns when the request is over. Nothing is
 * asked twice, and nothing is kept.
 */
#ifndef APP_TRIAL_H
#define APP_TRIAL_H

#include "app/config.h"
#include "app/secret.h"
#include "app/token_cache.h"
#include "base/buf.h"
#include "base/err.h"

enum trial_end {
    TRIAL_OK,
    TRIAL_REFUSED,     /* the broker's own no to user, password or request */
    TRIAL_UNAVAILABLE, /* no answer, one that says "later", or somebody else's page */
    TRIAL_FAILED,      /* our own fault: no memory, no ca_file */
};

/* `out` touched on TRIAL_OK only; the caller wipes it. */
enum trial_end trial_login(const struct config *config, const struct secret *password,
                           struct cached_token *out, struct err *why);
/* The answer of rest/instruments/all as it came, appended to `out`, whose maximum bounds it. */
enum trial_end trial_list(const struct config *config, const char *token, struct buf *out,
                          struct err *why);

#endif
