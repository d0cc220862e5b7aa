#include "app/events.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "store/store.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KINDS        48
#define BURST        20.0
#define DETAIL_BYTES 768
#define RECENT       12

struct kind {
    const char *name;
    double credit;
    int64_t reckoned_ms;
    long held_back;
};

struct events {
    struct store *store;
    struct kind kinds[KINDS];
    int count;
    struct recent_event recent[RECENT]; /* a ring */
    size_t told;                        /* ever */
};

struct events *events_create(struct store *store)
{
    struct events *events = calloc(1, sizeof(*events));
    if (events)
        events->store = store;
    return events;
}

static struct kind *find_kind(struct events *events, const char *name)
{
    for (int i = 0; i < events->count; i++) {
        if (strcmp(events->kinds[i].name, name) == 0)
            return &events->kinds[i];
    }
    /* The kinds are literals of this program: a full table would be our mistake, shared fairly. */
    struct kind *kind = &events->kinds[events->count < KINDS ? events->count++ : KINDS - 1];
    *kind = (struct kind){.name = name, .credit = BURST};
    return kind;
}

static void tell(struct events *events, enum log_level level, const char *kind, const char *symbol,
                 const char *detail, int64_t wall_ns)
{
    if (symbol)
        log_line(level, detail, LOG_FIELDS(LOG_TEXT("event", kind), LOG_TEXT("symbol", symbol)));
    else
        log_line(level, detail, LOG_FIELDS(LOG_TEXT("event", kind)));
    store_event(events->store, wall_ns, kind, symbol, detail);
    struct recent_event *recent = &events->recent[events->told++ % RECENT];
    recent->ts = wall_ns;
    utf8_clean(recent->kind, sizeof(recent->kind), kind, strlen(kind));
    utf8_clean(recent->symbol, sizeof(recent->symbol), symbol ? symbol : "",
               symbol ? strlen(symbol) : 0);
    utf8_clean(recent->detail, sizeof(recent->detail), detail, strlen(detail));
}

void events_recent(const struct events *events, recent_event_fn *fn, void *arg)
{
    for (size_t i = events->told > RECENT ? events->told - RECENT : 0; i < events->told; i++)
        fn(arg, &events->recent[i % RECENT]);
}

static bool may_tell(struct kind *kind, int64_t now_ms)
{
    kind->credit = fmin(kind->credit + (double)(now_ms - kind->reckoned_ms) / 1000, BURST);
    kind->reckoned_ms = now_ms;
    if (kind->credit < 1) {
        kind->held_back++;
        return false;
    }
    kind->credit -= 1;
    return true;
}

void events_report(struct events *events, enum log_level level, const char *kind,
                   const char *symbol, const char *fmt, ...)
{
    char detail[DETAIL_BYTES];
    struct now now = clock_now();
    struct kind *k = find_kind(events, kind);
    va_list ap;

    if (!may_tell(k, now.mono_ms))
        return;
    va_start(ap, fmt);
    vsnprintf(detail, sizeof(detail) - 64, fmt, ap);
    va_end(ap);
    if (k->held_back) {
        size_t used = strlen(detail);
        snprintf(detail + used, sizeof(detail) - used, " (and %ld more like it, not told)",
                 k->held_back);
        k->held_back = 0;
    }
    tell(events, level, kind, symbol, detail, now.wall_ns);
}

void events_destroy(struct events *events)
{
    if (!events)
        return;
    for (int i = 0; i < events->count; i++) {
        struct kind *kind = &events->kinds[i];
        char detail[64];
        if (!kind->held_back)
            continue;
        snprintf(detail, sizeof(detail), "%ld more of these, not told", kind->held_back);
        tell(events, LOG_LEVEL_WARN, kind->name, NULL, detail, clock_now().wall_ns);
    }
    free(events);
}
