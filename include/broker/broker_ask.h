/*
 * broker_ask: one request to the broker, waited for, for commands that run no service.
 *
 * By the HTTP client of the service, with the same TLS checks, time-outs and headers. There are no
 * retries, and nothing is saved. Runs the loop until the answer is there, so it must not be called
 * from within the loop.
 */
#ifndef BROKER_BROKER_ASK_H
#define BROKER_BROKER_ASK_H

#include "base/err.h"
#include "base/secret.h"
#include "config/config.h"
#include "net/http.h"

#include <stddef.h>
#include <stdint.h>

/* All borrowed. */
struct broker_ask {
    struct loop *loop;
    const struct config_broker *broker;
    int64_t timeout_ms;
};

/*
 * POST auth/getToken, for broker.user. `done` is called once, before this returns, unless the
 * request could not be sent: then this returns a negative errno with the reason in `err`.
 */
int broker_ask_login(const struct broker_ask *ask, const struct secret *password, http_done *done,
                     void *arg, struct err *err);

/* Any request, also to another host of the broker; as above. */
int broker_ask_request(const struct broker_ask *ask, const struct http_request *request,
                       http_done *done, void *arg, struct err *err);

struct broker_ask_get {
    const char *url;       /* of broker.url */
    const char *token;     /* NULL = none */
    size_t body_max_bytes; /* of the answer */
};
int broker_ask_get(const struct broker_ask *ask, const struct broker_ask_get *get, http_done *done,
                   void *arg, struct err *err);

#endif
