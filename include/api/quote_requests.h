/*
 * quote_requests: requests for the present quote (rest/marketdata/get).
 *
 * A quote that is recorded is answered at once. A product that is taken up for the client
 * (struct source_demand) is answered when its first data arrive, when the broker refuses it, or
 * with an error after QUOTE_REQUESTS_WAIT_MS. Owns the requests that wait.
 */
#ifndef API_QUOTE_REQUESTS_H
#define API_QUOTE_REQUESTS_H

#include "api/context.h"

#include <stdbool.h>
#include <stdint.h>

#define QUOTE_REQUESTS_WAIT_MS 10000
#define QUOTE_REQUESTS_MAX     1000 /* that wait; further ones get the error at once */

struct quote_requests;

/* Both are borrowed. NULL: no memory. */
struct quote_requests *quote_requests_create(struct loop *loop, const struct market_source *source);
void quote_requests_destroy(struct quote_requests *requests); /* completes those that wait */

enum web_action quote_requests_answer(struct quote_requests *requests, const struct api_call *call);

/* Whether one of them waits for this instrument. */
bool quote_requests_has(const struct quote_requests *requests, int32_t instrument);
/* The first data of the instrument have arrived; or the broker refuses it. */
void quote_requests_tried(struct quote_requests *requests, int32_t instrument, bool has_data);

#endif
