#include "record/events.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "record/observers.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BURST        20.0
#define DETAIL_BYTES 768

struct allowance {
    double credit;       /* events that may be reported at reckoned_ms; earns 1 a second */
    int64_t reckoned_ms; /* when credit was computed */
    long held_back;      /* events suppressed since the last one reported */
    int64_t suppressed;  /* events suppressed so far */
};

struct events {
    struct observers *observers;
    struct allowance allowances[EVENT_KINDS];
};

struct events *events_create(struct observers *observers)
{
    struct events *events = calloc(1, sizeof(*events));
    if (!events)
        return NULL;
    events->observers = observers;
    for (int i = 0; i < EVENT_KINDS; i++)
        events->allowances[i].credit = BURST;
    return events;
}

static void tell(struct events *events, struct observed_event event, char *detail)
{
    log_mask(detail);
    utf8_clean(detail, strlen(detail) + 1, detail, strlen(detail));
    event.detail = detail;
    observers_event(events->observers, &event);
}

static double credit_at(const struct allowance *allowance, int64_t now_ms)
{
    double earned = (double)(now_ms - allowance->reckoned_ms) / 1000;
    return fmin(allowance->credit + earned, BURST);
}

bool events_allowed(const struct events *events, enum event_kind kind)
{
    return credit_at(&events->allowances[kind], clock_now().mono_ms) >= 1;
}

int64_t events_suppressed(const struct events *events, enum event_kind kind)
{
    return events->allowances[kind].suppressed;
}

static bool may_tell(struct allowance *allowance, int64_t now_ms)
{
    allowance->credit = credit_at(allowance, now_ms);
    allowance->reckoned_ms = now_ms;
    if (allowance->credit < 1) {
        allowance->held_back++;
        allowance->suppressed++;
        return false;
    }
    allowance->credit -= 1;
    return true;
}

void events_report(struct events *events, enum log_level level, enum event_kind kind,
                   const char *symbol, const char *fmt, ...)
{
    char detail[DETAIL_BYTES];
    struct now now = clock_now();
    struct allowance *allowance = &events->allowances[kind];
    va_list ap;

    if (!may_tell(allowance, now.mono_ms))
        return;
    va_start(ap, fmt);
    vsnprintf(detail, sizeof(detail) - 64, fmt, ap);
    va_end(ap);
    if (allowance->held_back) {
        size_t used = strlen(detail);
        snprintf(detail + used, sizeof(detail) - used, " (%ld similar events suppressed)",
                 allowance->held_back);
        allowance->held_back = 0;
    }
    tell(events,
         (struct observed_event){.ts = now.wall_ns, .kind = kind, .level = level, .symbol = symbol},
         detail);
}

void events_destroy(struct events *events)
{
    if (!events)
        return;
    for (int i = 0; i < EVENT_KINDS; i++) {
        long held_back = events->allowances[i].held_back;
        char detail[64];
        if (!held_back)
            continue;
        snprintf(detail, sizeof(detail), "%ld similar events suppressed", held_back);
        tell(events,
             (struct observed_event){
                 .ts = clock_now().wall_ns, .kind = (enum event_kind)i, .level = LOG_LEVEL_WARN},
             detail);
    }
    free(events);
}
