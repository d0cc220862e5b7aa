#include "doctor/checkup.h"

#include "base/log.h"
#include "broker/broker_ask.h"
#include "broker/broker_http.h"
#include "broker/list_cache.h"
#include "doctor/candidates.h"
#include "doctor/rest_result.h"
#include "net/http_time.h"
#include "primary/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define URL_BYTES    2048
#define ANSWER_BYTES (1024 * 1024)

/* A request in progress, and what it gave. */
struct asked {
    struct checkup *checkup;
    int64_t began_ms;
    struct step step;
    bool again;      /* login: the cached token was refused */
    const char *why; /* list: why it cannot be used; of static storage, or `words` */
    char words[STEP_TEXT];
    struct quote_facts quote;
};

static int64_t since(const struct asked *asked)
{
    return clock_now().mono_ms - asked->began_ms;
}

static struct asked begin(struct checkup *c, enum budget_kind kind)
{
    checkup_take_turn(c, kind);
    return (struct asked){.checkup = c, .began_ms = clock_now().mono_ms};
}

static struct broker_ask ask_of(const struct checkup *c, int64_t most_ms)
{
    return (struct broker_ask){c->loop, &c->config->broker, checkup_timeout_ms(c, most_ms)};
}

static void put_url(char out[URL_BYTES], const struct checkup *c, const char *path)
{
    snprintf(out, URL_BYTES, "%s%s", c->config->broker.url, path);
}

/* The clock is compared once, by the first answer. */
static void tell_clock(struct checkup *c, const struct http_reply *http, int64_t took_ms)
{
    const char *date = http_fields_get(http->fields, "Date");
    int64_t broker_ns = 0;
    if (c->clock_told || http->outcome != HTTP_OK)
        return;
    c->clock_told = true;
    http_time_ns(date, strlen(date), &broker_ns);
    struct step step = clock_result(broker_ns, clock_now().wall_ns, took_ms);
    checkup_add(c, &step);
}

/* A request that could not be sent. */
static void add_unsent(struct checkup *c, enum step_id id, const struct err *err)
{
    struct step step = step_begin(id, "send the request");
    step_fail(&step, FINDING_BROKEN, "the request could not be sent: %s", err->text);
    checkup_add(c, &step);
}

/* --- login ------------------------------------------------------------------------------------ */

static void on_login(void *arg, const struct http_reply *http)
{
    struct asked *asked = arg;
    struct checkup *c = asked->checkup;
    int64_t took_ms = since(asked);
    struct step step = login_result(c->config->broker.user, http, asked->again, took_ms);
    const char *token = http_fields_get(http->fields, "X-Auth-Token");
    if (step.state == STEP_OK) {
        snprintf(c->token.token, sizeof(c->token.token), "%s", token);
        c->token.obtained_ns = clock_now().wall_ns;
        c->fresh = true;
    }
    if (*token)
        log_secret(token);
    checkup_add(c, &step);
    tell_clock(c, http, took_ms);
}

static bool log_in(struct checkup *c, bool again)
{
    struct err err = {0};
    if (!c->password.text) {
        checkup_skip(c, STEP_LOGIN, "there is no usable password");
        return false;
    }
    struct asked asked = begin(c, BUDGET_LOGIN);
    struct broker_ask ask = ask_of(c, CHECKUP_TIMEOUT_MS);
    asked.again = again;
    *c->token.token = '\0';
    if (broker_ask_login(&ask, &c->password, on_login, &asked, &err))
        add_unsent(c, STEP_LOGIN, &err);
    return c->fresh;
}

/* As the service does: a token of an earlier day is not used. */
static bool reuse_token(struct checkup *c)
{
    int64_t now_ns = clock_now().wall_ns;
    const struct config *config = c->config;
    if (token_cache_load(config->state_dir, config->broker.url, config->broker.user, &c->token))
        c->token.obtained_ns = 0;
    if (c->shared.obtained_ns > c->token.obtained_ns)
        c->token = c->shared;
    if (!c->token.obtained_ns)
        return false;
    if (art_day(c->token.obtained_ns) != art_day(now_ns)) {
        *c->token.token = '\0';
        return false;
    }
    log_secret(c->token.token);
    struct step step =
        login_reused(config->broker.user, strlen(c->token.token), now_ns - c->token.obtained_ns);
    checkup_add(c, &step);
    return true;
}

/* --- segments --------------------------------------------------------------------------------- */

static void on_segments(void *arg, const struct http_reply *http)
{
    struct asked *asked = arg;
    struct checkup *c = asked->checkup;
    int64_t took_ms = since(asked);
    asked->step = segments_result(c->parser, http, c->fresh, took_ms);
    tell_clock(c, http, took_ms);
}

static struct step ask_segments(struct checkup *c)
{
    char url[URL_BYTES];
    struct err err = {0};
    struct asked asked = begin(c, BUDGET_POLL);
    struct broker_ask ask = ask_of(c, CHECKUP_TIMEOUT_MS);
    put_url(url, c, REQUEST_PATH_SEGMENTS);
    const struct broker_ask_get get = {url, c->token.token, ANSWER_BYTES};
    if (broker_ask_get(&ask, &get, on_segments, &asked, &err)) {
        asked.step = step_begin(STEP_SEGMENTS, "send the request");
        step_fail(&asked.step, FINDING_BROKEN, "the request could not be sent: %s", err.text);
    }
    return asked.step;
}

/* A cached token that the broker no longer accepts: one login gets another. */
static bool prove_token(struct checkup *c)
{
    bool reused = reuse_token(c);
    if (!reused && !log_in(c, false))
        return false;
    struct step step = ask_segments(c);
    if (reused && step.finding == FINDING_TOKEN_REFUSED) {
        if (!log_in(c, true))
            return false;
        step = ask_segments(c);
        if (step.state == STEP_OK)
            step_warn(&step, FINDING_TOKEN_RENEWED,
                      "the token in state_dir was no longer valid, and a new one is");
        if (step.state == STEP_WARNING)
            step_todo(&step, "if it happens daily, another program of this user logs out "
                             "(auth/removeToken)");
    }
    checkup_add(c, &step);
    return step.state != STEP_FAILED;
}

void rest_control(struct checkup *c)
{
    struct step asked = ask_segments(c);
    struct step step = step_begin(STEP_CONTROL_REST, "control: GET rest/segment/all again");
    bool ended = asked.finding == FINDING_TOKEN_REFUSED;
    step.ms = asked.ms;
    step_came_back(&step, "%s", asked.came_back);
    step_good(&step, ended ? "the token is not valid any more" : "the token is still valid");
    if (ended)
        step.finding = FINDING_TOKEN_ENDED;
    checkup_add(c, &step);
}

/* --- instruments ------------------------------------------------------------------------------ */

static void on_list(void *arg, const struct http_reply *http)
{
    struct asked *asked = arg;
    struct checkup *c = asked->checkup;
    struct err why = {0};
    const struct reply reply = broker_http_reply(http);
    asked->why = asked->words;
    if (http->outcome != HTTP_OK)
        snprintf(asked->words, sizeof(asked->words), "%s", http->reason);
    else if (reply_by_head(&reply, &why) != REPLY_OK)
        snprintf(asked->words, sizeof(asked->words), "%s", why.text);
    else if (buf_append(&c->list, http->body, http->body_len_bytes))
        asked->why = "out of memory";
    else
        c->list_fresh = true;
}

static void ask_list(struct checkup *c, struct asked *asked)
{
    char url[URL_BYTES];
    struct err err = {0};
    struct broker_ask ask = ask_of(c, CHECKUP_LIST_MS);
    put_url(url, c, REQUEST_PATH_INSTRUMENTS);
    const struct broker_ask_get get = {url, c->token.token, c->list.max_bytes};
    if (broker_ask_get(&ask, &get, on_list, asked, &err))
        snprintf(asked->words, sizeof(asked->words), "%s", err.text);
    asked->why = asked->words;
}

static bool load_list(struct checkup *c)
{
    int64_t day;
    if (list_cache_load(c->config, &c->list, &day) == 0 && day == art_day(clock_now().wall_ns))
        return true;
    buf_clear(&c->list);
    return false;
}

static void on_unfound(void *arg, const char *text, const char *words)
{
    struct list_facts *facts = arg;
    (void)text;
    if (facts->unfound++ == 0)
        snprintf(facts->example, sizeof(facts->example), "%s", words);
}

/* Without reference data, which would need another request. */
static struct selection_input input_of(const struct checkup *c)
{
    return (struct selection_input){c->config, NULL, art_day(clock_now().wall_ns)};
}

static void select_instruments(struct checkup *c, struct list_facts *facts, struct err *why)
{
    struct reply reply = list_cache_reply(&c->list);
    const struct selection_input input = input_of(c);
    if (selection_read(&c->selection, &input, c->parser, &reply, why) != REPLY_OK) {
        facts->why = why->text;
        c->list_fresh = false;
        c->selected = selection_named(&c->selection, &input) == 0;
        return;
    }
    c->selected = true;
    facts->listed = c->selection.listed;
    facts->selected = c->selection.found;
    selection_unfound(&c->selection, on_unfound, facts);
}

static void choose_symbols(struct checkup *c)
{
    size_t count = 0;
    const char **listed = calloc(c->selection.symbols.count + 1, sizeof(*listed));
    for (size_t i = 0; listed && i < c->selection.symbols.count; i++) {
        if (selection_is_listed(&c->selection, c->selection.symbols.item[i]))
            listed[count++] = c->selection.symbols.item[i];
    }
    if (listed)
        candidates(listed, count, c->symbol, CHECKUP_SYMBOLS_MAX);
    free(listed);
}

static void check_list(struct checkup *c)
{
    struct err why = {0};
    bool cached = load_list(c);
    struct asked asked = {.checkup = c, .why = ""};
    const struct selection_input input = input_of(c);
    if (!cached) {
        asked = begin(c, BUDGET_LIST);
        ask_list(c, &asked);
    }
    struct list_facts facts = {
        .cached = cached, .why = asked.why, .ms = cached ? -1 : since(&asked)};
    if (c->list.len_bytes)
        select_instruments(c, &facts, &why);
    else
        c->selected = selection_named(&c->selection, &input) == 0;
    struct step step = list_result(&facts);
    checkup_add(c, &step);
    if (c->selected)
        choose_symbols(c);
}

/* --- a quote ---------------------------------------------------------------------------------- */

static void on_quote(void *arg, const struct http_reply *http)
{
    struct asked *asked = arg;
    struct checkup *c = asked->checkup;
    asked->quote.ms = since(asked);
    struct step step = quote_result(c->parser, http, &asked->quote, &c->quoted);
    checkup_add(c, &step);
}

static void ask_quote(struct checkup *c, const char *symbol)
{
    struct buf url;
    struct err err = {0};
    const struct config_poll *poll = &c->config->poll;
    const struct request_quote wanted = {REQUEST_MARKET_ROFX, symbol, poll->entries, poll->depth};
    struct asked asked = begin(c, BUDGET_POLL);
    struct broker_ask ask = ask_of(c, CHECKUP_TIMEOUT_MS);
    asked.quote = (struct quote_facts){
        .symbol = symbol,
        .entries = poll->entries,
        .listed = c->list.len_bytes > 0,
        .market_open = checkup_market_open(c, symbol),
    };
    buf_init(&url, URL_BYTES);
    request_market_data(&url, c->config->broker.url, &wanted);
    const struct broker_ask_get get = {buf_text(&url), c->token.token, ANSWER_BYTES};
    if (broker_ask_get(&ask, &get, on_quote, &asked, &err))
        add_unsent(c, STEP_QUOTE, &err);
    buf_finish(&url);
}

/* The second one only if the first has no data; then it is the one for the stream, too. */
static void check_quotes(struct checkup *c)
{
    if (!c->symbol[0]) {
        checkup_skip(c, STEP_QUOTE, "there is no listed symbol to ask for");
        return;
    }
    ask_quote(c, c->symbol[0]);
    if (c->quoted || !c->symbol[1] || checkup_failed(c, STEP_QUOTE))
        return;
    ask_quote(c, c->symbol[1]);
    if (!c->quoted)
        return;
    const char *first = c->symbol[0];
    c->symbol[0] = c->symbol[1];
    c->symbol[1] = first;
}

/* --- all -------------------------------------------------------------------------------------- */

bool rest_steps(struct checkup *c)
{
    if (!prove_token(c))
        return false;
    check_list(c);
    check_quotes(c);
    return true;
}
