/*
 * primary_api: answers requests in the broker's dialect (protocol sections 4 to 9).
 *
 * Pure: no sockets, no clock. Authentication is done by a struct api_auth, data comes from a struct
 * market_source.
 */
#ifndef SERVE_PRIMARY_API_H
#define SERVE_PRIMARY_API_H

#include "base/buf.h"
#include "serve/source.h"

#include <stdbool.h>

#define API_PARAMS_MAX 16
#define API_BODY_BYTES (64u * 1024 * 1024)

struct api_param {
    const char *name, *value; /* percent-decoded */
};

struct api_request {
    bool post;
    const char *path; /* without the leading '/' */
    struct api_param params[API_PARAMS_MAX];
    int params_count;
    const char *user, *password, *token; /* from headers; "" when absent */
    const char *cookie, *origin;         /* the same */
};

struct api_answer {
    int status;
    const char *content_type;
    char token[64];    /* X-Auth-Token, "" = none */
    char location[64]; /* "" = none */
    char cookie[96];   /* Set-Cookie, "" = none */
    int retry_after_s; /* 0 = none */
    struct buf body;   /* the caller's, empty */
};

struct api_auth {
    void *self;
    /* Sets `token` and returns true when user and password are correct. */
    bool (*login)(void *self, const char *user, const char *password, char *token, size_t size);
    bool (*valid)(void *self, const char *token);
    void (*logout)(void *self);
};

const char *api_param(const struct api_request *request, const char *name); /* NULL when absent */

void api_answer(const struct market_source *source, const struct api_auth *auth,
                const struct api_request *request, struct api_answer *answer);

/* For other answers: replaces the whole answer and clears headers set before. `body` is copied. */
void api_put(struct api_answer *answer, int status, const char *content_type, const char *body);
void api_error(struct api_answer *answer, const char *description); /* 200, status ERROR */

#endif
