#include "serve/primary_api.h"

#include "support/headers.h"
#include "support/t.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/num.h"

#define TOKEN       "3q2+7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs="
#define MIDNIGHT_NS (INT64_C(1795057200) * NS_PER_S) /* 2026-11-19 00:00 in Argentina */

/* --- market source ---------------------------------------------------------------------------- */

enum { FUTURE, BOND, SILENT, ITEMS };

static const struct instrument items[ITEMS] = {
    {.market_id = "ROFX", .symbol = "DLR/NOV26", .segment = "DDF", .cfi_code = "FXXXSX"},
    {.market_id = "ROFX",
     .symbol = "MERV - XMEV - AL30 - 24hs",
     .segment = "MERV",
     .cfi_code = "DBXXXX"},
    {.market_id = "ROFX", .symbol = "DLR/DIC26", .segment = "DDF", .cfi_code = "FXXXSX"},
};

static int32_t item_count(void *self)
{
    (void)self;
    return ITEMS;
}

static int32_t item_find(void *self, const char *market_id, const char *symbol)
{
    (void)self;
    for (int32_t i = 0; i < ITEMS; i++) {
        if (strcmp(items[i].market_id, market_id) == 0 && strcmp(items[i].symbol, symbol) == 0)
            return i;
    }
    return -1;
}

static const struct instrument *item_instrument(void *self, int32_t index)
{
    (void)self;
    return &items[index];
}

static const struct quote *item_quote(void *self, int32_t index)
{
    static struct quote q;
    (void)self;
    q = quote_none();
    if (index == SILENT)
        return &q;
    for (int i = 0; i < 6; i++) {
        q.bids.level[i] = (struct level){1601.5 - 0.5 * i, 10 + i};
        q.offers.level[i] = (struct level){1602.5 + 0.5 * i, 30 + i};
    }
    q.bids.count = q.offers.count = 6;
    q.last_price = 1602;
    q.last_size = 5;
    q.ts_last = INT64_C(1795096978117000000);
    q.trade_volume = 45120;
    return &q;
}

static enum encode_empty item_empty(void *self, int32_t index)
{
    (void)self;
    return index == BOND ? EMPTY_ABSENT : EMPTY_LIST;
}

static void item_trades(void *self, const struct source_period *period, source_trade_fn *fn,
                        void *arg)
{
    const struct source_trade trade = {1602, 5, MIDNIGHT_NS + 1};
    (void)self;
    if (period->instrument == FUTURE && trade.ts >= period->from && trade.ts < period->to)
        fn(arg, &trade);
}

static const struct market_source source = {.count = item_count,
                                            .find = item_find,
                                            .instrument = item_instrument,
                                            .quote = item_quote,
                                            .empty = item_empty,
                                            .trades = item_trades};

/* --- authentication --------------------------------------------------------------------------- */

static int logouts;

static bool login(void *self, const char *user, const char *password, char *token, size_t size)
{
    (void)self;
    if (strcmp(user, "alice") != 0 || strcmp(password, "s3cret") != 0)
        return false;
    snprintf(token, size, "%s", TOKEN);
    return true;
}

static bool valid(void *self, const char *token)
{
    (void)self;
    return strcmp(token, TOKEN) == 0;
}

static void logout(void *self)
{
    (void)self;
    logouts++;
}

static const struct api_auth auth = {NULL, login, valid, logout};

/* --- requests --------------------------------------------------------------------------------- */

struct asking {
    struct json_parser *parser;
    struct web_answer answer;
};

static struct web_request get(const char *path)
{
    static struct t_header headers[] = {{"x-auth-token", TOKEN}, {0}};
    return (struct web_request){.path = path, .header = t_find_header, .self = headers};
}

static void count_params(struct web_request *request)
{
    while (request->params_count < WEB_PARAMS_MAX && request->params[request->params_count].name)
        request->params_count++;
}

static void ask(struct asking *a, const struct web_request *request)
{
    api_answer(&source, &auth, request, &a->answer);
    t_true(!buf_failed(&a->answer.body));
}

static const struct json *body(struct asking *a)
{
    struct err why = {0};
    const struct buf *text = &a->answer.body;
    const struct json *root = json_parse(a->parser, buf_text(text), text->len_bytes, &why);
    if (!root)
        fail_msg("%s: %s: %s", t_row_name, why.text, buf_text(text));
    return root;
}

/* The value at a path as "instruments.0.symbol", as text: a string unchanged, "null", "absent",
 * "[2]", "{}". */
static const char *shown(const struct json *value, const char *place)
{
    static char text[256];
    char key[64];
    double number;
    int count = 0;
    while (*place) {
        size_t len = strcspn(place, ".");
        snprintf(key, sizeof(key), "%.*s", (int)len, place);
        if (json_type(value) == JSON_ARRAY) {
            value = json_first(value);
            for (int n = key[0] - '0'; n > 0; n--)
                value = json_next(value);
        } else {
            value = json_get(value, key);
        }
        place += len + (place[len] == '.');
    }
    for (const struct json *v = json_first(value); v; v = json_next(v))
        count++;
    switch (json_type(value)) {
    case JSON_ABSENT:
        return "absent";
    case JSON_NULL:
        return "null";
    case JSON_BOOL:
        return "bool";
    case JSON_STRING:
        return json_string(value);
    case JSON_NUMBER:
        t_true(json_number(value, &number));
        return num_text(text, number);
    case JSON_ARRAY:
        snprintf(text, sizeof(text), "[%d]", count);
        return text;
    case JSON_OBJECT:
        snprintf(text, sizeof(text), "{%d}", count);
        return text;
    }
    return "";
}

#define ROFX                                                                                       \
    {                                                                                              \
        "marketId", "ROFX"                                                                         \
    }
#define NOV                                                                                        \
    {                                                                                              \
        "symbol", "DLR/NOV26"                                                                      \
    }
#define DIC                                                                                        \
    {                                                                                              \
        "symbol", "DLR/DIC26"                                                                      \
    }
#define AL30                                                                                       \
    {                                                                                              \
        "symbol", "MERV - XMEV - AL30 - 24hs"                                                      \
    }
#define MD      "rest/marketdata/get"
#define TRADES  "rest/data/getTrades"
#define DETAIL  "rest/instruments/detail"
#define BY_CFI  "rest/instruments/byCFICode"
#define BY_SEG  "rest/instruments/bySegment"
#define INVALID "Invalid URL"

static void answers_follow_the_protocol(void **state)
{
    static const struct row {
        const char *name, *path;
        struct web_param params[6];
        const char *place, *value;
    } rows[] = {
        /* clang-format off */
        {"market data",       MD, {ROFX, NOV, {"entries", "BI,LA"}}, "status", "OK"},
        {"market data, bids", MD, {ROFX, NOV, {"entries", "BI,LA"}}, "marketData.BI.0.price", "1601.5"},
        {"market data, last", MD, {ROFX, NOV, {"entries", "BI,LA"}}, "marketData.LA.date", "1795096978117"},
        {"only what is requested", MD, {ROFX, NOV, {"entries", "BI,LA"}}, "marketData", "{2}"},
        {"aggregated",        MD, {ROFX, NOV, {"entries", "BI"}}, "aggregated", "bool"},
        {"no depth is 1",     MD, {ROFX, NOV, {"entries", "BI"}}, "marketData.BI", "[1]"},
        {"no depth, depth",   MD, {ROFX, NOV, {"entries", "BI"}}, "depth", "1"},
        {"depth 3",           MD, {ROFX, NOV, {"entries", "BI"}, {"depth", "3"}}, "marketData.BI", "[3]"},
        {"depth 3, depth",    MD, {ROFX, NOV, {"entries", "BI"}, {"depth", "3"}}, "depth", "3"},
        {"depth 5",           MD, {ROFX, NOV, {"entries", "OF"}, {"depth", "5"}}, "marketData.OF", "[5]"},
        {"depth 6 gives 5",   MD, {ROFX, NOV, {"entries", "OF"}, {"depth", "6"}}, "marketData.OF", "[5]"},
        {"depth 6, depth", MD, {ROFX, NOV, {"entries", "OF"}, {"depth", "6"}}, "depth", "5"},
        {"depth beyond long", MD, {ROFX, NOV, {"entries", "OF"}, {"depth", "99999999999999999999"}}, "depth", "5"},
        {"depth 0 gives 1",   MD, {ROFX, NOV, {"entries", "OF"}, {"depth", "0"}}, "depth", "1"},
        {"depth -3 gives 1",  MD, {ROFX, NOV, {"entries", "OF"}, {"depth", "-3"}}, "depth", "1"},
        {"depth not a number", MD, {ROFX, NOV, {"entries", "OF"}, {"depth", "all"}}, "depth", "1"},
        {"empty depth",       MD, {ROFX, NOV, {"entries", "OF"}, {"depth", ""}}, "depth", "1"},
        {"an unknown entry empties all", MD, {ROFX, NOV, {"entries", "BI,OF,WA,LA"}}, "marketData", "{0}"},
        {"and is no error", MD, {ROFX, NOV, {"entries", "BI,OF,WA,LA"}}, "status", "OK"},
        {"lower case is unknown", MD, {ROFX, NOV, {"entries", "bi"}}, "marketData", "{0}"},
        {"an empty entry is unknown", MD, {ROFX, NOV, {"entries", "BI,,LA"}}, "marketData", "{0}"},
        {"no entries at all", MD, {ROFX, NOV, {"entries", ""}}, "marketData", "{0}"},
        {"an entry twice",    MD, {ROFX, NOV, {"entries", "LA,LA"}}, "marketData", "{1}"},
        {"no value, []", MD, {ROFX, DIC, {"entries", "BI,LA"}}, "marketData.BI", "[0]"},
        {"no value, null", MD, {ROFX, DIC, {"entries", "BI,LA"}}, "marketData.LA", "null"},
        {"no value, absent", MD, {ROFX, AL30, {"entries", "BI,OP"}}, "marketData.OP", "absent"},
        {"other parameters are ignored", MD, {{"level", "1"}, ROFX, AL30, {"entries", "TV"}, {"x", ""}},
         "marketData.TV", "45120"},
        {"a repeated parameter", MD, {ROFX, NOV, {"entries", "LA"}, {"entries", "BI"}}, "marketData.BI", "absent"},

        {"market data, no symbol", MD, {ROFX, {"entries", "BI"}}, "description", "Parameter 'symbol' not found"},
        {"market data, no market", MD, {NOV, {"entries", "BI"}}, "description", "Parameter 'marketId' not found"},
        {"market data, no entries", MD, {ROFX, NOV}, "description", "Parameter 'entries' not found"},
        {"no parameters",     MD, {{0}}, "status", "ERROR"},
        {"an unknown symbol", MD, {ROFX, {"symbol", "FOO/BAR"}, {"entries", "BI"}}, "description",
         "Security FOO/BAR:ROFX doesn't exist"},
        {"unknown symbol, message", MD, {ROFX, {"symbol", "FOO/BAR"}, {"entries", "BI"}}, "message", "null"},
        {"an empty symbol",   MD, {ROFX, {"symbol", ""}, {"entries", "BI"}}, "description",
         "Security :ROFX doesn't exist"},
        {"another market",    MD, {{"marketId", "MERV"}, NOV, {"entries", "BI"}}, "description",
         "Security DLR/NOV26:MERV doesn't exist"},
        {"a quote in the symbol", MD, {ROFX, {"symbol", "\"\\\n"}, {"entries", "BI"}}, "description",
         "Security \"\\\n:ROFX doesn't exist"},

        {"trades",            TRADES, {ROFX, NOV, {"date", "2026-11-19"}}, "trades.0.servertime", "1795057200000"},
        {"trades, symbol",    TRADES, {ROFX, NOV, {"date", "2026-11-19"}}, "symbol", "DLR/NOV26"},
        {"trades, market",    TRADES, {ROFX, NOV, {"date", "2026-11-19"}}, "market", "ROFX"},
        {"trades of days",    TRADES, {ROFX, NOV, {"dateFrom", "2026-11-18"}, {"dateTo", "2026-11-20"}},
         "trades", "[1]"},
        {"no trades that day", TRADES, {ROFX, NOV, {"date", "2026-11-20"}}, "trades", "[0]"},
        {"no trades at all",  TRADES, {ROFX, DIC, {"date", "2026-11-19"}, {"external", "true"}}, "trades", "[0]"},
        {"trades, no date",   TRADES, {ROFX, NOV}, "description", "Parameter 'date' not found"},
        {"trades, no dateTo", TRADES, {ROFX, NOV, {"dateFrom", "2026-11-19"}}, "status", "ERROR"},
        {"trades, invalid date", TRADES, {ROFX, NOV, {"date", "yesterday"}}, "status", "ERROR"},
        {"trades, unknown symbol", TRADES, {ROFX, {"symbol", "X"}, {"date", "2026-11-19"}}, "description",
         "Security X:ROFX doesn't exist"},

        {"segments",          "rest/segment/all", {{0}}, "segments", "[2]"},
        {"a segment",         "rest/segment/all", {{0}}, "segments.1.marketSegmentId", "MERV"},
        {"instruments",       "rest/instruments/all", {{0}}, "instruments", "[3]"},
        {"an instrument",     "rest/instruments/all", {{0}}, "instruments.2.instrumentId.symbol", "DLR/DIC26"},
        {"an instrument, code", "rest/instruments/all", {{0}}, "instruments.2.cficode", "FXXXSX"},
        {"details",           "rest/instruments/details", {{0}}, "instruments", "[3]"},
        {"details, symbol",   "rest/instruments/details", {{0}}, "instruments.0.symbol", "null"},
        {"details, id",       "rest/instruments/details", {{0}}, "instruments.0.instrumentId.symbol", "DLR/NOV26"},
        {"detail",            DETAIL, {ROFX, AL30}, "instrument.segment.marketSegmentId", "MERV"},
        {"detail, status",    DETAIL, {ROFX, AL30}, "status", "OK"},
        {"detail, no symbol", DETAIL, {ROFX}, "description", "Parameter 'symbol' not found"},
        {"detail, unknown",   DETAIL, {ROFX, {"symbol", "X"}}, "description", "Security X:ROFX doesn't exist"},
        {"by code",           BY_CFI, {{"CFICode", "FXXXSX"}}, "instruments", "[2]"},
        {"by code, flat",     BY_CFI, {{"CFICode", "DBXXXX"}}, "instruments.0.symbol", "MERV - XMEV - AL30 - 24hs"},
        {"by code, fields",   BY_CFI, {{"CFICode", "DBXXXX"}}, "instruments.0", "{2}"},
        {"by unknown code",   BY_CFI, {{"CFICode", "?"}}, "instruments", "[0]"},
        {"unknown code, status", BY_CFI, {{"CFICode", "?"}}, "status", "OK"},
        {"by no code",        BY_CFI, {{0}}, "description", "Parameter 'CFICode' not found"},
        {"by code, lower case", BY_CFI, {{"cficode", "FXXXSX"}}, "description", "Parameter 'CFICode' not found"},
        {"by segment",        BY_SEG, {{"MarketSegmentID", "DDF"}, {"MarketID", "ROFX"}}, "instruments", "[2]"},
        {"by unknown segment", BY_SEG, {{"MarketSegmentID", "MAE"}}, "description", "Segment MAE:ROFX doesn't exist"},
        {"unknown segment, list", BY_SEG, {{"MarketSegmentID", "MAE"}}, "instruments", "absent"},
        {"by no segment",     BY_SEG, {{0}}, "description", "Parameter 'MarketSegmentID' not found"},
        {"accounts",          "rest/accounts", {{0}}, "accounts.0.status", "bool"},

        {"no path",           "", {{0}}, "description", INVALID},
        {"unknown path",      "rest/marketdata", {{0}}, "description", INVALID},
        {"trailing slash",    "rest/marketdata/get/", {ROFX, NOV, {"entries", "BI"}}, "description", INVALID},
        {"path in upper case", "REST/MARKETDATA/GET", {ROFX, NOV, {"entries", "BI"}}, "description", INVALID},
        {"invalid, status",   "rest/nothing", {{0}}, "status", "ERROR"},
        /* clang-format on */
    };
    struct asking *a = *state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct web_request request = get(rows[i].path);
        t_row(rows[i].name);
        memcpy(request.params, rows[i].params, sizeof(rows[i].params));
        count_params(&request);
        ask(a, &request);
        t_int(a->answer.status, 200);
        t_contains(a->answer.content_type, "application/json");
        t_str(web_answer_header(&a->answer, "x-auth-token"), NULL);
        t_str(shown(body(a), rows[i].place), rows[i].value);
    }
}

static void parameters_are_found_by_their_exact_name(void **state)
{
    const struct web_request request = {.params = {{"a", "1"}, {"b", ""}, {"a", "2"}, {"c", "3"}},
                                        .params_count = 3};
    (void)state;
    t_str(web_param(&request, "a"), "1");
    t_str(web_param(&request, "b"), "");
    t_str(web_param(&request, "A"), NULL);
    t_str(web_param(&request, "c"), NULL); /* after the last parameter */
    t_str(web_param(&request, ""), NULL);
}

static void long_names_are_truncated(void **state)
{
    static char name[2000];
    struct asking *a = *state;
    memset(name, 'S', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    const struct row {
        const char *path;
        struct web_param params[3];
    } rows[] = {
        {MD, {{"symbol", name}, {"marketId", name}, {"entries", "BI"}}},
        {MD, {{"symbol", "DLR/NOV26"}, {"marketId", "ROFX"}, {"entries", name}}},
        {BY_SEG, {{"MarketSegmentID", name}}},
        {BY_CFI, {{"CFICode", name}}},
        {name, {{0}}},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct web_request request = get(rows[i].path);
        t_row(rows[i].path);
        memcpy(request.params, rows[i].params, sizeof(rows[i].params));
        count_params(&request);
        ask(a, &request);
        body(a);
        t_true(a->answer.body.len_bytes < 500);
    }
}

/* --- logging in and out ----------------------------------------------------------------------- */

static void a_post_to_rest_is_an_invalid_url(void **state)
{
    static const char *const paths[] = {MD,
                                        TRADES,
                                        DETAIL,
                                        BY_CFI,
                                        BY_SEG,
                                        "rest/segment/all",
                                        "rest/instruments/all",
                                        "rest/instruments/details",
                                        "rest/accounts",
                                        "rest/nothing"};
    struct asking *a = *state;
    for (size_t i = 0; i < T_COUNT(paths); i++) {
        struct web_request request = get(paths[i]);
        t_row(paths[i]);
        request.post = true;
        ask(a, &request);
        t_int(a->answer.status, 200);
        t_str(shown(body(a), "description"), INVALID);
    }
}

static void requests_without_a_valid_token_are_refused(void **state)
{
    static const char *const paths[] = {MD,
                                        TRADES,
                                        "rest/segment/all",
                                        "rest/instruments/all",
                                        "rest/accounts",
                                        "rest/nothing",
                                        "",
                                        "auth/removeToken",
                                        "auth/other"};
    static const char *const tokens[] = {"", "x", (TOKEN "="), (" " TOKEN), "3Q2+7W"};
    struct asking *a = *state;
    logouts = 0;
    for (size_t i = 0; i < T_COUNT(paths); i++) {
        for (size_t n = 0; n < T_COUNT(tokens); n++) {
            struct web_request request = get(paths[i]);
            t_row(paths[i]);
            struct t_header headers[] = {{"X-Auth-Token", tokens[n]}, {0}};
            request.self = headers;
            ask(a, &request);
            t_int(a->answer.status, 401);
            t_str(buf_text(&a->answer.body), "{\"status\":\"ERROR\",\"message\":\"Unauthorized\"}");
        }
    }
    t_int(logouts, 0);
}

static void logins(void **state)
{
    static const struct row {
        const char *name, *user, *password, *token_before;
        bool post;
        int status;
        const char *token, *text;
    } rows[] = {
        /* clang-format off */
        {"right",            "alice", "s3cret",  "",    true,  200, TOKEN, ""},
        {"right, old token", "alice", "s3cret",  "old", true,  200, TOKEN, ""},
        {"wrong password",   "alice", "secret",  "",    true,  401, NULL,
         "{\"status\":\"ERROR\",\"message\":\"Unauthorized\"}"},
        {"wrong, good token", "alice", "secret", TOKEN, true,  401, NULL,
         "{\"status\":\"ERROR\",\"message\":\"Unauthorized\"}"},
        {"wrong user",       "Alice", "s3cret",  "",    true,  401, NULL,
         "{\"status\":\"ERROR\",\"message\":\"Unauthorized\"}"},
        {"no headers",       "",      "",        "",    true,  401, NULL,
         "{\"status\":\"ERROR\",\"message\":\"Unauthorized\"}"},
        {"GET",              "alice", "s3cret",  "",    false, 405, NULL, ""},
        /* clang-format on */
    };
    struct asking *a = *state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct web_request request = get("auth/getToken");
        t_row(rows[i].name);
        request.post = rows[i].post;
        struct t_header headers[] = {{"X-Username", rows[i].user},
                                     {"X-Password", rows[i].password},
                                     {"X-Auth-Token", rows[i].token_before},
                                     {0}};
        request.self = headers;
        ask(a, &request);
        t_int(a->answer.status, rows[i].status);
        t_str(web_answer_header(&a->answer, "X-Auth-Token"), rows[i].token);
        t_str(buf_text(&a->answer.body), rows[i].text);
    }
}

static void remove_token_calls_logout_once(void **state)
{
    struct asking *a = *state;
    struct web_request request = get("auth/removeToken");
    logouts = 0;
    ask(a, &request);
    t_int(a->answer.status, 200);
    t_str(buf_text(&a->answer.body), "{\"status\":\"OK\"}");
    t_int(logouts, 1);
}

/* --- web_put and api_error -------------------------------------------------------------------- */

static void dirty(struct web_answer *answer)
{
    answer->status = 500;
    answer->content_type = "text/html";
    t_int(web_add_header(answer, "location", "/login"), 0);
    t_int(web_add_header(answer, "retry-after", "7"), 0);
    buf_puts(&answer->body, "of before");
}

static void check_clean(const struct web_answer *answer)
{
    t_str(web_answer_header(answer, "location"), NULL);
    t_str(web_answer_header(answer, "retry-after"), NULL);
    t_true(!strstr(buf_text(&answer->body), "before"));
}

static void an_earlier_answer_is_replaced(void **state)
{
    struct asking *a = *state;
    struct web_request wrong = get("auth/getToken"), unknown = get("x"), list = get(BY_CFI);
    wrong.post = true;

    t_row("api_put");
    dirty(&a->answer);
    web_put(&a->answer, 204, "text/plain", "new");
    check_clean(&a->answer);
    t_int(a->answer.status, 204);
    t_str(a->answer.content_type, "text/plain");
    t_str(buf_text(&a->answer.body), "new");

    t_row("api_error");
    dirty(&a->answer);
    api_error(&a->answer, "it's \"wrong\"\n");
    check_clean(&a->answer);
    t_int(a->answer.status, 200);
    t_str(shown(body(a), "description"), "it's \"wrong\"\n");
    t_str(shown(body(a), "status"), "ERROR");

    const struct web_request *const requests[] = {&wrong, &unknown, &list};
    for (size_t i = 0; i < T_COUNT(requests); i++) {
        t_row(requests[i]->path);
        dirty(&a->answer);
        ask(a, requests[i]);
        check_clean(&a->answer);
        body(a);
    }
}

static void a_failed_body_can_be_used_again(void **state)
{
    struct asking *a = *state;
    struct buf kept = a->answer.body;
    buf_init(&a->answer.body, 64);
    t_true(buf_printf(&a->answer.body, "%100d", 1) != 0);
    web_put(&a->answer, 200, "text/plain", "fits");
    t_true(!buf_failed(&a->answer.body));
    t_str(buf_text(&a->answer.body), "fits");
    buf_finish(&a->answer.body);
    a->answer.body = kept;
}

static int make(void **state)
{
    static struct asking asking;
    asking.parser = json_parser_create();
    web_answer_init(&asking.answer);
    *state = &asking;
    return asking.parser ? 0 : -1;
}

static int drop(void **state)
{
    struct asking *a = *state;
    json_parser_destroy(a->parser);
    web_answer_finish(&a->answer);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_follow_the_protocol),
        cmocka_unit_test(parameters_are_found_by_their_exact_name),
        cmocka_unit_test(long_names_are_truncated),
        cmocka_unit_test(a_post_to_rest_is_an_invalid_url),
        cmocka_unit_test(requests_without_a_valid_token_are_refused),
        cmocka_unit_test(logins),
        cmocka_unit_test(remove_token_calls_logout_once),
        cmocka_unit_test(an_earlier_answer_is_replaced),
        cmocka_unit_test(a_failed_body_can_be_used_again),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
