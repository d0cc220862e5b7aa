/*
 * rest_result: what the broker's answers by REST mean: login, segments, instruments, a quote
 * (protocol sections 4, 6, 7 and 9).
 *
 * Pure. Of an answer's body a step has the first bytes at most.
 */
#ifndef DOCTOR_REST_RESULT_H
#define DOCTOR_REST_RESULT_H

#include "base/json.h"
#include "doctor/step.h"
#include "market/quote.h"
#include "net/http.h"

#include <stdbool.h>

/* "200, application/json, 345 bytes", "302 to https://..., 0 bytes"; `with_body`: and its first
 * bytes. Returns `out`. */
char *http_reply_words(char out[STEP_TEXT], const struct http_reply *http, bool with_body);

/* The login by a cached token: not sent. `age_ns`: of the token. */
struct step login_reused(const char *user, size_t token_bytes, int64_t age_ns);
/* auth/getToken. `again`: a cached token was refused before. */
struct step login_result(const char *user, const struct http_reply *http, bool again, int64_t ms);

/* rest/segment/all. `fresh`: the token is from a login just now. */
struct step segments_result(struct json_parser *parser, const struct http_reply *http, bool fresh,
                            int64_t ms);

struct list_facts {
    bool cached;       /* read from state_dir, not requested */
    size_t listed;     /* instruments; 0: the list cannot be used, for the reason `why` */
    size_t selected;   /* of them, recorded by this configuration */
    int unfound;       /* symbols and globs of the configuration that match nothing */
    char example[256]; /* the message about the first of them */
    const char *why;
    int64_t ms;
};
struct step list_result(const struct list_facts *list);

struct quote_facts {
    const char *symbol;
    uint32_t entries; /* that are requested */
    bool listed;      /* the symbol is in the broker's list */
    bool market_open; /* by the configuration's session */
    int64_t ms;
};
/* rest/marketdata/get. `*has_data`: it has a value. */
struct step quote_result(struct json_parser *parser, const struct http_reply *http,
                         const struct quote_facts *quote, bool *has_data);

#endif
