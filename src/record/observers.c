#include "record/observers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct added {
    int number; /* 0 = removed during a call */
    struct observer observer;
};

/* An event that was reported during a call. */
struct waiting {
    struct waiting *next;
    struct observed_event event; /* owns its texts */
};

struct observers {
    struct added *list; /* in order of addition */
    size_t count, cap;
    int last_number;
    bool calling;
    bool removed; /* there are some to delete after the call */
    struct waiting *first, **end;
};

struct observers *observers_create(void)
{
    struct observers *o = calloc(1, sizeof(*o));
    if (o)
        o->end = &o->first;
    return o;
}

void observers_destroy(struct observers *o)
{
    if (!o)
        return;
    free(o->list);
    free(o);
}

int observers_add(struct observers *o, const struct observer *observer)
{
    if (o->count == o->cap) {
        size_t cap = o->cap ? o->cap * 2 : 8;
        struct added *list = realloc(o->list, cap * sizeof(*list));
        if (!list)
            return -ENOMEM;
        o->list = list;
        o->cap = cap;
    }
    o->list[o->count++] = (struct added){++o->last_number, *observer};
    return o->last_number;
}

static void delete_removed(struct observers *o)
{
    size_t kept = 0;
    for (size_t i = 0; i < o->count; i++) {
        if (o->list[i].number)
            o->list[kept++] = o->list[i];
    }
    o->count = kept;
    o->removed = false;
}

void observers_remove(struct observers *o, int number)
{
    for (size_t i = 0; i < o->count; i++) {
        if (number > 0 && o->list[i].number == number) {
            o->list[i].number = 0;
            o->removed = true;
        }
    }
    if (o->removed && !o->calling)
        delete_removed(o);
}

/* --- calling ---------------------------------------------------------------------------------- */

void observers_no_call(const struct observers *o)
{
    if (o->calling)
        abort(); /* an observer acts on the feed or the recorder: see the header */
}

/* What has happened: exactly one of these is set. */
struct news {
    const struct market_change *change;
    const struct observed_event *event;
    const struct observed_mode *mode;
    const char *market_id, *symbol; /* of this new instrument */
    int32_t instrument;
};

static void call(const struct observer *observer, const struct news *news)
{
    if (news->change && observer->on_change)
        observer->on_change(observer->arg, news->change);
    else if (news->event && observer->on_event)
        observer->on_event(observer->arg, news->event);
    else if (news->mode && observer->on_mode)
        observer->on_mode(observer->arg, news->mode);
    else if (news->symbol && observer->on_instrument)
        observer->on_instrument(observer->arg, news->instrument, news->market_id, news->symbol);
}

/* The array may move during a call, when an observer is added. */
static void call_all(struct observers *o, const struct news *news)
{
    size_t count = o->count; /* those that are added now are not called yet */
    o->calling = true;
    for (size_t i = 0; i < count; i++) {
        const struct observer observer = o->list[i].observer;
        if (o->list[i].number)
            call(&observer, news);
    }
    o->calling = false;
    if (o->removed)
        delete_removed(o);
}

/* --- events that were reported during a call -------------------------------------------------- */

static void free_waiting(struct waiting *w)
{
    free((char *)w->event.symbol);
    free((char *)w->event.detail);
    free(w);
}

/* Without memory the event is lost: nothing else can be done here, and the data is not affected. */
static void keep_waiting(struct observers *o, const struct observed_event *event)
{
    struct waiting *w = calloc(1, sizeof(*w));
    if (!w)
        return;
    w->event = *event;
    w->event.symbol = event->symbol ? strdup(event->symbol) : NULL;
    w->event.detail = strdup(event->detail);
    if (!w->event.detail || (event->symbol && !w->event.symbol)) {
        free_waiting(w);
        return;
    }
    *o->end = w;
    o->end = &w->next;
}

static void call_and_catch_up(struct observers *o, const struct news *news)
{
    call_all(o, news);
    while (o->first) {
        struct waiting *w = o->first;
        o->first = w->next;
        if (!o->first)
            o->end = &o->first;
        call_all(o, &(struct news){.event = &w->event});
        free_waiting(w);
    }
}

/* --- what has happened ------------------------------------------------------------------------ */

void observers_instrument(struct observers *o, int32_t instrument, const char *market_id,
                          const char *symbol)
{
    observers_no_call(o);
    call_and_catch_up(
        o, &(struct news){.instrument = instrument, .market_id = market_id, .symbol = symbol});
}

void observers_change(struct observers *o, const struct market_change *change)
{
    observers_no_call(o);
    call_and_catch_up(o, &(struct news){.change = change});
}

void observers_event(struct observers *o, const struct observed_event *event)
{
    if (o->calling)
        keep_waiting(o, event);
    else
        call_and_catch_up(o, &(struct news){.event = event});
}

void observers_mode(struct observers *o, const struct observed_mode *mode)
{
    observers_no_call(o);
    call_and_catch_up(o, &(struct news){.mode = mode});
}
