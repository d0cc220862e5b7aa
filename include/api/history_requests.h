/*
 * history_requests: the requests for recorded data, answered later by the history reader.
 */
#ifndef API_HISTORY_REQUESTS_H
#define API_HISTORY_REQUESTS_H

#include "api/context.h"

/* rest/data/getTrades, in the broker's dialect: the trades that were recorded. */
enum web_action history_requests_trades(const struct api_call *call);
/* chart?symbol=S[&marketId=M]: the present day in Argentina, for the live page. */
enum web_action history_requests_chart(const struct api_call *call);

#endif
