/*
 * broker_test: tests a configuration against the broker: the login and the instrument list.
 *
 * Each call is one blocking request on its own loop, by the HTTP client of the service, with the
 * same TLS checks, time-outs and reading of the answer. There are no retries, and nothing is saved.
 */
#ifndef SETUP_BROKER_TEST_H
#define SETUP_BROKER_TEST_H

#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"
#include "broker/token_cache.h"
#include "config/config.h"

enum broker_test_end {
    BROKER_TEST_OK,
    BROKER_TEST_REFUSED,     /* the broker's API refused user, password or request */
    BROKER_TEST_UNAVAILABLE, /* no answer, "try later", or a web page instead of the API's answer */
    BROKER_TEST_FAILED,      /* a local error: no memory, no ca_file */
};

/* `out` is set on BROKER_TEST_OK only; the caller wipes it. */
enum broker_test_end broker_test_login(const struct config *config, const struct secret *password,
                                       struct cached_token *out, struct err *why);
/* The unmodified answer of rest/instruments/all, appended to `out`, up to its maximum size. */
enum broker_test_end broker_test_list(const struct config *config, const char *token,
                                      struct buf *out, struct err *why);

#endif
