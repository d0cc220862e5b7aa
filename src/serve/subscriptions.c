#include "serve/subscriptions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const int64_t intervals_ms[SUBSCRIPTIONS_LEVELS] = {100, 500, 1000, 3000, 6000};

struct list {
    struct subscription *first, *last;
};

/* An instrument that a client wants, or wanted. A change takes time only for those that become due,
 * so that clients that pause or are on hold cost nothing. */
struct wanted {
    int32_t subscriptions;
    uint32_t version; /* counts its changes */
    struct list idle; /* its last frame was long enough ago, and it has not changed since */
};

/* One instrument of one client. */
struct subscription {
    struct subscriber *subscriber;
    struct wanted *wanted;
    int32_t instrument;
    uint32_t version; /* of the last frame */
    struct subscription_terms terms;
    struct list *list;                    /* NULL: new; otherwise always in one */
    struct subscription *next, *previous; /* in that list */
    int64_t pause_until_ms;               /* while in a list of pauses */
};

struct subscriber {
    struct subscriptions *all;
    void *user;
    struct subscription **list; /* in the order of subscription */
    int32_t count, capacity;
    struct subscription **by_instrument; /* NULL: not subscribed */
    int32_t instruments;                 /* length of by_instrument */
    bool on_hold;
    struct list held; /* due, while on hold */
};

struct subscriptions {
    struct wanted **by_instrument; /* owned; NULL: never wanted */
    int32_t instruments;           /* length of by_instrument */
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

/* Grows an array of pointers to more than `index` elements, of which new ones are NULL. Returns it;
 * NULL: no memory. */
static void *grow(void *array, int32_t *length, int32_t index)
{
    if (index < *length)
        return array;
    int32_t longer = *length * 2 > index + 1 ? *length * 2 : index + 1;
    void **grown = realloc(array, (size_t)longer * sizeof(*grown));
    if (!grown)
        return NULL;
    for (; *length < longer; ++*length)
        grown[*length] = NULL;
    return grown;
}

/* --- subscribing ------------------------------------------------------------------------------ */

static struct subscription *find(const struct subscriber *c, int32_t instrument)
{
    return instrument < c->instruments ? c->by_instrument[instrument] : NULL;
}

/* Makes room for one more subscription of `c`. */
static int make_room(struct subscriber *c, int32_t instrument)
{
    struct subscription **by_instrument = grow(c->by_instrument, &c->instruments, instrument);
    if (by_instrument)
        c->by_instrument = by_instrument;
    struct subscription **list = grow(c->list, &c->capacity, c->count);
    if (list)
        c->list = list;
    return by_instrument && list ? 0 : -ENOMEM;
}

/* NULL: no memory. */
static struct wanted *wanted_of(struct subscriptions *all, int32_t instrument)
{
    struct wanted **by_instrument = grow(all->by_instrument, &all->instruments, instrument);
    if (!by_instrument)
        return NULL;
    all->by_instrument = by_instrument;
    if (!by_instrument[instrument])
        by_instrument[instrument] = calloc(1, sizeof(struct wanted));
    return by_instrument[instrument];
}

static struct subscription *subscribe(struct subscriber *c, int32_t instrument)
{
    struct wanted *wanted = wanted_of(c->all, instrument);
    if (!wanted || make_room(c, instrument))
        return NULL;
    struct subscription *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->subscriber = c;
    s->instrument = instrument;
    s->wanted = wanted;
    wanted->subscriptions++;
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
    s->wanted->subscriptions--;
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

const struct subscription_terms *subscriptions_terms(const struct subscriber *c, int32_t instrument)
{
    const struct subscription *s = find(c, instrument);
    return s ? &s->terms : NULL;
}

void subscriptions_renew(struct subscriber *c, int32_t instrument)
{
    struct subscription *s = find(c, instrument);
    if (s && s->list != &c->all->due)
        append(&c->all->due, s);
}

/* --- due frames ------------------------------------------------------------------------------- */

static struct wanted *find_wanted(const struct subscriptions *all, int32_t instrument)
{
    return instrument < all->instruments ? all->by_instrument[instrument] : NULL;
}

bool subscriptions_wanted(const struct subscriptions *all, int32_t instrument)
{
    const struct wanted *wanted = find_wanted(all, instrument);
    return wanted && wanted->subscriptions > 0;
}

void subscriptions_changed(struct subscriptions *all, int32_t instrument)
{
    struct wanted *wanted = find_wanted(all, instrument);
    if (!wanted)
        return;
    wanted->version++;
    while (wanted->idle.first)
        append(&all->due, wanted->idle.first);
}

static void end_pauses(struct subscriptions *all, struct list *pauses, int64_t now_ms)
{
    struct subscription *s;
    while ((s = pauses->first) && s->pause_until_ms <= now_ms)
        append(s->version == s->wanted->version ? &s->wanted->idle : &all->due, s);
}

void subscriptions_hold(struct subscriber *c, bool on)
{
    struct subscription *s;
    c->on_hold = on;
    while (!on && (s = c->held.first))
        append(&c->all->due, s);
}

/* The first that is due of a client that is not on hold. */
static struct subscription *first_due(struct subscriptions *all)
{
    struct subscription *s;
    while ((s = all->due.first) && s->subscriber->on_hold)
        append(&s->subscriber->held, s);
    return s;
}

bool subscriptions_next(struct subscriptions *all, int64_t now_ms, struct due_frame *out)
{
    for (int n = 0; n < SUBSCRIPTIONS_LEVELS; n++)
        end_pauses(all, &all->pauses[n], now_ms);
    struct subscription *s = first_due(all);
    if (!s)
        return false;
    *out = (struct due_frame){s->subscriber->user, s->instrument, s->terms};
    s->version = s->wanted->version;
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
    for (int32_t i = 0; i < all->instruments; i++)
        free(all->by_instrument[i]);
    free(all->by_instrument);
    free(all);
}
