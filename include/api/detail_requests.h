/*
 * detail_requests: requests for the reference data of all instruments (rest/instruments/details).
 *
 * With ten thousand recorded instruments the answer has 6 MB, which would take the loop 25 ms: it
 * is written a slice in each turn. Owns the requests that wait.
 */
#ifndef API_DETAIL_REQUESTS_H
#define API_DETAIL_REQUESTS_H

#include "api/context.h"

struct detail_requests;

/* Both are borrowed. NULL: no memory. */
struct detail_requests *detail_requests_create(struct loop *loop,
                                               const struct market_source *source);
void detail_requests_destroy(struct detail_requests *requests); /* completes those that wait */

enum web_action detail_requests_answer(struct detail_requests *requests,
                                       const struct api_call *call);

#endif
