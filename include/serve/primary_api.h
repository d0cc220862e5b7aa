/*
 * primary_api: answers requests in the broker's dialect (protocol sections 4 to 9).
 *
 * Pure: no sockets, no clock. Authentication is done by a struct api_auth, data comes from a struct
 * market_source.
 */
#ifndef SERVE_PRIMARY_API_H
#define SERVE_PRIMARY_API_H

#include "serve/source.h"
#include "serve/web.h"

#include <stdbool.h>

struct api_auth {
    void *self;
    /* Sets `token` and returns true when user and password are correct. */
    bool (*login)(void *self, const char *user, const char *password, char *token, size_t size);
    bool (*valid)(void *self, const char *token);
    void (*logout)(void *self);
};

void api_answer(const struct market_source *source, const struct api_auth *auth,
                const struct web_request *request, struct web_answer *answer);

/* What a request for market data asks for (protocol section 7). */
struct api_quote {
    int32_t index;
    uint32_t entries;
    int depth;
};
/* Takes up a product that is not offered yet, if the source can. False: `answer` is the broker's
 * error. */
bool api_quote_parse(const struct market_source *source, const struct web_request *request,
                     struct web_answer *answer, struct api_quote *out);
void api_quote_answer(const struct market_source *source, const struct api_quote *quote,
                      struct web_answer *answer);
/* The broker's error for an unknown product. */
void api_unknown(struct web_answer *answer, const char *market_id, const char *symbol);

/* What a request for historic trades asks for (protocol section 8). */
struct api_trades {
    int32_t index;
    int64_t from, to; /* [from, to) in ns UTC */
};
/* False: `answer` is the broker's error. */
bool api_trades_parse(const struct market_source *source, const struct web_request *request,
                      struct web_answer *answer, struct api_trades *out);

void api_error(struct web_answer *answer, const char *description); /* 200, status ERROR */

#endif
