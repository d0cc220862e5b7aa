#include "broker/tape_requests.h"

#include "base/log.h"
#include "broker/tape_look.h"
#include "broker/token_keeper.h"
#include "broker/trade_request.h"
#include "market/request_budget.h"
#include "net/mailbox.h"
#include "primary/request.h"
#include "record/events.h"
#include "record/recorder.h"
#include "store/write/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SHARE   3  /* of the interval, after the start: the quotes come first */
#define LOOK_SHARE    20 /* a reading of the database takes at most a 20th of the time */
#define PASS_TOLD_MS  (60 * MS_PER_MIN) /* between two reports, as long as the session goes on */
#define FULL_LOOK_MS  (60 * MS_PER_MIN) /* between two readings of the past days */
#define REFUSALS_MAX  5                 /* then the account gets no lists at all */
#define STORE_FULL_MS 5000
#define INTERVAL_MS   30000

/* What became of a list; made by the writer thread. */
struct outcome {
    struct mailbox_item item; /* first */
    struct mailbox *box;
    struct store_tape_result result;
};

/* Since the last report. */
struct pass {
    int64_t lists, added, corrected, unlisted, unreadable;
};

struct tape_requests {
    struct tape_requests_parts parts;
    struct tape_plan plan;
    struct tape_look *look;
    struct trade_request *request;
    struct mailbox *results; /* from the store */
    struct loop_timer *timer;
    struct tape_need next;    /* the request that waits for the budget, or was sent */
    char *market_id, *symbol; /* of `next`, owned; NULL: there is none */
    bool merging;             /* the store has the last list */
    int refusals;             /* in a row, of different instruments */
    int64_t refused_day;      /* nothing is requested on this day any more; 0 = none */
    int64_t full_look_ms;     /* when the past days are to be read again */
    int64_t day_from;         /* the oldest day that lacks something */
    int64_t told_ms;          /* the last report */
    struct pass pass;
    int sent, unanswered; /* requests so far; the last ones that were not answered */
    struct err trouble;   /* of the last of these */
    struct tape_requests_state state;
};

/* The user may want lists although poll.trades_every is 0. */
static int64_t interval_ms(const struct tape_requests *r)
{
    int64_t set_ms = r->parts.config->poll.trades_ms;
    return set_ms ? set_ms : INTERVAL_MS;
}

static void forget_next(struct tape_requests *r)
{
    free(r->market_id);
    free(r->symbol);
    r->market_id = r->symbol = NULL;
}

/* --- reporting -------------------------------------------------------------------------------- */

static void tell_pass(struct tape_requests *r, int64_t now_ms)
{
    const struct pass *p = &r->pass;
    char corrected[96] = "", more[128] = "";
    if (p->corrected)
        snprintf(corrected, sizeof(corrected), "; %lld recorded without size or time got them",
                 (long long)p->corrected);
    if (p->unlisted || p->unreadable)
        snprintf(more, sizeof(more),
                 "; %lld recorded trades are in no list, %lld in the lists were not readable",
                 (long long)p->unlisted, (long long)p->unreadable);
    if (p->added || p->corrected || p->unreadable)
        events_report(r->parts.events, LOG_LEVEL_INFO, EVENT_TAPE_COMPLETED, NULL,
                      "%lld trades added from %lld lists of the broker%s%s", (long long)p->added,
                      (long long)p->lists, corrected, more);
    r->pass = (struct pass){0};
    r->told_ms = now_ms;
}

/* During the session there is always something to request. */
static void end_pass(struct tape_requests *r)
{
    int64_t now_ms = loop_now(r->parts.loop).mono_ms;
    if (r->parts.finished || r->state.lacking == 0 || now_ms >= r->told_ms + PASS_TOLD_MS)
        tell_pass(r, now_ms);
    if (r->parts.finished)
        r->parts.finished(r->parts.arg);
}

static void tell_failed(struct tape_requests *r, const char *words, const char *then)
{
    events_report(r->parts.events, LOG_LEVEL_WARN, EVENT_TAPE_FAILED, r->symbol,
                  REQUEST_PATH_TRADES ": %s; %s", words, then);
}

/* Each of many instruments would be refused, and reported. */
static void note_refusal(struct tape_requests *r, const char *words, struct now now)
{
    bool all = ++r->refusals >= REFUSALS_MAX;
    tell_failed(r, words,
                all ? "this broker gives no lists of trades to this account: none is requested "
                      "again today"
                    : "it is not requested again today");
    tape_plan_refused(&r->plan, r->next.instrument, now);
    if (all)
        r->refused_day = art_day(now.wall_ns);
}

/* --- answers ---------------------------------------------------------------------------------- */

static void on_merged(void *arg, void *item)
{
    struct tape_requests *r = arg;
    struct outcome *outcome = item;
    const struct store_tape_result *result = &outcome->result;
    r->merging = false;
    r->state.lists += result->merged;
    r->state.added += result->added;
    r->state.unlisted += result->unlisted;
    r->pass.lists += result->merged;
    r->pass.added += result->added;
    r->pass.corrected += result->corrected;
    r->pass.unlisted += result->unlisted;
    free(outcome);
    loop_timer_set(r->timer, 0);
}

/* On the writer thread. */
static void on_stored(void *arg, const struct store_tape_result *result)
{
    struct outcome *outcome = arg;
    outcome->result = *result;
    mailbox_put(outcome->box, outcome);
}

static int64_t newest_ns(const struct trade_request_end *end)
{
    int64_t newest = 0;
    for (size_t i = 0; i < end->count; i++) {
        if (end->trades[i].ts_event > newest)
            newest = end->trades[i].ts_event;
    }
    return newest;
}

/* 0: the list belongs to the store. */
static int hand_over(struct tape_requests *r, const struct trade_request_end *end)
{
    struct outcome *outcome = calloc(1, sizeof(*outcome));
    if (!outcome)
        return -ENOMEM;
    outcome->box = r->results;
    const struct store_tape tape = {
        .instrument = r->next.instrument,
        .day = r->next.day,
        .ts_complete = tape_plan_complete_ns(&r->plan, end->asked_ns, newest_ns(end)),
        .trades = end->trades,
        .count = end->count,
        .done = on_stored,
        .arg = outcome,
    };
    mailbox_expect(r->results);
    int rc = store_tape(r->parts.store, &tape);
    if (rc) {
        mailbox_put(r->results, NULL);
        free(outcome);
    }
    return rc;
}

static void take_list(struct tape_requests *r, const struct trade_request_end *end)
{
    r->pass.unreadable += end->unreadable;
    tape_plan_answered(&r->plan, r->next.instrument);
    r->refusals = 0;
    r->merging = hand_over(r, end) == 0;
    if (r->merging)
        return; /* on_merged() goes on */
    free(end->trades);
    loop_timer_set(r->timer, STORE_FULL_MS);
}

/* Whatever fails for all requests is reported by others. */
static void fail(struct tape_requests *r, const struct trade_request_end *end)
{
    struct now now = loop_now(r->parts.loop);
    enum reply_class class = end->answered ? end->class : REPLY_SERVER;
    bool login = !token_keeper_headers(r->parts.keeper);
    switch (class) {
    case REPLY_AUTH:
    case REPLY_LOGIN_PAGE:
    case REPLY_PAGE:
    case REPLY_THROTTLED:
    case REPLY_SERVER:
        log_info("list of trades not read", LOG_TEXT("symbol", r->symbol),
                 LOG_TEXT("why", end->words));
        if (login || class == REPLY_THROTTLED)
            tape_plan_unasked(&r->plan, r->next.instrument);
        else
            tape_plan_failed(&r->plan, r->next.instrument, now.mono_ms);
        break;
    case REPLY_OK:
    case REPLY_MALFORMED:
        tell_failed(r, end->words, "it is requested again later");
        tape_plan_failed(&r->plan, r->next.instrument, now.mono_ms);
        break;
    case REPLY_UNKNOWN_SYMBOL:
    case REPLY_NO_DATA:
    case REPLY_UNKNOWN_SEGMENT:
    case REPLY_ACCESS:
    case REPLY_BAD_PATH:
    case REPLY_BAD_REQUEST:
    case REPLY_OTHER:
        note_refusal(r, end->words, now);
        break;
    }
    loop_timer_set(r->timer, 0);
}

static void on_ended(void *arg, const struct trade_request_end *end)
{
    struct tape_requests *r = arg;
    r->sent++;
    r->unanswered = end->answered ? 0 : r->unanswered + 1;
    if (!end->answered)
        err_set(&r->trouble, -EHOSTUNREACH, REQUEST_PATH_TRADES ": %s", end->words);
    if (end->answered && end->class == REPLY_OK)
        take_list(r, end);
    else
        fail(r, end);
    forget_next(r);
}

/* --- requests --------------------------------------------------------------------------------- */

/* The request that was chosen is sent when the budget allows. */
static void send_next(struct tape_requests *r)
{
    int64_t now_ms = loop_now(r->parts.loop).mono_ms;
    int64_t wait_ms = trade_request_send(r->request, r->market_id, r->symbol, r->next.day);
    if (wait_ms == 0)
        tape_plan_asked(&r->plan, &r->next, now_ms);
    else if (wait_ms > 0)
        loop_timer_set(r->timer, wait_ms);
    else
        forget_next(r); /* no token: tape_requests_wake() */
}

/* Keeps the names of the need, and the index of its instrument. -ENOMEM or 0. */
static int choose(struct tape_requests *r, const struct tape_found *found)
{
    r->next = found->need;
    r->market_id = strdup(found->market_id);
    r->symbol = strdup(found->symbol);
    if (r->market_id && r->symbol)
        return 0;
    forget_next(r);
    return -ENOMEM;
}

/* The needs with the instruments' indices; NULL: no memory. */
static struct tape_need *index_needs(struct tape_requests *r, const struct tape_sight *sight)
{
    struct tape_need *needs = calloc(sight->count + 1, sizeof(*needs));
    for (size_t i = 0; needs && i < sight->count; i++) {
        const struct tape_found *found = &sight->found[i];
        needs[i] = found->need;
        needs[i].instrument =
            recorder_instrument(r->parts.recorder, found->market_id, found->symbol);
        if (needs[i].instrument < 0) {
            free(needs);
            return NULL;
        }
    }
    return needs;
}

static int64_t oldest_day(const struct tape_sight *sight, int64_t today)
{
    int64_t oldest = today;
    for (size_t i = 0; i < sight->count; i++) {
        int64_t day = sight->found[i].need.day;
        if (day < oldest && day >= today - TAPE_PLAN_DAYS)
            oldest = day;
    }
    return oldest;
}

static int64_t look_again_ms(const struct tape_requests *r, const struct tape_sight *sight)
{
    int64_t share_ms = sight->took_ms * LOOK_SHARE;
    return share_ms > interval_ms(r) ? share_ms : interval_ms(r);
}

static void on_look(void *arg, const struct tape_sight *sight)
{
    struct tape_requests *r = arg;
    struct now now = loop_now(r->parts.loop);
    struct tape_need *needs = index_needs(r, sight);
    int64_t at = needs ? tape_plan_next(&r->plan, needs, sight->count, now) : -1;
    if (sight->failed)
        log_warn("what the tape lacks cannot be read", LOG_TEXT("why", sight->failed));
    else
        r->day_from = oldest_day(sight, art_day(now.wall_ns));
    r->state.lacking = (int64_t)sight->count;
    loop_timer_set(r->timer, look_again_ms(r, sight));
    if (at >= 0 && choose(r, &sight->found[at]) == 0) {
        r->next.instrument = needs[at].instrument;
        send_next(r);
    } else if (!sight->failed && needs) {
        end_pass(r);
    }
    free(needs);
}

/* All past days at first, once an hour and after midnight; else those that lacked something. */
static int look(struct tape_requests *r, struct now now)
{
    int64_t today = art_day(now.wall_ns);
    bool full = now.mono_ms >= r->full_look_ms || r->day_from > today;
    const struct tape_look_days days = {full ? today - TAPE_PLAN_DAYS : r->day_from, today,
                                        r->parts.finished != NULL};
    if (full)
        r->full_look_ms = now.mono_ms + FULL_LOOK_MS;
    return tape_look_start(r->look, &days, &r->parts.config->sessions, &r->plan);
}

/* The broker asks for fewer requests. Without polls, the full rate does not return. */
static bool must_wait(const struct tape_requests *r, int64_t now_ms)
{
    return r->parts.finished ? budget_hold_ms(r->parts.budget, now_ms) > 0
                             : budget_slowed(r->parts.budget, now_ms);
}

static void on_timer(void *arg)
{
    struct tape_requests *r = arg;
    struct now now = loop_now(r->parts.loop);
    int64_t wait_ms = budget_ceiling_ms(r->parts.budget, BUDGET_TRADES, now.mono_ms) - now.mono_ms;
    if (trade_request_busy(r->request) || r->merging || !token_keeper_headers(r->parts.keeper))
        return;
    if (r->refused_day == art_day(now.wall_ns)) {
        loop_timer_set(r->timer, FULL_LOOK_MS);
        end_pass(r);
    } else if (must_wait(r, now.mono_ms)) {
        loop_timer_set(r->timer, interval_ms(r));
    } else if (wait_ms > 0) {
        loop_timer_set(r->timer, wait_ms);
    } else if (r->symbol) {
        send_next(r);
    } else {
        int rc = look(r, now);
        if (rc && rc != -EBUSY)
            loop_timer_set(r->timer, interval_ms(r));
    }
}

void tape_requests_wake(struct tape_requests *r)
{
    loop_timer_set(r->timer,
                   r->state.lists || r->parts.finished ? 0 : interval_ms(r) / FIRST_SHARE);
}

struct tape_requests_state tape_requests_state(const struct tape_requests *r)
{
    return r->state;
}

const char *tape_requests_trouble(const struct tape_requests *r)
{
    bool none = r->unanswered == 0 || (r->unanswered == 1 && r->sent > 1);
    return none ? "" : r->trouble.text;
}

/* --- life ------------------------------------------------------------------------------------- */

static int open_parts(struct tape_requests *r, struct err *err)
{
    const struct tape_requests_parts *p = &r->parts;
    const struct trade_request_parts request = {p->loop,   p->config, p->keeper, p->events,
                                                p->budget, on_ended,  r};
    r->timer = loop_timer_create(p->loop, on_timer, r);
    r->results = mailbox_create(p->loop, on_merged, r, free);
    r->look = tape_look_create(p->loop, p->path, on_look, r);
    if (!r->timer || !r->results || !r->look)
        return err_set(err, -ENOMEM, "out of memory");
    return trade_request_create(&r->request, &request, err);
}

int tape_requests_create(struct tape_requests **out, const struct tape_requests_parts *parts,
                         struct err *err)
{
    struct tape_requests *r = calloc(1, sizeof(*r));
    if (!r)
        return err_set(err, -ENOMEM, "out of memory");
    r->parts = *parts;
    r->day_from = art_day(loop_now(parts->loop).wall_ns);
    tape_plan_init(&r->plan, interval_ms(r));
    budget_set_trades_ms(parts->budget, interval_ms(r));
    int rc = open_parts(r, err);
    if (rc) {
        tape_requests_destroy(r);
        return rc;
    }
    tape_requests_wake(r);
    *out = r;
    return 0;
}

void tape_requests_destroy(struct tape_requests *r)
{
    if (!r)
        return;
    trade_request_destroy(r->request);
    tape_look_destroy(r->look);
    mailbox_close(r->results);
    loop_timer_destroy(r->timer);
    tape_plan_finish(&r->plan);
    forget_next(r);
    free(r);
}
