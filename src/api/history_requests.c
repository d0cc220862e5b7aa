#include "api/history_requests.h"

#include "api/history_reader.h"
#include "base/clock.h"
#include "base/json_write.h"
#include "primary/request.h"

#include <stdio.h>

#define JSON_TYPE "application/json;charset=UTF-8"

static enum web_action defer(const struct api_call *call, const struct history_request *request)
{
    web_put(call->answer, 200, JSON_TYPE, "");
    struct deferred *deferred = http_connection_defer(call->connection);
    if (!deferred) {
        web_put(call->answer, 503, JSON_TYPE, "{\"status\":\"ERROR\"}");
        return WEB_SEND;
    }
    history_reader_add(call->context->history, request, deferred);
    return WEB_SEND;
}

enum web_action history_requests_trades(const struct api_call *call)
{
    const struct market_source *source = call->context->source;
    struct api_trades asked;
    if (call->request->post) {
        api_error(call->answer, "Invalid URL");
        return WEB_SEND;
    }
    if (!api_trades_parse(source, call->request, call->answer, &asked))
        return WEB_SEND;
    const struct instrument *instrument = source->instrument(source->self, asked.index);
    const struct history_request request = {.subject = HISTORY_TRADES,
                                            .market_id = instrument->market_id,
                                            .symbol = instrument->symbol,
                                            .from = asked.from,
                                            .to = asked.to};
    return defer(call, &request);
}

static enum web_action unknown(const struct api_call *call, const char *market_id,
                               const char *symbol)
{
    char words[256];
    snprintf(words, sizeof(words), "%.16s '%.128s' is not recorded", market_id, symbol);
    web_put(call->answer, 404, JSON_TYPE, "{\"status\":\"ERROR\",\"description\":");
    json_put_string(&call->answer->body, words);
    buf_puts(&call->answer->body, ",\"message\":null}");
    return WEB_SEND;
}

enum web_action history_requests_chart(const struct api_call *call)
{
    const struct market_source *source = call->context->source;
    const char *symbol = web_param(call->request, "symbol");
    const char *market_id = web_param(call->request, "marketId");
    int64_t now = loop_now(call->context->loop).wall_ns;
    if (!symbol)
        symbol = "";
    if (!market_id)
        market_id = REQUEST_MARKET_ROFX;
    int32_t index = source->find(source->self, market_id, symbol);
    if (index < 0)
        return unknown(call, market_id, symbol);
    const struct instrument *instrument = source->instrument(source->self, index);
    const struct history_request request = {.subject = HISTORY_CHART,
                                            .market_id = instrument->market_id,
                                            .symbol = instrument->symbol,
                                            .from = art_day_begins_ns(art_day(now)),
                                            .to = art_next_day_ns(now)};
    return defer(call, &request);
}
