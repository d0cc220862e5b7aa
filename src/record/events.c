#include "record/events.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "store/write/store.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BURST        20.0
#define DETAIL_BYTES 768
#define RECENT       12

struct allowance {
    double credit;       /* events that may be reported at reckoned_ms; earns 1 a second */
    int64_t reckoned_ms; /* when credit was computed */
    long held_back;      /* events suppressed since the last one reported */
};

struct events {
    struct store *store;
    struct allowance allowances[EVENT_KINDS];
    struct recent_event recent[RECENT]; /* a ring */
    size_t told;                        /* total number reported */
};

struct events *events_create(struct store *store)
{
    struct events *events = calloc(1, sizeof(*events));
    if (!events)
        return NULL;
    events->store = store;
    for (int i = 0; i < EVENT_KINDS; i++)
        events->allowances[i].credit = BURST;
    return events;
}

/* `detail` may contain text from the broker: secrets are masked and control characters replaced
 * before it is logged or stored. */
static void tell(struct events *events, enum log_level level, enum event_kind kind,
                 const char *symbol, char *detail, int64_t wall_ns)
{
    const char *name = event_kind_name(kind);
    log_mask(detail);
    utf8_clean(detail, strlen(detail) + 1, detail, strlen(detail));
    if (symbol)
        log_line(level, detail, LOG_FIELDS(LOG_TEXT("event", name), LOG_TEXT("symbol", symbol)));
    else
        log_line(level, detail, LOG_FIELDS(LOG_TEXT("event", name)));
    store_event(events->store, wall_ns, kind, symbol, detail);
    struct recent_event *recent = &events->recent[events->told++ % RECENT];
    recent->ts = wall_ns;
    snprintf(recent->kind, sizeof(recent->kind), "%s", name);
    utf8_clean(recent->symbol, sizeof(recent->symbol), symbol ? symbol : "",
               symbol ? strlen(symbol) : 0);
    utf8_clean(recent->detail, sizeof(recent->detail), detail, strlen(detail));
}

void events_list(struct events *events, const struct recent_event *event)
{
    struct recent_event *recent = &events->recent[events->told++ % RECENT];
    *recent = *event;
    log_mask(recent->detail);
}

void events_recent(const struct events *events, recent_event_fn *fn, void *arg)
{
    for (size_t i = events->told > RECENT ? events->told - RECENT : 0; i < events->told; i++)
        fn(arg, &events->recent[i % RECENT]);
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

static bool may_tell(struct allowance *allowance, int64_t now_ms)
{
    allowance->credit = credit_at(allowance, now_ms);
    allowance->reckoned_ms = now_ms;
    if (allowance->credit < 1) {
        allowance->held_back++;
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
    tell(events, level, kind, symbol, detail, now.wall_ns);
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
        tell(events, LOG_LEVEL_WARN, (enum event_kind)i, NULL, detail, clock_now().wall_ns);
    }
    free(events);
}
