/*
 * virtual_broker: the broker's REST API. Replaces net/http.
 *
 * Issues tokens, and answers requests of the list of instruments and of market data. Each endpoint
 * can be made to answer something else, or not at all.
 */
#ifndef SCENARIO_VIRTUAL_BROKER_H
#define SCENARIO_VIRTUAL_BROKER_H

#include "net/http_headers.h"
#include "net/http_outcome.h"

#include <stdbool.h>
#include <stdint.h>

enum endpoint {
    ENDPOINT_LOGIN,
    ENDPOINT_LIST,
    ENDPOINT_DETAILS, /* of all instruments */
    ENDPOINT_DETAIL,  /* of one */
    ENDPOINT_SEGMENTS,
    ENDPOINT_BY_SEGMENT,
    ENDPOINT_BY_CFI,
    ENDPOINT_DATA,
    ENDPOINT_INVALID_TOKEN, /* any request with a token that is not valid */
    ENDPOINT_HANDSHAKE,     /* of the stream; see virtual_stream */
    ENDPOINT_PROFILE,       /* of the browser terminal, as the next three; see virtual_terminal */
    ENDPOINT_TERMINAL_LOGIN,
    ENDPOINT_TERMINAL_LIST,
    ENDPOINT_TERMINAL_HANDSHAKE,
    ENDPOINT_COUNT
};

struct answer {
    bool set; /* else the endpoint answers normally */
    enum http_outcome outcome;
    int status;
    int64_t retry_after_ms; /* -1 = none */
    char *body;             /* NULL = empty */
    const char *location;   /* NULL = none */
};

void broker_begin(void);
/* `instrument`: of ENDPOINT_DATA; -1 = all. The body is taken, the location borrowed. */
void broker_answers(enum endpoint endpoint, int instrument, const struct answer *answer);
const struct answer *broker_answer_of(enum endpoint endpoint);
bool broker_find_endpoint(const char *name, enum endpoint *out); /* "login", "invalid-token" */

void broker_set_down(bool down); /* no connection is possible, nothing arrives on the open ones */
bool broker_down(void);

void broker_end_token(void);    /* the present one is no longer valid */
void broker_daily_tokens(void); /* a token is valid until midnight in Argentina */
bool broker_token_valid(const struct http_headers *headers);

/* The list of instruments: whether it contains this one. */
void broker_set_listed(int instrument, bool listed);
int64_t broker_list_ns(void); /* when the list was last sent, by our wall clock */

#endif
