/*
 * admission: whether a request to the local API is served, and what a web page may see of it.
 *
 * Pure. Applies serve/access to a request: Host and Origin always, the token where one is required.
 * Refusals say what to configure.
 */
#ifndef API_ADMISSION_H
#define API_ADMISSION_H

#include "serve/access.h"
#include "serve/web.h"

/* 0: allowed; else `answer` is the refusal (403). */
int admission_check_place(const struct access_rules *rules, const struct web_request *request,
                          struct web_answer *answer);
/* 0: allowed; else `answer` is the broker's (401). From X-Auth-Token, or the query, or
 * the cookie. */
int admission_check_token(const struct access_rules *rules, const struct web_request *request,
                          struct web_answer *answer);
/* Adds what lets the page of an allowed origin read the answer, whatever it will be; nothing
 * without an Origin. */
void admission_share(const struct web_request *request, struct web_answer *answer);
/* The answer to OPTIONS, after admission_share(). */
void admission_preflight(const struct web_request *request, struct web_answer *answer);

#endif
