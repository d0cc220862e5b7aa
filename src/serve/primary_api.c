#include "serve/primary_api.h"

#include "base/json_write.h"
#include "primary/instrument_encode.h"
#include "serve/reference_json.h"
#include "serve/trades_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JSON_TYPE   "application/json;charset=UTF-8"
#define DEPTH_MAX   5
#define TOKEN_BYTES 256

void api_error(struct web_answer *answer, const char *description)
{
    web_put(answer, 200, JSON_TYPE, "{\"status\":\"ERROR\",\"description\":");
    json_put_string(&answer->body, description);
    buf_puts(&answer->body, ",\"message\":null}");
}

static void missing(struct web_answer *answer, const char *name)
{
    char words[64];
    snprintf(words, sizeof(words), "Parameter '%s' not found", name);
    api_error(answer, words);
}

void api_unknown(struct web_answer *answer, const char *market_id, const char *symbol)
{
    char words[256];
    snprintf(words, sizeof(words), "Security %.128s:%.16s doesn't exist", symbol, market_id);
    api_error(answer, words);
}

/* The instrument named in the request, or -1 with the answer set. */
static int32_t find_named(const struct market_source *source, const struct web_request *request,
                          struct web_answer *answer, bool obtain)
{
    const char *symbol = web_param(request, "symbol");
    const char *market_id = web_param(request, "marketId");
    if (!symbol || !market_id) {
        missing(answer, symbol ? "marketId" : "symbol");
        return -1;
    }
    int32_t index = obtain ? source_obtain(source, market_id, symbol)
                           : source->find(source->self, market_id, symbol);
    if (index < 0)
        api_unknown(answer, market_id, symbol);
    return index;
}

static int32_t named(const struct market_source *source, const struct web_request *request,
                     struct web_answer *answer)
{
    return find_named(source, request, answer, false);
}

/* --- market data ------------------------------------------------------------------------------ */

/* One unknown code makes the answer empty for all entries, as at the broker. */
static uint32_t parse_entries(const struct market_source *source, const char *text)
{
    uint32_t entries = 0;
    while (*text) {
        size_t len = strcspn(text, ",");
        uint32_t entry = source_entry(source, text, len);
        if (entry == 0)
            return 0;
        entries |= entry;
        text += len + (text[len] == ',');
    }
    return entries;
}

static int granted_depth(const struct web_request *request)
{
    const char *text = web_param(request, "depth");
    long depth = text ? strtol(text, NULL, 10) : 1;
    return depth < 1 ? 1 : depth > DEPTH_MAX ? DEPTH_MAX : (int)depth;
}

bool api_quote_parse(const struct market_source *source, const struct web_request *request,
                     struct web_answer *answer, struct api_quote *out)
{
    const char *entries = web_param(request, "entries");
    *out = (struct api_quote){.index = find_named(source, request, answer, entries != NULL),
                              .entries = entries ? parse_entries(source, entries) : 0,
                              .depth = granted_depth(request)};
    if (out->index >= 0 && !entries)
        missing(answer, "entries");
    return out->index >= 0 && entries;
}

void api_quote_answer(const struct market_source *source, const struct api_quote *quote,
                      struct web_answer *answer)
{
    web_put(answer, 200, JSON_TYPE, "{\"status\":\"OK\",\"marketData\":");
    encode_market_data(&answer->body, source->quote(source->self, quote->index), quote->entries,
                       quote->depth, source->empty(source->self, quote->index));
    buf_printf(&answer->body, ",\"depth\":%d,\"aggregated\":true}", quote->depth);
}

static void market_data(const struct market_source *source, const struct web_request *request,
                        struct web_answer *answer)
{
    struct api_quote quote;
    if (api_quote_parse(source, request, answer, &quote))
        api_quote_answer(source, &quote, answer);
}

bool api_trades_parse(const struct market_source *source, const struct web_request *request,
                      struct web_answer *answer, struct api_trades *out)
{
    out->index = named(source, request, answer);
    if (out->index < 0)
        return false;
    if (trades_range(web_param(request, "date"), web_param(request, "dateFrom"),
                     web_param(request, "dateTo"), &out->from, &out->to))
        return true;
    missing(answer, "date");
    return false;
}

static void trades(const struct market_source *source, const struct web_request *request,
                   struct web_answer *answer)
{
    struct api_trades asked;
    if (!api_trades_parse(source, request, answer, &asked))
        return;
    if (!source->trades) {
        api_error(answer, "Historic trades are not available here");
        return;
    }
    web_put(answer, 200, JSON_TYPE, "");
    trades_json(&answer->body, source, asked.index, asked.from, asked.to);
}

/* --- reference data --------------------------------------------------------------------------- */

static void instrument_detail(const struct market_source *source, const struct web_request *request,
                              struct web_answer *answer)
{
    int32_t index = named(source, request, answer);
    if (index < 0)
        return;
    web_put(answer, 200, JSON_TYPE, "{\"status\":\"OK\",\"instrument\":");
    instrument_encode(&answer->body, source->instrument(source->self, index));
    buf_puts(&answer->body, "}");
}

static void by_cfi_code(const struct market_source *source, const struct web_request *request,
                        struct web_answer *answer)
{
    const char *code = web_param(request, "CFICode");
    if (!code) {
        missing(answer, "CFICode");
        return;
    }
    web_put(answer, 200, JSON_TYPE, "");
    reference_json_flat(&answer->body, source, code, NULL);
}

static void by_segment(const struct market_source *source, const struct web_request *request,
                       struct web_answer *answer)
{
    char words[96];
    const char *segment = web_param(request, "MarketSegmentID");
    if (!segment) {
        missing(answer, "MarketSegmentID");
        return;
    }
    web_put(answer, 200, JSON_TYPE, "");
    if (reference_json_flat(&answer->body, source, NULL, segment) > 0 ||
        (source->has_segment && source->has_segment(source->self, segment)))
        return;
    snprintf(words, sizeof(words), "Segment %.32s:ROFX doesn't exist", segment);
    api_error(answer, words);
}

static void segments(const struct market_source *source, const struct web_request *request,
                     struct web_answer *answer)
{
    (void)request;
    web_put(answer, 200, JSON_TYPE, "");
    reference_json_segments(&answer->body, source);
}

static void instruments(const struct market_source *source, const struct web_request *request,
                        struct web_answer *answer)
{
    (void)request;
    web_put(answer, 200, JSON_TYPE, "");
    reference_json_all(&answer->body, source);
}

static void instruments_details(const struct market_source *source,
                                const struct web_request *request, struct web_answer *answer)
{
    (void)request;
    web_put(answer, 200, JSON_TYPE, "");
    reference_json_details(&answer->body, source);
}

static void accounts(const struct market_source *source, const struct web_request *request,
                     struct web_answer *answer)
{
    (void)source;
    (void)request;
    web_put(answer, 200, JSON_TYPE,
            "{\"status\":\"OK\",\"accounts\":[{\"id\":1,\"name\":\"DEMO1\",\"brokerId\":1,"
            "\"status\":true}]}");
}

/* --- authentication and routing --------------------------------------------------------------- */

static void unauthorized(struct web_answer *answer)
{
    web_put(answer, 401, JSON_TYPE, "{\"status\":\"ERROR\",\"message\":\"Unauthorized\"}");
}

static void get_token(const struct api_auth *auth, const struct web_request *request,
                      struct web_answer *answer)
{
    char token[TOKEN_BYTES];
    web_put(answer, 200, "text/plain", "");
    if (!auth->login(auth->self, web_header(request, "X-Username"),
                     web_header(request, "X-Password"), token, sizeof(token)))
        unauthorized(answer);
    else if (web_add_header(answer, "x-auth-token", token))
        web_put(answer, 500, JSON_TYPE, "{\"status\":\"ERROR\"}");
}

typedef void endpoint_fn(const struct market_source *source, const struct web_request *request,
                         struct web_answer *answer);

static endpoint_fn *find_endpoint(const char *path)
{
    static const struct {
        const char *path;
        endpoint_fn *fn;
    } endpoints[] = {
        {"rest/marketdata/get", market_data},
        {"rest/data/getTrades", trades},
        {"rest/segment/all", segments},
        {"rest/instruments/all", instruments},
        {"rest/instruments/details", instruments_details},
        {"rest/instruments/detail", instrument_detail},
        {"rest/instruments/byCFICode", by_cfi_code},
        {"rest/instruments/bySegment", by_segment},
        {"rest/accounts", accounts},
    };
    for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++) {
        if (strcmp(endpoints[i].path, path) == 0)
            return endpoints[i].fn;
    }
    return NULL;
}

void api_answer(const struct market_source *source, const struct api_auth *auth,
                const struct web_request *request, struct web_answer *answer)
{
    if (request->preflight) {
        web_put(answer, 405, JSON_TYPE, "");
        return;
    }
    if (strcmp(request->path, "auth/getToken") == 0) {
        if (request->post)
            get_token(auth, request, answer);
        else
            web_put(answer, 405, JSON_TYPE, "");
        return;
    }
    if (!auth->valid(auth->self, web_header(request, "X-Auth-Token"))) {
        unauthorized(answer);
        return;
    }
    if (strcmp(request->path, "auth/removeToken") == 0) {
        auth->logout(auth->self);
        web_put(answer, 200, JSON_TYPE, "{\"status\":\"OK\"}");
        return;
    }
    endpoint_fn *endpoint = find_endpoint(request->path);
    if (endpoint && !request->post)
        endpoint(source, request, answer);
    else
        api_error(answer, "Invalid URL");
}
