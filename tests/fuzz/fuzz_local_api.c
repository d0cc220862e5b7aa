/*
 * Arbitrary bytes as a request to the local API, as it is after libwebsockets has parsed it, one
 * part a line: path, Host, Origin, token, If-None-Match, Cookie, and the parameters as NAME=VALUE.
 * The first character is '+' for a POST, '-' for OPTIONS, '/' for a GET by a Unix socket.
 */
#include "api/admission.h"
#include "api/cookie_login.h"
#include "api/quote_csv.h"
#include "api/quote_match.h"
#include "api/routes.h"
#include "base/json.h"
#include "serve/live_page.h"
#include "support/fuzz.h"
#include "support/headers.h"

#include <string.h>

#define TOKEN "let+me-in"
#define LOCAL "192.0.2.5"

static const char *const hosts[] = {"quotes.example"};
static const char *const origins[] = {"https://app.example"};
static const struct access_rules rules = {
    .hosts = hosts, .origins = origins, .hosts_count = 1, .origins_count = 1, .token = TOKEN};

/* --- a source of one instrument --------------------------------------------------------------- */

static int32_t count(void *self)
{
    (void)self;
    return 1;
}

static int32_t find(void *self, const char *market_id, const char *symbol)
{
    (void)self;
    return strcmp(market_id, "ROFX") == 0 && strcmp(symbol, "DLR/DIC26") == 0 ? 0 : -1;
}

static const struct instrument *instrument(void *self, int32_t index)
{
    static const struct instrument one = {
        .market_id = "ROFX", .symbol = "DLR/DIC26", .segment = "DDF", .cfi_code = "FXXXSX"};
    (void)self;
    CHECK(index == 0);
    return &one;
}

static const struct quote *quote(void *self, int32_t index)
{
    static struct quote q;
    (void)self;
    CHECK(index == 0);
    q = quote_none();
    q.last_price = 1602;
    return &q;
}

static enum encode_empty empty(void *self, int32_t index)
{
    (void)self;
    CHECK(index == 0);
    return EMPTY_LIST;
}

static void trades(void *self, const struct source_period *period, source_trade_fn *fn, void *arg)
{
    (void)self;
    (void)fn;
    (void)arg;
    CHECK(period->instrument == 0 && period->from % 1000000000 == 0 &&
          period->to % 1000000000 == 0);
}

static const struct market_source source = {.count = count,
                                            .find = find,
                                            .instrument = instrument,
                                            .quote = quote,
                                            .empty = empty,
                                            .takes_tc = true,
                                            .trades = trades};

static bool login(void *self, const char *user, const char *password, char *token, size_t size)
{
    (void)self;
    (void)user;
    snprintf(token, size, "%s", TOKEN);
    return access_token(&rules, password);
}

static bool valid(void *self, const char *token)
{
    (void)self;
    (void)token;
    return true;
}

static void logout(void *self)
{
    (void)self;
}

static const struct api_auth auth = {.login = login, .valid = valid, .logout = logout};

/* --- checks ----------------------------------------------------------------------------------- */

static bool begins(const char *text, const char *with)
{
    return strncasecmp(text, with, strlen(with)) == 0;
}

/* An allowed host begins with an allowed name; then only its port may follow. */
static void check_host(const char *host)
{
    static const char *const names[] = {"localhost", "::1", LOCAL, "quotes.example"};
    size_t len = 0;
    host += *host == '[';
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        len = begins(host, names[i]) ? strlen(names[i]) : len;
    if (begins(host, "127."))
        len = 4;
    CHECK(len > 0);
    CHECK(strspn(host + len, "].:0123456789") == strlen(host + len));
}

static void check_origin(const char *origin, const char *host)
{
    const char *at = strstr(origin, "//");
    CHECK(*origin == '\0' || strcasecmp(origin, origins[0]) == 0 ||
          (at && strcasecmp(at + 2, host) == 0));
}

static int check_header(void *arg, const char *name, const char *value)
{
    (void)arg;
    CHECK(*name);
    for (; *value; value++)
        CHECK((unsigned char)*value >= ' ' || *value == '\t');
    return 0;
}

static void check_answer(const struct web_answer *answer)
{
    CHECK(answer->status >= 200 && answer->status < 600);
    CHECK(!buf_failed(&answer->headers) && !buf_failed(&answer->body));
    web_each_header(answer, check_header, NULL);
    if (answer->body.len_bytes == 0 || !strstr(answer->content_type, "json"))
        return;
    struct json_parser *parser = json_parser_create();
    CHECK(json_type(json_parse(parser, answer->body.data, answer->body.len_bytes, NULL)) ==
          JSON_OBJECT);
    json_parser_destroy(parser);
}

static void try_admission(const struct web_request *request)
{
    struct web_answer answer;
    const char *host = web_header(request, "Host"), *origin = web_header(request, "Origin");
    const char *token = web_header(request, "X-Auth-Token");
    web_answer_init(&answer);
    if (admission_check_place(&rules, request, &answer) == 0) {
        if (strcmp(request->local, "unix") != 0)
            check_host(host);
        check_origin(origin, host);
        admission_share(request, &answer);
        admission_preflight(request, &answer);
    } else {
        CHECK(answer.status == 403);
    }
    check_answer(&answer);
    web_answer_finish(&answer);
    web_answer_init(&answer);
    bool allowed = admission_check_token(&rules, request, &answer) == 0;
    CHECK(!*token || allowed == (strcmp(token, TOKEN) == 0));
    if (allowed && !*token && request->params_count == 0)
        CHECK(strstr(web_header(request, "Cookie"), "cinta_token=" TOKEN));
    CHECK(allowed || answer.status == 401);
    check_answer(&answer);
    web_answer_finish(&answer);
}

static void try_cookie_login(const struct web_request *request)
{
    struct web_answer answer;
    const char *password = web_param(request, "j_password");
    web_answer_init(&answer);
    cookie_login_answer(&rules, request, &answer);
    CHECK(answer.status == 302 && web_answer_header(&answer, "location"));
    CHECK((web_answer_header(&answer, "set-cookie") != NULL) ==
          (request->post && password && strcmp(password, TOKEN) == 0));
    check_answer(&answer);
    web_answer_finish(&answer);
}

/* --- the content ------------------------------------------------------------------------------ */

static void try_answers(const struct web_request *request)
{
    struct web_answer answer;
    struct api_trades asked;
    web_answer_init(&answer);
    api_answer(&source, &auth, request, &answer);
    check_answer(&answer);
    web_put(&answer, 200, "application/json", "{}");
    if (api_trades_parse(&source, request, &answer, &asked))
        CHECK(asked.index == 0);
    check_answer(&answer);
    live_page_answer(request->path, request, &answer);
    CHECK(answer.status == 200 || answer.status == 304 || answer.status == 404 ||
          answer.status == 405);
    check_answer(&answer);
    web_answer_finish(&answer);
}

static void try_params(const struct web_request *request)
{
    struct quote_match match;
    const struct api_route *route = api_route_find(request->path);
    const char *locale = web_param(request, "locale");
    CHECK(!route || route->handler);
    CHECK(!route || route->open == (strcmp(request->path, "auth/getToken") == 0 ||
                                    strcmp(request->path, COOKIE_LOGIN_PATH) == 0 ||
                                    *request->path == '\0' || begins(request->path, "page/")));
    if (locale && quote_csv_form(locale))
        CHECK(*locale == '\0' || strcasecmp(locale, "es-AR") == 0);
    if (quote_match_read(&match, request) != 0)
        abort();
    CHECK(match.count <= request->params_count);
    CHECK(match.count > 0 || quote_match_has(&match, "DLR/DIC26"));
    quote_match_has(&match, "MERV - XMEV - AL30 - 24hs");
    quote_match_finish(&match);
}

/* --- reading the input ------------------------------------------------------------------------ */

/* The next line, "" at the end; `*from` is advanced. */
static const char *next_line(char **from)
{
    char *line = *from;
    char *end = line + strcspn(line, "\n");
    *from = *end ? end + 1 : end;
    *end = '\0';
    return line;
}

static void read_params(struct web_request *request, char *from)
{
    while (*from && request->params_count < WEB_PARAMS_MAX) {
        const char *name = next_line(&from);
        char *value = strchr(name, '=');
        if (!value)
            continue;
        *value = '\0';
        request->params[request->params_count++] = (struct web_param){name, value + 1};
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = strndup((const char *)data, size);
    char *from = copy;
    const char *path = next_line(&from);
    struct t_header headers[] = {{"Host", next_line(&from)},
                                 {"Origin", next_line(&from)},
                                 {"X-Auth-Token", next_line(&from)},
                                 {"If-None-Match", next_line(&from)},
                                 {"Cookie", next_line(&from)},
                                 {"X-Username", "any"},
                                 {"X-Password", TOKEN},
                                 {NULL, NULL}};
    struct web_request request = {.post = *path == '+',
                                  .preflight = *path == '-',
                                  .peer = LOCAL,
                                  .local = *path == '/' ? "unix" : LOCAL,
                                  .header = t_find_header,
                                  .self = headers};
    request.path = path + (*path && strchr("+-/", *path));
    read_params(&request, from);
    try_admission(&request);
    try_cookie_login(&request);
    try_answers(&request);
    try_params(&request);
    free(copy);
    return 0;
}
