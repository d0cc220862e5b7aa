#include "doctor/rest_result.h"

#include "base/clock.h"
#include "base/mask.h"
#include "base/utf8.h"
#include "broker/broker_http.h"
#include "primary/decode.h"
#include "primary/login.h"
#include "primary/page.h"
#include "primary/request.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define BODY_SHOWN 72

/* --- any answer ------------------------------------------------------------------------------- */

char *http_reply_words(char out[STEP_TEXT], const struct http_reply *http, bool with_body)
{
    char location[MASK_URL_BYTES], body[BODY_SHOWN];
    if (http->outcome != HTTP_OK) {
        snprintf(out, STEP_TEXT, "%s", http->reason);
        return out;
    }
    utf8_clean(body, sizeof(body), http->body, with_body ? http->body_len_bytes : 0);
    mask_url(location, sizeof(location), http->location);
    snprintf(out, STEP_TEXT, "%d%s%s%s%.60s, %zu bytes%s%s", http->status, *location ? " to " : "",
             location, *http->content_type ? ", " : "", http->content_type, http->body_len_bytes,
             *body ? ": " : "", body);
    return out;
}

/* After the judgement: the body explains a failure only. */
static void came_back(struct step *step, const struct http_reply *http)
{
    char words[STEP_TEXT];
    step_came_back(step, "%s", http_reply_words(words, http, step->state == STEP_FAILED));
}

static void judge_no_answer(struct step *step, const struct http_reply *http)
{
    switch (http->outcome) {
    case HTTP_TIMEOUT:
        step_fail(step, FINDING_NO_ANSWER, "the broker accepted the connection and did not answer");
        step_todo(step, "try again later; if it persists, a proxy or firewall swallows requests");
        return;
    case HTTP_TOO_LARGE:
        step_fail(step, FINDING_WEB_PAGE, "the answer is too large for the API: %s", http->reason);
        step_todo(step, "check that broker.url is the broker's API host (api.)");
        return;
    default:
        step_fail(step, FINDING_BROKEN, "the request failed: %s", http->reason);
        step_todo(step, "try again; if it persists, check proxy and firewall on the way");
        return;
    }
}

static void judge_throttled(struct step *step, const struct http_reply *http)
{
    char wait[48] = "a minute";
    if (http->retry_after_ms >= 0)
        snprintf(wait, sizeof(wait), "%g s (Retry-After)", (double)http->retry_after_ms / 1000);
    step_fail(step, FINDING_THROTTLED, "the broker asks for fewer requests (429)");
    step_todo(step, "wait %s; lower poll.rate, and see which other programs use this user", wait);
}

/* 5xx. */
static void judge_server(struct step *step, const struct http_reply *http)
{
    char wait[64] = "";
    if (http->retry_after_ms >= 0)
        snprintf(wait, sizeof(wait), " in %g s (Retry-After)", (double)http->retry_after_ms / 1000);
    if (http->status == 503)
        step_fail(step, FINDING_UNAVAILABLE, "the broker is temporarily unavailable (503)");
    else
        step_fail(step, FINDING_SERVER_ERROR, "the broker's server failed (%d)", http->status);
    step_todo(step, "try again%s: it is the broker's fault, and cinta retries by itself",
              *wait ? wait : " later");
}

/* A page that is no login page: of a site, a proxy or a bot protection. */
static void judge_page(struct step *step, const struct http_reply *http)
{
    char words[PAGE_WORDS];
    const struct reply reply = broker_http_reply(http);
    page_words(words, &reply, "the API's answer");
    if (http->status / 100 == 3) {
        step_fail(step, FINDING_REDIRECTED, "%s", words);
        step_todo(step, "set broker.url to the API host (https://api.NAME.xoms.com.ar/); in a "
                        "hotel or office network, log in at its page first");
    } else if (http->status / 100 == 2) {
        step_fail(step, FINDING_WEB_PAGE, "%s", words);
        step_todo(step, "this is a web site, not the API: set broker.url to the API host "
                        "(https://api.NAME.xoms.com.ar/)");
    } else {
        step_fail(step, FINDING_BLOCKED, "%s: a proxy or a protection answers for the broker",
                  words);
        step_todo(step, "ask the broker whether it blocks this machine's address; check the proxy");
    }
}

static void judge_path(struct step *step, const struct http_reply *http, const char *path)
{
    step_fail(step, FINDING_NOT_THE_API, "there is no %s at this address (%d)", path, http->status);
    step_todo(step, "check broker.url: it must be the broker's API host, without a path "
                    "(https://api.NAME.xoms.com.ar/)");
}

/* --- login ------------------------------------------------------------------------------------ */

struct step login_reused(const char *user, size_t token_bytes, int64_t age_ns)
{
    struct step step = step_begin(STEP_LOGIN, "read the token in state_dir, of user %s", user);
    step_came_back(&step, "a token of %zu characters, %.1f h old", token_bytes,
                   (double)age_ns / (double)NS_PER_HOUR);
    step_good(&step, "no login is needed, so the password was not tried (the service tries it at "
                     "the next login; without the file token in state_dir, this command does)");
    return step;
}

static void login_came_back(struct step *step, const struct http_reply *http)
{
    char words[STEP_TEXT];
    size_t len = strlen(http_fields_get(http->fields, "X-Auth-Token"));
    http_reply_words(words, http, true);
    if (len)
        step_came_back(step, "%d, X-Auth-Token of %zu characters", http->status, len);
    else
        step_came_back(step, "%.440s%s", words,
                       http->outcome == HTTP_OK ? "; no X-Auth-Token" : "");
}

static void judge_login_page(struct step *step, const struct http_reply *http)
{
    const struct reply reply = broker_http_reply(http);
    if (!page_is_login(&reply)) {
        judge_page(step, http);
        return;
    }
    step_fail(step, FINDING_LOGIN_PAGE,
              "the broker answered with its login page (%d), not with a token", http->status);
    step_todo(step, "check that broker.url is the API host and that this user may use the API: "
                    "brokers enable it on request");
}

static void judge_login(struct step *step, const char *user, const struct http_reply *http)
{
    const struct reply reply = broker_http_reply(http);
    struct err why = {0};
    switch (login_decode(&reply, http_fields_get(http->fields, "X-Auth-Token"), &why)) {
    case LOGIN_OK:
        step_good(step, "user and password are accepted");
        return;
    case LOGIN_REFUSED:
        step_fail(step, FINDING_LOGIN_REFUSED, "the broker refused user '%s' or the password (%d)",
                  user, http->status);
        step_todo(step, "correct broker.user or the password; they are valid at one broker only, "
                        "not at another one or at reMarkets; repeated failures may lock the user");
        return;
    case LOGIN_NO_TOKEN:
        step_fail(step, FINDING_NO_TOKEN, "the login was answered %d without a token",
                  http->status);
        step_todo(step, "check broker.user, the password and that broker.url is the broker that "
                        "issued them; a proxy may also remove the header X-Auth-Token");
        return;
    case LOGIN_PAGE:
        judge_login_page(step, http);
        return;
    case LOGIN_UNAVAILABLE:
        break;
    }
    if (http->status == 429)
        judge_throttled(step, http);
    else if (http->status >= 500)
        judge_server(step, http);
    else
        judge_path(step, http, "auth/getToken");
}

struct step login_result(const char *user, const struct http_reply *http, bool again, int64_t ms)
{
    struct step step = step_begin(STEP_LOGIN, "POST auth/getToken as %s%s", user,
                                  again ? ", because the token in state_dir was refused" : "");
    step.ms = ms;
    login_came_back(&step, http);
    if (http->outcome != HTTP_OK)
        judge_no_answer(&step, http);
    else
        judge_login(&step, user, http);
    return step;
}

/* --- requests with the token ------------------------------------------------------------------ */

static void judge_auth(struct step *step, const struct http_reply *http, bool fresh)
{
    step_fail(step, FINDING_TOKEN_REFUSED, "the broker does not accept the token%s (%d%s)",
              fresh ? " that it issued just now" : "", http->status,
              http->status == 401 ? "" : ", its login page");
    step_todo(step, "see whether another program of this user logs out (auth/removeToken), which "
                    "ends all its sessions; else ask the broker");
}

/* Every answer but a usable one. `what` was asked for: "market data of X". */
static void judge_refusal(struct step *step, const struct http_reply *http, enum reply_class class,
                          const char *what)
{
    switch (class) {
    case REPLY_AUTH:
    case REPLY_LOGIN_PAGE:
        judge_auth(step, http, false);
        break;
    case REPLY_PAGE:
        judge_page(step, http);
        break;
    case REPLY_UNKNOWN_SYMBOL:
    case REPLY_UNKNOWN_SEGMENT:
    case REPLY_ACCESS:
        step_fail(step, FINDING_NO_PERMISSION, "this user has no permission for %s", what);
        step_todo(step, "ask the broker to enable it for the user");
        break;
    case REPLY_BAD_PATH:
        judge_path(step, http, "such path");
        break;
    case REPLY_THROTTLED:
        if (http->status == 429)
            judge_throttled(step, http);
        else
            judge_server(step, http);
        break;
    case REPLY_SERVER:
        judge_server(step, http);
        break;
    case REPLY_NO_DATA:
    case REPLY_BAD_REQUEST:
    case REPLY_MALFORMED:
    case REPLY_OTHER:
    case REPLY_OK:
        step_fail(step, FINDING_MALFORMED, "the answer about %s is not that of the API", what);
        step_todo(step, "check broker.url, and whether a proxy changes answers");
        break;
    }
}

/* The broker's own words, or what is wrong with the answer. */
static void add_reason(struct step *step, const struct err *why)
{
    char meaning[STEP_TEXT];
    if (!why->code || step->state != STEP_FAILED ||
        (step->finding != FINDING_NO_PERMISSION && step->finding != FINDING_MALFORMED))
        return;
    snprintf(meaning, sizeof(meaning), "%s", step->meaning);
    step_fail(step, step->finding, "%.250s (%.250s)", meaning, why->text);
}

/* The class of the answer, by its head and its envelope; `*root` is the parsed body. */
static enum reply_class classify(struct json_parser *parser, const struct http_reply *http,
                                 const struct json **root, struct err *why)
{
    const struct reply reply = broker_http_reply(http);
    enum reply_class class = reply_by_head(&reply, why);
    *root = NULL;
    if (class != REPLY_OK)
        return class;
    *root = json_parse(parser, http->body, http->body_len_bytes, why);
    return *root ? reply_by_envelope(*root, why) : REPLY_MALFORMED;
}

static int count_items(const struct json *array)
{
    int count = 0;
    for (const struct json *item = json_first(array); item; item = json_next(item))
        count++;
    return count;
}

struct step segments_result(struct json_parser *parser, const struct http_reply *http, bool fresh,
                            int64_t ms)
{
    const struct json *root;
    struct err why = {0};
    struct step step = step_begin(STEP_SEGMENTS, "GET rest/segment/all with the token");
    step.ms = ms;
    if (http->outcome != HTTP_OK) {
        judge_no_answer(&step, http);
        came_back(&step, http);
        return step;
    }
    enum reply_class class = classify(parser, http, &root, &why);
    int count = count_items(json_get(root, "segments"));
    if (class == REPLY_AUTH || class == REPLY_LOGIN_PAGE)
        judge_auth(&step, http, fresh);
    else if (class != REPLY_OK)
        judge_refusal(&step, http, class, "the market segments");
    else if (json_type(json_get(root, "segments")) != JSON_ARRAY)
        step_fail(&step, FINDING_MALFORMED, "the answer has no list of segments");
    else if (count == 0)
        step_fail(&step, FINDING_NO_PERMISSION, "this user has no market segment at all");
    else
        step_good(&step, "the token is valid; the user sees %d market segments", count);
    add_reason(&step, &why);
    if (step.state == STEP_FAILED && !*step.todo)
        step_todo(&step, "ask the broker to enable market data for this user");
    came_back(&step, http);
    return step;
}

/* --- instruments ------------------------------------------------------------------------------ */

struct step list_result(const struct list_facts *list)
{
    struct step step =
        step_begin(STEP_LIST, list->cached ? "read today's list of instruments in state_dir"
                                           : "GET " REQUEST_PATH_INSTRUMENTS);
    step.ms = list->ms;
    if (!list->listed) {
        step_came_back(&step, "%s", list->why);
        step_warn(&step, FINDING_NO_LIST, "the broker's list of instruments cannot be used: %s",
                  list->why);
        step_todo(&step, "without it only instruments.symbols can be tested; try again later");
        return step;
    }
    step_came_back(&step, "%zu instruments, %zu of them selected by the configuration",
                   list->listed, list->selected);
    step_good(&step, "what the configuration names exists");
    if (!list->selected) {
        step_fail(&step, FINDING_NOTHING_LISTED,
                  "the broker lists none of the configured instruments%s%s",
                  *list->example ? ": " : "", list->example);
        step_todo(&step, "correct section instruments; 'cinta check' compares it with the list");
    } else if (list->unfound) {
        step_warn(&step, FINDING_SYMBOLS_UNKNOWN, "%s%s", list->example,
                  list->unfound > 1 ? ", and others" : "");
        step_todo(&step, "correct section instruments; 'cinta check' shows all of them");
    }
    return step;
}

/* --- a quote ---------------------------------------------------------------------------------- */

static bool has_value(const struct quote *q)
{
    return q->bids.count || q->offers.count || !isnan(q->last_price) || !isnan(q->close_price) ||
           !isnan(q->settlement_price) || !isnan(q->index_value) || !isnan(q->open_price);
}

static void judge_empty(struct step *step, const struct quote_facts *quote)
{
    step_warn(step, FINDING_NO_QUOTE, "the broker has no data of %s%s", quote->symbol,
              quote->market_open ? " just now" : ", and the market is closed");
    step_todo(step, "that is usual for an instrument that is not traded today");
}

static void judge_quote(struct step *step, struct json_parser *parser,
                        const struct http_reply *http, const struct quote_facts *quote,
                        bool *has_data)
{
    struct quote_update update;
    struct unreadable unreadable;
    struct err why = {0};
    const struct reply reply = broker_http_reply(http);
    const struct decode_out out = {&update, &unreadable, &why};
    char what[160];
    snprintf(what, sizeof(what), "market data of %s", quote->symbol);
    enum reply_class class = decode_market_data(parser, &reply, quote->entries, &out);
    *has_data = class == REPLY_OK && has_value(&update.quote);
    if (*has_data) {
        step_good(step, "market data of %s is available by REST", quote->symbol);
    } else if (class == REPLY_OK || class == REPLY_NO_DATA) {
        judge_empty(step, quote);
    } else if (class == REPLY_UNKNOWN_SYMBOL && !quote->listed) {
        step_fail(step, FINDING_NOTHING_LISTED, "the broker does not know %s", quote->symbol);
        step_todo(step, "correct the symbol in section instruments, or ask the broker whether "
                        "this user may see its market");
    } else {
        judge_refusal(step, http, class, what);
    }
    add_reason(step, &why);
}

struct step quote_result(struct json_parser *parser, const struct http_reply *http,
                         const struct quote_facts *quote, bool *has_data)
{
    struct step step =
        step_begin(STEP_QUOTE, "GET " REQUEST_PATH_MARKET_DATA " for %s", quote->symbol);
    step.ms = quote->ms;
    *has_data = false;
    if (http->outcome != HTTP_OK)
        judge_no_answer(&step, http);
    else
        judge_quote(&step, parser, http, quote, has_data);
    came_back(&step, http);
    return step;
}
