#include "service/alerter.h"

#include "files/program.h"
#include "market/alert_json.h"
#include "net/child.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOST_BYTES   256
#define OBJECT_BYTES 65536
#define FINISH_MS    5000

struct alerter {
    struct loop *loop;
    struct events *events;
    struct observers *observers;
    int observer; /* its number */
    struct alerts *alerts;
    struct loop_timer *timer;
    char *command; /* NULL: no alerts */
    int64_t limit_ms;
    char host[HOST_BYTES];

    bool has_current; /* an alert is being sent, or waits for its next try */
    struct alert current;
    int tries;           /* of the current alert, which failed */
    int64_t retry_ms;    /* monotonic: no run of it before */
    struct child *child; /* its run; NULL = none */
    char *running;       /* the program of the run, which a reload does not change */
    int64_t sent;
    int failures;
    bool finishing; /* the loop is run until everything is sent */
};

/* --- when ------------------------------------------------------------------------------------- */

static int64_t wait_ms(const struct alerter *a)
{
    int64_t now_ms = loop_now(a->loop).mono_ms;
    if (!a->has_current)
        return alerts_wait_ms(a->alerts, now_ms);
    return a->retry_ms > now_ms ? a->retry_ms - now_ms : 0;
}

static void plan(struct alerter *a)
{
    int64_t ms = wait_ms(a);
    if (a->finishing && !a->child && ms != 0)
        loop_stop(a->loop);
    if (a->child || ms < 0)
        loop_timer_stop(a->timer);
    else
        loop_timer_set(a->timer, ms);
}

/* --- a run ------------------------------------------------------------------------------------ */

static void report(struct alerter *a, const char *why, int64_t again_ms)
{
    char next[64] = "the alert is given up";
    if (again_ms >= 0)
        snprintf(next, sizeof(next), "next try in %lld min", (long long)(again_ms / 60000));
    events_report(a->events, LOG_LEVEL_ERROR, EVENT_ALERT_FAILED, NULL, "%s, for %s: %s; %s",
                  a->running ? a->running : a->command, event_kind_name(a->current.kind), why,
                  next);
}

/* The first failure is reported, and each alert that is given up; the tries between are not. */
static void fail(struct alerter *a, const char *why)
{
    if (!a->has_current)
        return; /* a reload has dropped it during the run */
    int64_t again_ms = a->finishing ? -1 : alerts_retry_ms(++a->tries);
    bool first = a->failures++ == 0;
    a->has_current = again_ms >= 0;
    a->retry_ms = loop_now(a->loop).mono_ms + again_ms;
    if (first || again_ms < 0)
        report(a, why, again_ms);
}

static void judge(struct alerter *a, const struct child_end *end)
{
    char why[CHILD_WORDS + 64];
    const char *colon = *end->words ? ": " : "";
    if (end->late)
        snprintf(why, sizeof(why), "did not end within %lld s and was ended%s%s",
                 (long long)(a->limit_ms / 1000), colon, end->words);
    else if (end->signum)
        snprintf(why, sizeof(why), "ended by signal %d%s%s", end->signum, colon, end->words);
    else
        snprintf(why, sizeof(why), "status %d%s%s", end->status, colon, end->words);
    if (!end->late && end->status == 0) {
        a->sent++;
        a->failures = 0;
        a->has_current = false;
    } else {
        fail(a, why);
    }
}

static void on_done(void *arg, const struct child_end *end)
{
    struct alerter *a = arg;
    judge(a, end);
    child_destroy(a->child);
    a->child = NULL;
    plan(a);
}

static int start(struct alerter *a, const char *object, const char *text, struct err *err)
{
    free(a->running);
    a->running = strdup(a->command);
    if (!a->running)
        return err_set(err, -ENOMEM, "out of memory");
    const char *const argv[] = {a->running, text, NULL};
    const struct child_parts parts = {
        .loop = a->loop,
        .argv = argv,
        .input = object,
        .limit_ms = a->limit_ms,
        .done = on_done,
        .arg = a,
    };
    return child_start(&a->child, &parts, err);
}

static void run(struct alerter *a)
{
    struct buf object, text;
    struct err err;
    buf_init(&object, OBJECT_BYTES);
    buf_init(&text, OBJECT_BYTES);
    alert_json_put(&object, &a->current, a->host, false);
    alert_text_put(&text, &a->current, a->host, false);
    if (start(a, buf_text(&object), buf_text(&text), &err))
        fail(a, err.text);
    buf_finish(&text);
    buf_finish(&object);
}

static void on_timer(void *arg)
{
    struct alerter *a = arg;
    if (!a->has_current) {
        a->has_current = alerts_next(a->alerts, loop_now(a->loop).mono_ms, &a->current);
        a->tries = 0;
        a->retry_ms = 0;
    }
    if (a->has_current && wait_ms(a) == 0)
        run(a);
    plan(a);
}

/* --- what is observed ------------------------------------------------------------------------- */

static void on_event(void *arg, const struct observed_event *event)
{
    struct alerter *a = arg;
    const struct alert_event seen = {
        .kind = event->kind,
        .symbol = event->symbol,
        .detail = event->detail,
        .ts = event->ts,
        .now_ms = loop_now(a->loop).mono_ms,
    };
    if (!a->command)
        return;
    alerts_event(a->alerts, &seen);
    plan(a);
}

/* --- life ------------------------------------------------------------------------------------- */

static int make(struct alerter *a, struct err *err)
{
    static const struct alert_rules none;
    const struct observer observer = {.arg = a, .on_event = on_event};
    a->alerts = alerts_create(&none);
    a->timer = loop_timer_create(a->loop, on_timer, a);
    if (a->alerts && a->timer)
        a->observer = observers_add(a->observers, &observer);
    if (a->observer <= 0)
        return err_set(err, -ENOMEM, "out of memory");
    if (gethostname(a->host, sizeof(a->host) - 1))
        snprintf(a->host, sizeof(a->host), "unknown");
    return 0;
}

int alerter_create(struct alerter **out, struct loop *loop, struct observers *observers,
                   struct events *events, struct err *err)
{
    struct alerter *a = calloc(1, sizeof(*a));
    if (!a)
        return err_set(err, -ENOMEM, "out of memory");
    a->loop = loop;
    a->observers = observers;
    a->events = events;
    int rc = make(a, err);
    if (rc)
        alerter_destroy(a);
    else
        *out = a;
    return rc;
}

static void on_late(void *arg)
{
    loop_stop(arg);
}

void alerter_finish(struct alerter *a, bool failed)
{
    struct loop_timer *late = loop_timer_create(a->loop, on_late, a->loop);
    if (failed)
        alerts_hurry(a->alerts, loop_now(a->loop).mono_ms);
    a->retry_ms = 0;
    if (late && (a->child || wait_ms(a) == 0)) {
        a->finishing = true;
        plan(a);
        loop_timer_set(late, FINISH_MS);
        loop_run(a->loop);
        a->finishing = false;
    }
    loop_timer_destroy(late);
}

void alerter_destroy(struct alerter *a)
{
    if (!a)
        return;
    if (a->observer > 0)
        observers_remove(a->observers, a->observer);
    child_destroy(a->child);
    loop_timer_destroy(a->timer);
    alerts_destroy(a->alerts);
    free(a->command);
    free(a->running);
    free(a);
}

/* --- configuration ---------------------------------------------------------------------------- */

/* Reported now, not when the first alert is due. */
static void check_command(struct alerter *a)
{
    struct err err;
    if (a->command && program_check(a->command, &err))
        events_report(a->events, LOG_LEVEL_ERROR, EVENT_ALERT_FAILED, NULL,
                      "alert.command: %s; no alert can be sent until then", err.text);
}

void alerter_configure(struct alerter *a, const struct config_alert *config)
{
    static const struct alert_rules none;
    char *command = *config->command ? strdup(config->command) : NULL;
    const struct alert_rules *rules = command ? &config->rules : &none;
    free(a->command);
    a->command = command;
    a->limit_ms = config->limit_ms;
    alerts_change(a->alerts, rules);
    if (a->has_current && !rules->wanted[a->current.kind])
        a->has_current = false;
    a->retry_ms = 0; /* the command may have been corrected */
    check_command(a);
    plan(a);
}

struct alerter_state alerter_state(const struct alerter *a)
{
    return (struct alerter_state){
        .wanted = a->command != NULL,
        .running = a->child != NULL,
        .sent = a->sent,
        .failures = a->failures,
    };
}
