#include "service/notify.h"

#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#define LINE_MS   20000 /* interval of updating the status line without a watchdog */
#define SETTLE_MS 2000  /* the same after a change: the counts often change again soon */

struct notify {
    struct loop *loop;
    struct loop_timer *timer;
    notify_look *look;
    void *arg;
    int64_t watchdog_ms; /* 0 = no watchdog */
    bool ready, withheld;
    char line[NOTIFY_LINE]; /* the last one sent */
};

/* --- the decisions ---------------------------------------------------------------------------- */

bool notify_alive(int64_t step_since_ms, int64_t now_ms, int64_t watchdog_ms)
{
    return step_since_ms == 0 || now_ms - step_since_ms < watchdog_ms;
}

static const char *outage_words(enum outage_cause outage)
{
    switch (outage) {
    case OUTAGE_NONE:
        return "";
    case OUTAGE_UNREACHABLE:
        return "; the broker does not answer";
    case OUTAGE_PAGES:
        return "; web pages instead of the broker's answers";
    case OUTAGE_REFUSALS:
        return "; the broker refuses most instruments";
    }
    return "";
}

/* The problems, to be appended to the line; "" if there are none. */
static void put_trouble(char *out, size_t size, const struct notify_facts *f)
{
    const char *store = f->store_failing ? "; the database cannot be written" : "";
    bool refused = f->refused && *f->refused;
    snprintf(out, size, "%s%s%s", store,
             refused ? "; the new configuration was refused, the previous one stays in effect: "
                     : "",
             refused ? f->refused : "");
}

char *notify_line(char *out, const struct notify_facts *f)
{
    char trouble[NOTIFY_LINE - 160], unobserved[40] = "";
    put_trouble(trouble, sizeof(trouble), f);
    if (f->unobserved)
        snprintf(unobserved, sizeof(unobserved), ", %d unobserved", (int)f->unobserved);
    if (*f->rest)
        snprintf(out, NOTIFY_LINE, "%.150s%s", f->rest, trouble);
    else if (f->replica && f->reading)
        snprintf(out, NOTIFY_LINE, "replica: %lld messages behind%s",
                 (long long)(f->behind > 0 ? f->behind : 0), trouble);
    else if (f->replica)
        snprintf(out, NOTIFY_LINE, "replica: not connected to NATS%s", trouble);
    else if (!f->asking)
        snprintf(out, NOTIFY_LINE, "starting: no list of instruments yet%s", trouble);
    else if (f->mode == FEED_NO_TOKEN)
        snprintf(out, NOTIFY_LINE, "no token: %d instruments waiting%s", (int)(f->live + f->polled),
                 trouble);
    else
        snprintf(out, NOTIFY_LINE, "%s: %d instruments live, %d polled%s%s%s",
                 feed_mode_name(f->mode), (int)f->live, (int)f->polled, unobserved,
                 outage_words(f->outage), trouble);
    return out;
}

/* --- sending ---------------------------------------------------------------------------------- */

/* True: the line has changed and was sent. */
static bool tell_line(struct notify *n, const struct notify_facts *facts)
{
    char line[NOTIFY_LINE];
    notify_line(line, facts);
    if (strcmp(line, n->line) == 0)
        return false;
    memcpy(n->line, line, sizeof(n->line));
    sd_notifyf(0, "STATUS=%s", line);
    return true;
}

static void give_sign(struct notify *n, const struct notify_facts *facts)
{
    int64_t now_ms = loop_now(n->loop).mono_ms;
    bool alive = notify_alive(facts->step_since_ms, now_ms, n->watchdog_ms);
    if (alive)
        sd_notify(0, "WATCHDOG=1");
    else if (!n->withheld)
        log_error("the database writer is blocked in a system call: no keep-alive to the watchdog",
                  LOG_NUMBER("for_s", (double)(now_ms - facts->step_since_ms) / 1000));
    n->withheld = !alive;
}

static void on_timer(void *arg)
{
    struct notify *n = arg;
    struct notify_facts facts = {0};
    int64_t wait_ms = n->watchdog_ms ? n->watchdog_ms / 3 : LINE_MS;
    n->look(n->arg, &facts);
    if (tell_line(n, &facts) && wait_ms > SETTLE_MS)
        wait_ms = SETTLE_MS;
    if (!n->ready)
        sd_notify(0, "READY=1");
    n->ready = true;
    if (n->watchdog_ms)
        give_sign(n, &facts);
    loop_timer_set(n->timer, wait_ms);
}

void notify_ready(struct notify *n)
{
    if (getenv("NOTIFY_SOCKET"))
        loop_timer_set(n->timer, 0);
}

void notify_changed(struct notify *n)
{
    if (n->ready)
        loop_timer_set(n->timer, 0);
}

void notify_reloading(struct notify *n)
{
    struct timespec mono; /* by it the manager matches this message with its reload request */
    (void)n;
    clock_gettime(CLOCK_MONOTONIC, &mono);
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
               (int64_t)mono.tv_sec * 1000000 + mono.tv_nsec / 1000);
}

void notify_reloaded(struct notify *n)
{
    sd_notify(0, "READY=1");
    notify_changed(n);
}

void notify_stopping(struct notify *n, const char *why)
{
    loop_timer_stop(n->timer);
    sd_notifyf(0, "STOPPING=1\nSTATUS=%s", why);
}

/* --- life ------------------------------------------------------------------------------------- */

int notify_create(struct notify **out, struct loop *loop, notify_look *look, void *arg,
                  struct err *err)
{
    uint64_t watchdog_us = 0;
    struct notify *n = calloc(1, sizeof(*n));
    if (!n)
        return err_set(err, -ENOMEM, "out of memory");
    n->loop = loop;
    n->look = look;
    n->arg = arg;
    if (sd_watchdog_enabled(0, &watchdog_us) > 0)
        n->watchdog_ms = (int64_t)(watchdog_us / 1000);
    n->timer = loop_timer_create(loop, on_timer, n);
    if (!n->timer) {
        notify_destroy(n);
        return err_set(err, -ENOMEM, "out of memory");
    }
    *out = n;
    return 0;
}

void notify_destroy(struct notify *n)
{
    if (!n)
        return;
    loop_timer_destroy(n->timer);
    free(n);
}
