#include "play.h"

#include "place.h"
#include "virtual_broker.h"
#include "virtual_exchange.h"
#include "virtual_stream.h"
#include "virtual_terminal.h"
#include "virtual_time.h"

#include <stdio.h>
#include <string.h>

#define BODY_BYTES 2048

/* --- prices ----------------------------------------------------------------------------------- */

static void market_changes(const struct args *args)
{
    time_every(args->a[0].least, exchange_change);
}

static void market_rests(const struct args *args)
{
    (void)args;
    time_every(0, exchange_change);
}

static void set_price(const struct args *args)
{
    exchange_set_text(args->a[0].index, NULL);
    exchange_set_price(args->a[0].index, args->a[1].number);
}

static void set_price_text(const struct args *args)
{
    exchange_set_text(args->a[0].index, args->text);
}

/* --- answers by REST -------------------------------------------------------------------------- */

static void answer(const struct args *args, struct answer answer)
{
    answer.set = true;
    broker_answers((enum endpoint)args->a[0].index, args->a[0].instrument, &answer);
}

static void answer_normally(const struct args *args)
{
    static const struct answer normal;
    broker_answers((enum endpoint)args->a[0].index, args->a[0].instrument, &normal);
}

static int status_of(const struct args *args)
{
    return (int)args->a[1].least;
}

static void answer_status(const struct args *args)
{
    answer(args, (struct answer){.status = status_of(args), .retry_after_ms = -1});
}

static void answer_retry_after(const struct args *args)
{
    answer(args, (struct answer){.status = status_of(args), .retry_after_ms = args->a[2].least});
}

static void answer_text(const struct args *args)
{
    answer(args, (struct answer){
                     .status = status_of(args), .retry_after_ms = -1, .body = strdup(args->text)});
}

static void answer_redirect(const struct args *args)
{
    answer(args, (struct answer){
                     .status = status_of(args), .retry_after_ms = -1, .location = args->text});
}

static void answer_made(const struct args *args, const char *before, const char *after)
{
    char body[BODY_BYTES];
    snprintf(body, sizeof(body), "%s%s%s", before, args->text, after);
    answer(args,
           (struct answer){.status = status_of(args), .retry_after_ms = -1, .body = strdup(body)});
}

static void answer_page(const struct args *args)
{
    answer_made(args, "<html><head><title>", "</title></head></html>");
}

static void answer_login_page(const struct args *args)
{
    answer_made(args, "<title>", "</title><form action=\"/j_spring_security_check\"></form>");
}

static void answer_error(const struct args *args)
{
    answer_made(args, "{\"status\":\"ERROR\",\"description\":\"", "\"}");
}

static void fail(const struct args *args)
{
    static const struct {
        const char *name;
        enum http_outcome outcome;
    } failures[] = {{"dns", HTTP_RESOLVE},  {"connect", HTTP_CONNECT},
                    {"tls", HTTP_TLS},      {"timeout", HTTP_TIMEOUT},
                    {"reset", HTTP_BROKEN}, {"too-large", HTTP_TOO_LARGE}};
    for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
        if (strcmp(args->a[1].word, failures[i].name) == 0) {
            answer(args, (struct answer){.outcome = failures[i].outcome, .retry_after_ms = -1});
            return;
        }
    }
    place_fail("'%s' is not a failure; allowed: dns, connect, tls, timeout, reset, too-large",
               args->a[1].word);
}

/* --- the broker as a whole -------------------------------------------------------------------- */

static void broker_goes_down(const struct args *args)
{
    (void)args;
    broker_set_down(true);
}

static void broker_comes_up(const struct args *args)
{
    (void)args;
    broker_set_down(false);
}

static void token_ends(const struct args *args)
{
    (void)args;
    broker_end_token();
}

static void token_daily(const struct args *args)
{
    (void)args;
    broker_daily_tokens();
}

static void list_has(const struct args *args)
{
    broker_set_listed(args->a[0].index, true);
}

static void list_lacks(const struct args *args)
{
    broker_set_listed(args->a[0].index, false);
}

/* The first instruments of the exchange. */
static void list_of(const struct args *args)
{
    for (int i = 0; i < exchange_count(); i++)
        broker_set_listed(i, i < args->a[0].least);
}

/* --- the stream ------------------------------------------------------------------------------- */

/* Of the API, unless the first word of the line says otherwise. */
static enum stream_kind kind_of(const struct args *args)
{
    return strcmp(args->line->words[0], "terminal") == 0 ? STREAM_TERMINAL : STREAM_API;
}

static void silent(const struct args *args)
{
    stream_set_silent(kind_of(args), true);
}

static void speaks(const struct args *args)
{
    stream_set_silent(kind_of(args), false);
}

static void silent_of(const struct args *args)
{
    stream_set_silent_of(args->a[0].index, true);
}

static void speaks_of(const struct args *args)
{
    stream_set_silent_of(args->a[0].index, false);
}

static void dead(const struct args *args)
{
    stream_set_dead(kind_of(args), true);
}

static void alive(const struct args *args)
{
    stream_set_dead(kind_of(args), false);
}

static void resets(const struct args *args)
{
    stream_reset(kind_of(args));
}

static void session_ends(const struct args *args)
{
    (void)args;
    terminal_end_session();
}

static void violates(const struct args *args)
{
    (void)args;
    stream_violate();
}

static void closes(const struct args *args)
{
    stream_close(kind_of(args), (int)args->a[0].least);
}

static void spoils(const struct args *args)
{
    static const char *const names[] = {
        [SPOILT_NONE] = "nothing", [SPOILT_CHANGES] = "changes", [SPOILT_ALL] = "messages"};
    for (int i = SPOILT_NONE; i <= SPOILT_ALL; i++) {
        if (strcmp(args->a[0].word, names[i]) == 0) {
            stream_set_spoilt((enum spoilt)i);
            return;
        }
    }
    place_fail("'%s' is not allowed here: messages, changes, nothing", args->a[0].word);
}

static void refuses(const struct args *args)
{
    stream_set_refused(args->a[0].index, true);
}

static void accepts(const struct args *args)
{
    stream_set_refused(args->a[0].index, false);
}

static void denies(const struct args *args)
{
    stream_set_denied(args->text);
}

static void allows(const struct args *args)
{
    (void)args;
    stream_set_denied(NULL);
}

static void sends(const struct args *args)
{
    stream_send(args->text);
}

static void repeats(const struct args *args)
{
    stream_repeat(args->a[0].index);
}

static void stamps_back(const struct args *args)
{
    stream_set_back(args->a[0].least);
}

const struct command play_broker_commands[] = {
    {"market changes every DURATION", market_changes},
    {"market rests", market_rests},
    {"price SYMBOL NUMBER", set_price},
    {"price SYMBOL: TEXT", set_price_text},
    {"ENDPOINT answers normally", answer_normally},
    {"ENDPOINT answers STATUS", answer_status},
    {"ENDPOINT answers STATUS retry after DURATION", answer_retry_after},
    {"ENDPOINT answers STATUS page: TEXT", answer_page},
    {"ENDPOINT answers STATUS login page: TEXT", answer_login_page},
    {"ENDPOINT answers STATUS redirect: TEXT", answer_redirect},
    {"ENDPOINT answers STATUS text: TEXT", answer_text},
    {"ENDPOINT answers STATUS error: TEXT", answer_error},
    {"ENDPOINT fails WORD", fail},
    {"broker down", broker_goes_down},
    {"broker up", broker_comes_up},
    {"token ends", token_ends},
    {"token daily", token_daily},
    {"list has SYMBOL", list_has},
    {"list lacks SYMBOL", list_lacks},
    {"list NUMBER", list_of},
    {"stream silent", silent},
    {"stream silent SYMBOL", silent_of},
    {"stream speaks", speaks},
    {"stream speaks SYMBOL", speaks_of},
    {"stream dead", dead},
    {"stream alive", alive},
    {"stream resets", resets},
    {"stream closes NUMBER", closes},
    {"stream violates", violates},
    {"stream spoils WORD", spoils},
    {"stream refuses SYMBOL", refuses},
    {"stream accepts SYMBOL", accepts},
    {"stream denies: TEXT", denies},
    {"stream allows", allows},
    {"stream sends: TEXT", sends},
    {"stream repeats SYMBOL", repeats},
    {"stream stamps back DURATION", stamps_back},
    {"terminal silent", silent},
    {"terminal speaks", speaks},
    {"terminal dead", dead},
    {"terminal alive", alive},
    {"terminal resets", resets},
    {"terminal closes NUMBER", closes},
    {"terminal session ends", session_ends},
    {0},
};
