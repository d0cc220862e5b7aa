#include "doctor/attempt.h"

#include "doctor/candidates.h"
#include "primary/brokers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FRAME_MS      5000 /* for the first frame (protocol section 15) */
#define PONG_MS       10000
#define TICK_MS       50
#define QUIET_PING_MS 60000 /* no pings but the one that is sent at the opening */
#define MESSAGE_BYTES (1024 * 1024)

static int64_t now_ms(void)
{
    return clock_now().mono_ms;
}

/* --- what arrives ----------------------------------------------------------------------------- */

static void subscribe(struct attempt *a, const char *symbol)
{
    struct buf message;
    buf_init(&message, MESSAGE_BYTES);
    a->parts->dialect->subscribe(a->parts->dialect->arg, symbol, &message);
    ws_send(a->ws, buf_text(&message), message.len_bytes);
    buf_finish(&message);
    a->asked_ms = now_ms();
}

/* False: there is no second symbol, or it was asked for already. */
static bool try_second(struct attempt *a)
{
    const char *symbol = a->checkup->symbol[1];
    if (a->second || !symbol)
        return false;
    a->second = true;
    subscribe(a, symbol);
    return true;
}

static void on_opened(void *arg)
{
    struct attempt *a = arg;
    a->open = true;
    a->opened_ms = now_ms();
    if (!a->parts->dialect) {
        loop_stop(a->checkup->loop);
        return;
    }
    subscribe(a, a->checkup->symbol[0]);
    ws_ping(a->ws);
}

static bool is_answered(const struct attempt *a)
{
    return a->frame != FRAME_NONE && a->frame != FRAME_OTHER;
}

/* A refused symbol is not an answer yet: the second one may be received. */
static void on_text(void *arg, const char *text, size_t len_bytes)
{
    struct attempt *a = arg;
    char words[STEP_TEXT] = "";
    if (!a->parts->dialect || (is_answered(a) && a->frame != FRAME_UNKNOWN))
        return;
    const struct attempt_dialect *dialect = a->parts->dialect;
    enum first_frame frame = dialect->read(dialect->arg, text, len_bytes, words);
    if (a->frame == FRAME_UNKNOWN && frame == FRAME_OTHER)
        return;
    a->frame = frame;
    a->frame_ms = now_ms() - a->asked_ms;
    snprintf(a->words, sizeof(a->words), "%s", words);
    if (frame == FRAME_UNKNOWN && a->refused++ == 0)
        try_second(a);
}

static void on_ended(void *arg, const struct ws_end *end)
{
    struct attempt *a = arg;
    a->ended = true;
    a->end = *end;
    a->answer = *end->answer;
    snprintf(a->end_words, sizeof(a->end_words), "%s", end->words);
    a->end.answer = &a->answer;
    a->end.words = a->end_words;
    loop_stop(a->checkup->loop);
}

/* --- waiting ---------------------------------------------------------------------------------- */

static bool is_waiting(const struct attempt *a)
{
    bool refused_once = a->refused == 1 && a->second && a->frame == FRAME_UNKNOWN;
    return (!is_answered(a) || refused_once) && now_ms() - a->asked_ms < FRAME_MS;
}

static void on_tick(void *arg)
{
    struct attempt *a = arg;
    bool waits = !a->open || is_waiting(a);
    if (a->open && !waits && !is_answered(a))
        waits = try_second(a);
    if (!waits && attempt_pong_ms(a) >= 0)
        loop_stop(a->checkup->loop);
    else
        loop_timer_set(a->tick, TICK_MS);
}

static int begin(struct attempt *a, struct err *err)
{
    struct checkup *c = a->checkup;
    const struct ws_config config = {
        .url = a->parts->url,
        .ca_file = c->config->broker.ca_file,
        .headers = a->parts->headers,
        .open_ms = checkup_timeout_ms(c, CHECKUP_TIMEOUT_MS),
        .ping_ms = QUIET_PING_MS,
        .pong_ms = PONG_MS,
        .message_max_bytes = MESSAGE_BYTES,
    };
    const struct ws_handler handler = {a, on_opened, on_text, on_ended};
    a->tick = loop_timer_create(c->loop, on_tick, a);
    if (!a->tick)
        return err_set(err, -ENOMEM, "out of memory");
    return ws_create(&a->ws, c->loop, &config, &handler, err);
}

void attempt_run(struct attempt *a, struct checkup *c, const struct attempt_parts *parts)
{
    struct err err = {0};
    *a = (struct attempt){.checkup = c, .parts = parts, .frame_ms = -1};
    checkup_take_turn(c, BUDGET_STREAM);
    a->began_ms = now_ms();
    if (begin(a, &err) == 0) {
        loop_timer_set(a->tick, TICK_MS);
        loop_run(c->loop);
        return;
    }
    snprintf(a->end_words, sizeof(a->end_words), "%s", err.text);
    a->end = (struct ws_end){WS_UNREACHABLE, 0, a->end_words, &a->answer};
    a->ended = true;
}

void attempt_finish(struct attempt *a)
{
    ws_destroy(a->ws);
    loop_timer_destroy(a->tick);
}

/* --- results ---------------------------------------------------------------------------------- */

struct handshake_facts attempt_handshake(const struct attempt *a)
{
    return (struct handshake_facts){.url = a->parts->url,
                                    .open = a->open,
                                    .end = a->open ? NULL : &a->end,
                                    .ms = (a->open ? a->opened_ms : now_ms()) - a->began_ms};
}

int64_t attempt_pong_ms(const struct attempt *a)
{
    return a->ws ? ws_stats(a->ws).round_trip_ms : -1;
}

struct subscription_facts attempt_delivery(const struct attempt *a)
{
    const struct checkup *c = a->checkup;
    const struct broker_host *known = broker_host_of_url(c->config->broker.url);
    return (struct subscription_facts){
        .symbol = c->symbol[0],
        .second = a->second ? c->symbol[1] : "",
        .frame = a->frame,
        .words = a->words,
        .end = a->ended && a->end.kind != WS_NO_PONG ? &a->end : NULL, /* told with the pong */
        .listed = c->list.len_bytes > 0,
        .quoted = c->quoted,
        .market_open = checkup_market_open(c, c->symbol[0]),
        .index = candidate_is_index(c->symbol[0]),
        .asks_iv = c->config->poll.entries & ENTRY_BIT(ENTRY_IV),
        .sandbox = known && known->always,
        .pong = attempt_pong_ms(a) >= 0,
        .ms = a->frame_ms >= 0 ? a->frame_ms : now_ms() - a->opened_ms,
    };
}
