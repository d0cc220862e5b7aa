#include "market/alerts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENDS_MAX 4

/* The conditions, and the events that end them. All other kinds have no end. */
static const struct {
    enum event_kind begins, ends[ENDS_MAX];
    int ends_count;
} conditions[] = {
    {EVENT_CONFIG_REFUSED, {EVENT_CONFIG_RELOADED}, 1},
    {EVENT_API_FAILED, {EVENT_API_RECOVERED}, 1},
    {EVENT_LOGIN_REFUSED, {EVENT_LOGIN}, 1},
    {EVENT_LOGIN_FAILED, {EVENT_LOGIN}, 1},
    {EVENT_UNAUTHORIZED, {EVENT_LOGIN}, 1},
    {EVENT_BROKER_DOWN, {EVENT_BROKER_UP}, 1},
    {EVENT_PAGE, {EVENT_BROKER_UP}, 1},
    {EVENT_MASS_REFUSAL, {EVENT_BROKER_UP}, 1},
    {EVENT_RATE_LIMITED, {EVENT_FULL_SPEED}, 1},
    {EVENT_STREAM_CLOSED, {EVENT_STREAMING}, 1},
    {EVENT_STREAM_REFUSED, {EVENT_STREAMING}, 1},
    {EVENT_STREAM_DENIED, {EVENT_STREAM_ALLOWED, EVENT_STREAMING}, 2},
    {EVENT_STREAM_SHORT, {EVENT_STREAM_COMPLETE}, 1},
    {EVENT_STALE, {EVENT_STREAM_RECOVERED, EVENT_STREAMING}, 2},
    {EVENT_STORE_DELAYED, {EVENT_STORE_RECOVERED}, 1},
    {EVENT_WAL_STUCK, {EVENT_WAL_FREED}, 1},
    {EVENT_EXPORT_FAILED, {EVENT_EXPORT_DONE}, 1},
    {EVENT_SINK_DOWN, {EVENT_SINK_UP}, 1},
    {EVENT_LEASE_ISOLATED, {EVENT_LEASE_TAKEN, EVENT_LEASE_LOST}, 2},
    {EVENT_LEASE_FAILED, {EVENT_LEASE_STANDBY, EVENT_LEASE_TAKEN}, 2},
    {EVENT_REPLICA_DOWN, {EVENT_REPLICA_UP}, 1},
};
#define CONDITIONS (int)(sizeof(conditions) / sizeof(conditions[0]))

/* Good news, reasons that are never reported as events, and the failure of an alert, which would
 * cause another one. */
static const enum event_kind not_alerted[] = {
    EVENT_STARTED,         EVENT_CONFIG_RELOADED, EVENT_SESSION_OPEN,
    EVENT_SESSION_CLOSED,  EVENT_API_RECOVERED,   EVENT_LOGIN,
    EVENT_BROKER_UP,       EVENT_FULL_SPEED,      EVENT_POLL_RECOVERED,
    EVENT_STREAM_OPEN,     EVENT_STREAMING,       EVENT_STREAM_ALLOWED,
    EVENT_STREAM_COMPLETE, EVENT_FILLED_IN,       EVENT_STORE_RECOVERED,
    EVENT_WAL_FREED,       EVENT_TRIMMED,         EVENT_STREAM_RECOVERED,
    EVENT_EXPORT_DONE,     EVENT_OVERDUE,         EVENT_DAY_END,
    EVENT_UNSEEN,          EVENT_ALERT_FAILED,    EVENT_HOLIDAYS_UNKNOWN,
    EVENT_MATURED,         EVENT_SESSION_WAKING,  EVENT_SESSION_PRE_OPEN,
    EVENT_SESSION_CLOSING, EVENT_SINK_UP,         EVENT_LEASE_STANDBY,
    EVENT_REPLICA_UP,
};
#define NOT_ALERTED (int)(sizeof(not_alerted) / sizeof(not_alerted[0]))

enum stage {
    STAGE_NONE,
    STAGE_LASTING, /* it has begun; its alert is sent at due_ms */
    STAGE_SENT,    /* its alert was sent; it still lasts */
    STAGE_ENDED,   /* its end is to be sent */
};

struct condition {
    enum stage stage;
    bool has_end;
    int64_t since_ms, due_ms, ended_ms;
    bool was_sent;      /* an alert that ended, or has no end, */
    int64_t sent_ms;    /* then */
    struct alert first; /* what to send: of the first event, or of the one that ended it */
    int64_t events;
};

struct alerts {
    struct alert_rules rules;
    struct condition by_kind[EVENT_KINDS];
};

bool alerts_possible(enum event_kind kind)
{
    for (int i = 0; i < NOT_ALERTED; i++)
        if (not_alerted[i] == kind)
            return false;
    return true;
}

struct alerts *alerts_create(const struct alert_rules *rules)
{
    struct alerts *alerts = calloc(1, sizeof(*alerts));
    if (!alerts)
        return NULL;
    alerts->rules = *rules;
    for (int i = 0; i < CONDITIONS; i++)
        alerts->by_kind[conditions[i].begins].has_end = true;
    return alerts;
}

void alerts_destroy(struct alerts *alerts)
{
    free(alerts);
}

static void copy(char *out, size_t size, const char *text)
{
    snprintf(out, size, "%s", text ? text : "");
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void set_due(const struct alerts *alerts, struct condition *c)
{
    int64_t after_ms = c->has_end ? alerts->rules.after_ms : 0;
    c->due_ms = c->since_ms + after_ms;
    if (c->was_sent)
        c->due_ms = later(c->due_ms, c->sent_ms + alerts->rules.quiet_ms);
}

static void begin(struct alerts *alerts, struct condition *c, const struct alert_event *event)
{
    c->stage = STAGE_LASTING;
    c->since_ms = event->now_ms;
    set_due(alerts, c);
    c->first = (struct alert){.kind = event->kind, .ts = event->ts};
    copy(c->first.symbol, sizeof(c->first.symbol), event->symbol);
    copy(c->first.detail, sizeof(c->first.detail), event->detail);
}

/* A condition that ends before its alert was sent is never sent, but its events stay counted. */
static void end(struct condition *c, const struct alert_event *event)
{
    if (c->stage == STAGE_LASTING)
        c->stage = STAGE_NONE;
    if (c->stage != STAGE_SENT)
        return;
    c->stage = STAGE_ENDED;
    c->ended_ms = event->now_ms;
    copy(c->first.detail, sizeof(c->first.detail), event->detail);
}

static void end_all(struct alerts *alerts, const struct alert_event *event)
{
    for (int i = 0; i < CONDITIONS; i++)
        for (int k = 0; k < conditions[i].ends_count; k++)
            if (conditions[i].ends[k] == event->kind)
                end(&alerts->by_kind[conditions[i].begins], event);
}

void alerts_event(struct alerts *alerts, const struct alert_event *event)
{
    struct condition *c = &alerts->by_kind[event->kind];
    end_all(alerts, event);
    if (!alerts->rules.wanted[event->kind] || !alerts_possible(event->kind))
        return;
    c->events++;
    if (c->stage == STAGE_NONE)
        begin(alerts, c, event);
    else if (c->stage == STAGE_ENDED) /* it began again before its end could be sent */
        c->stage = STAGE_SENT;
}

static bool take(struct condition *c, int64_t now_ms, struct alert *out)
{
    bool is_end = c->stage == STAGE_ENDED;
    if (!is_end && (c->stage != STAGE_LASTING || now_ms < c->due_ms))
        return false;
    *out = c->first;
    out->events = c->events;
    out->state = is_end ? ALERT_ENDED : c->has_end ? ALERT_BEGUN : ALERT_ONCE;
    out->lasted_ms = is_end ? c->ended_ms - c->since_ms : c->has_end ? now_ms - c->since_ms : 0;
    c->events = 0;
    c->stage = out->state == ALERT_BEGUN ? STAGE_SENT : STAGE_NONE;
    if (c->stage == STAGE_NONE) {
        c->was_sent = true;
        c->sent_ms = now_ms;
    }
    return true;
}

void alerts_change(struct alerts *alerts, const struct alert_rules *rules)
{
    alerts->rules = *rules;
    for (int kind = 0; kind < EVENT_KINDS; kind++) {
        struct condition *c = &alerts->by_kind[kind];
        if (!rules->wanted[kind]) {
            c->stage = STAGE_NONE;
            c->events = 0;
        } else if (c->stage == STAGE_LASTING) {
            set_due(alerts, c);
        }
    }
}

int64_t alerts_retry_ms(int failures)
{
    static const int64_t minutes[] = {1, 5, 15};
    if (failures > (int)(sizeof(minutes) / sizeof(minutes[0])))
        return -1;
    return minutes[failures - 1] * 60000;
}

void alerts_hurry(struct alerts *alerts, int64_t now_ms)
{
    for (int kind = 0; kind < EVENT_KINDS; kind++) {
        if (alerts->by_kind[kind].stage == STAGE_LASTING)
            alerts->by_kind[kind].due_ms = now_ms;
    }
}

bool alerts_next(struct alerts *alerts, int64_t now_ms, struct alert *out)
{
    for (int kind = 0; kind < EVENT_KINDS; kind++)
        if (take(&alerts->by_kind[kind], now_ms, out))
            return true;
    return false;
}

int64_t alerts_wait_ms(const struct alerts *alerts, int64_t now_ms)
{
    int64_t wait_ms = -1;
    for (int kind = 0; kind < EVENT_KINDS; kind++) {
        const struct condition *c = &alerts->by_kind[kind];
        if (c->stage == STAGE_ENDED)
            return 0;
        int64_t left_ms = later(c->due_ms - now_ms, 0);
        if (c->stage == STAGE_LASTING && (wait_ms < 0 || left_ms < wait_ms))
            wait_ms = left_ms;
    }
    return wait_ms;
}
