#include "serve/subscriptions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const int64_t intervals_ms[SUBSCRIPTIONS_LEVELS] = {100, 500, 1000, 3000, 6000};

/* In one of these lists, or in none: unchanged since its last frame, which is long enough ago. */
struct list {
    struct subscription *first, *last;
};

/* One instrument of one client. */
struct subscription {
    struct subscriber *subscriber;
    int32_t instrument;
    struct subscription_terms terms;
    struct subscription *of_instrument, **from; /* the others of the instrument; who points here */
    struct list *list;                          /* NULL: in none */
    struct subscription *next, *previous;       /* in that list */
    int64_t pause_until_ms;                     /* while in a list of pauses */
    bool changed;                               /* during the pause */
};

struct subscriber {
    struct subscriptions *all;
    void *user;
    struct subscription **list; /* in the order of subscription */
    int32_t count, capacity;
    struct subscription **by_instrument; /* NULL: not subscribed */
    int32_t instruments;                 /* length of by_instrument */
};

struct subscriptions {
    struct subscription **by_instrument; /* the first of each instrument */
    int32_t instruments;                 /* length of by_instrument */
    int64_t count;
    struct list due;
    /* Those whose last frame was less than the interval ago. One list for each level: as all of a
     * list pause equally long, they are in the order in which the pauses end. */
    struct list pauses[SUBSCRIPTIONS_LEVELS];
};

int64_t subscriptions_interval_ms(int level)
{
    return intervals_ms[level - 1];
}

/* --- lists ------------------------------------------------------------------------------------ */

static void leave_list(struct subscription *s)
{
    struct list *list = s->list;
    if (!list)
        return;
    *(s->previous ? &s->previous->next : &list->first) = s->next;
    *(s->next ? &s->next->previous : &list->last) = s->previous;
    s->list = NULL;
}

static void append(struct list *list, struct subscription *s)
{
    leave_list(s);
    s->list = list;
    s->next = NULL;
    s->previous = list->last;
    *(list->last ? &list->last->next : &list->first) = s;
    list->last = s;
}

/* Grows an array of pointers to more than `index` elements; new ones are NULL. */
static int make_room(struct subscription ***array, int32_t *length, int32_t index)
{
    if (index < *length)
        return 0;
    int32_t longer = *length * 2 > index + 1 ? *length * 2 : index + 1;
    struct subscription **grown = realloc(*array, (size_t)longer * sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    memset(grown + *length, 0, (size_t)(longer - *length) * sizeof(*grown));
    *array = grown;
    *length = longer;
    return 0;
}

/* --- subscribing ------------------------------------------------------------------------------ */

static struct subscription *find(const struct subscriber *c, int32_t instrument)
{
    return instrument < c->instruments ? c->by_instrument[instrument] : NULL;
}

static int make_heads(struct subscriptions *all, int32_t instrument)
{
    if (instrument < all->instruments)
        return 0;
    int rc = make_room(&all->by_instrument, &all->instruments, instrument);
    for (int32_t i = 0; i < all->instruments; i++) { /* the array may have moved */
        if (all->by_instrument[i])
            all->by_instrument[i]->from = &all->by_instrument[i];
    }
    return rc;
}

static void link_to_instrument(struct subscriptions *all, struct subscription *s)
{
    struct subscription **head = &all->by_instrument[s->instrument];
    s->of_instrument = *head;
    s->from = head;
    if (*head)
        (*head)->from = &s->of_instrument;
    *head = s;
}

static struct subscription *subscribe(struct subscriber *c, int32_t instrument)
{
    if (make_room(&c->by_instrument, &c->instruments, instrument) ||
        make_room(&c->list, &c->capacity, c->count) || make_heads(c->all, instrument))
        return NULL;
    struct subscription *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->subscriber = c;
    s->instrument = instrument;
    link_to_instrument(c->all, s);
    c->by_instrument[instrument] = s;
    c->list[c->count++] = s;
    c->all->count++;
    return s;
}

int subscriptions_want(struct subscriber *c, int32_t instrument,
                       const struct subscription_terms *terms)
{
    struct subscription *s = find(c, instrument);
    if (!s)
        s = subscribe(c, instrument);
    if (!s)
        return -ENOMEM;
    s->terms = *terms;
    if (s->list != &c->all->due)
        append(&c->all->due, s);
    return 0;
}

/* All but its place in the list of its subscriber. */
static void remove_subscription(struct subscription *s)
{
    struct subscriber *c = s->subscriber;
    leave_list(s);
    *s->from = s->of_instrument;
    if (s->of_instrument)
        s->of_instrument->from = s->from;
    c->by_instrument[s->instrument] = NULL;
    c->all->count--;
    free(s);
}

void subscriptions_unwant(struct subscriber *c, int32_t instrument)
{
    struct subscription *s = find(c, instrument);
    if (!s)
        return;
    int32_t n = 0;
    while (c->list[n] != s)
        n++;
    memmove(&c->list[n], &c->list[n + 1],
            (size_t)(c->count - n - 1) * sizeof(struct subscription *));
    c->count--;
    remove_subscription(s);
}

void subscriptions_drop(struct subscriber *c)
{
    for (int32_t n = 0; n < c->count; n++)
        remove_subscription(c->list[n]);
    c->count = 0;
}

/* --- due frames ------------------------------------------------------------------------------- */

bool subscriptions_wanted(const struct subscriptions *all, int32_t instrument)
{
    return instrument < all->instruments && all->by_instrument[instrument];
}

void subscriptions_changed(struct subscriptions *all, int32_t instrument, int64_t now_ms)
{
    struct subscription *s = instrument < all->instruments ? all->by_instrument[instrument] : NULL;
    for (; s; s = s->of_instrument) {
        if (!s->list || (s->list != &all->due && s->pause_until_ms <= now_ms))
            append(&all->due, s);
        else
            s->changed = true;
    }
}

static void end_pauses(struct subscriptions *all, struct list *pauses, int64_t now_ms)
{
    struct subscription *s;
    while ((s = pauses->first) && s->pause_until_ms <= now_ms) {
        if (s->changed)
            append(&all->due, s);
        else
            leave_list(s);
    }
}

bool subscriptions_next(struct subscriptions *all, int64_t now_ms, struct due_frame *out)
{
    for (int n = 0; n < SUBSCRIPTIONS_LEVELS; n++)
        end_pauses(all, &all->pauses[n], now_ms);
    struct subscription *s = all->due.first;
    if (!s)
        return false;
    *out = (struct due_frame){s->subscriber->user, s->instrument, s->terms};
    s->changed = false;
    s->pause_until_ms = now_ms + subscriptions_interval_ms(s->terms.level);
    append(&all->pauses[s->terms.level - 1], s);
    return true;
}

int64_t subscriptions_wait_ms(const struct subscriptions *all, int64_t now_ms)
{
    int64_t wait_ms = -1;
    if (all->due.first)
        return 0;
    for (int n = 0; n < SUBSCRIPTIONS_LEVELS; n++) {
        const struct subscription *s = all->pauses[n].first;
        int64_t left_ms = s ? s->pause_until_ms - now_ms : INT64_MAX;
        if (s && (wait_ms < 0 || left_ms < wait_ms))
            wait_ms = left_ms > 0 ? left_ms : 0;
    }
    return wait_ms;
}

int64_t subscriptions_count(const struct subscriptions *all)
{
    return all->count;
}

/* --- create and destroy ----------------------------------------------------------------------- */

struct subscriber *subscriptions_add(struct subscriptions *all, void *user)
{
    struct subscriber *c = calloc(1, sizeof(*c));
    if (c)
        *c = (struct subscriber){.all = all, .user = user};
    return c;
}

void subscriptions_remove(struct subscriber *c)
{
    if (!c)
        return;
    subscriptions_drop(c);
    free(c->list);
    free(c->by_instrument);
    free(c);
}

struct subscriptions *subscriptions_create(void)
{
    return calloc(1, sizeof(struct subscriptions));
}

void subscriptions_destroy(struct subscriptions *all)
{
    if (!all)
        return;
    free(all->by_instrument);
    free(all);
}
