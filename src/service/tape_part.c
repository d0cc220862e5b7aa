#include "service/tape_part.h"

#include "broker/tape_requests.h"
#include "broker/token_keeper.h"
#include "service/running.h"
#include "store/write/store.h"

#include <errno.h>
#include <signal.h>

#define PATIENCE 6 /* time-outs of a request */

static void give_up(struct service *s, const char *why)
{
    err_set(s->err, -EHOSTUNREACH, "the broker cannot be reached: %s", why);
    s->end = SERVICE_UNREACHABLE;
    loop_stop(s->loop);
}

static void on_finished(void *arg)
{
    struct service *s = arg;
    const char *trouble = tape_requests_trouble(s->tape);
    if (*trouble)
        give_up(s, trouble);
    else
        loop_stop(s->loop);
}

int tape_start(struct service *s, struct err *err)
{
    const struct tape_requests_parts parts = {
        .loop = s->loop,
        .config = s->feed_config,
        .keeper = s->keeper,
        .events = s->events,
        .recorder = s->recorder,
        .budget = &s->budget,
        .store = s->store,
        .path = s->store_path,
        .finished = s->backfill ? on_finished : NULL,
        .arg = s,
    };
    if (!s->backfill && s->feed_config->poll.trades_ms == 0)
        return 0;
    return tape_requests_create(&s->tape, &parts, err);
}

void tape_stop(struct service *s)
{
    tape_requests_destroy(s->tape);
    s->tape = NULL;
}

static int64_t patience_ms(const struct service *s)
{
    return s->feed_config->broker.timeout_ms * PATIENCE;
}

/* Whether a list waits since the last look, and none was merged: the disk is full, or locked. */
static bool cannot_write(struct service *s)
{
    const struct store_stats stats = store_stats(s->store);
    bool stuck = stats.tapes_waiting && s->stuck_at == stats.tapes_merged;
    s->stuck_at = stats.tapes_waiting ? stats.tapes_merged : -1;
    if (!stuck)
        return false;
    err_set(s->err, -EIO,
            "'%s' cannot be written: the disk is full, or another program locks it; the same "
            "command goes on later",
            s->store_path);
    s->end = SERVICE_FAILED;
    loop_stop(s->loop);
    return true;
}

/* Looked at again, because a token may also be lost later, and the network. */
static void on_no_answer(void *arg)
{
    struct service *s = arg;
    if (cannot_write(s))
        return;
    const char *trouble = token_keeper_headers(s->keeper) ? tape_requests_trouble(s->tape)
                                                          : token_keeper_trouble(s->keeper);
    if (*trouble || !token_keeper_headers(s->keeper))
        give_up(s, *trouble ? trouble : "it has not answered the login");
    else
        loop_timer_set(s->no_answer, patience_ms(s));
}

/* The command ends it when it has what it asked for; older wishes stay for the next run. */
static void on_terminate(void *arg)
{
    const struct service *s = arg;
    loop_stop(s->loop);
}

int patience_start(struct service *s, struct err *err)
{
    s->no_answer = loop_timer_create(s->loop, on_no_answer, s);
    s->signals[0] = loop_signal_create(s->loop, SIGTERM, on_terminate, s);
    s->signals[1] = loop_signal_create(s->loop, SIGINT, on_terminate, s);
    if (!s->no_answer || !s->signals[0] || !s->signals[1]) {
        patience_stop(s);
        return err_set(err, -ENOMEM, "out of memory");
    }
    s->stuck_at = -1;
    loop_timer_set(s->no_answer, patience_ms(s));
    return 0;
}

void patience_stop(struct service *s)
{
    loop_signal_destroy(s->signals[0]);
    loop_signal_destroy(s->signals[1]);
    loop_timer_destroy(s->no_answer);
}
