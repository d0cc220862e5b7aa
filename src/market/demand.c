#include "market/demand.h"

#include "market/symbol_set.h"

#include <stdlib.h>
#include <string.h>

#define UNWANTED_MS                                                                                \
    (2 * DEMAND_LOOK_MS + 1000) /* nobody can want it: it would have been noticed                  \
                                 */

struct demand {
    demand_ended_fn *ended;
    void *arg;
    int max;
    struct demand_item **items; /* in the order of symbols */
    int32_t count, cap;
    int32_t taken;             /* items that are not configured */
    int32_t trials;            /* items on trial that are not known */
    int64_t orders;            /* given so far */
    int64_t settled;           /* the last one that demand_settle() has seen */
    struct symbol_set refused; /* today */
    int64_t full, unknown;
    bool is_full;
};

struct demand *demand_create(demand_ended_fn *ended, void *arg)
{
    struct demand *d = calloc(1, sizeof(*d));
    if (!d)
        return NULL;
    d->ended = ended;
    d->arg = arg;
    return d;
}

static void free_item(struct demand_item *item)
{
    free(item->symbol);
    free(item);
}

void demand_destroy(struct demand *d)
{
    if (!d)
        return;
    for (int32_t i = 0; i < d->count; i++)
        free_item(d->items[i]);
    free(d->items);
    symbol_set_finish(&d->refused);
    free(d);
}

void demand_set_max(struct demand *d, int max)
{
    d->max = max;
    d->is_full = false;
}

/* --- items ------------------------------------------------------------------------------------ */

/* The place of the symbol, or the one where it belongs. */
static int32_t place_of(const struct demand *d, const char *symbol, bool *found)
{
    int32_t from = 0, to = d->count;
    *found = false;
    while (from < to) {
        int32_t middle = from + (to - from) / 2;
        int order = strcmp(d->items[middle]->symbol, symbol);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

int32_t demand_find(const struct demand *d, const char *symbol)
{
    bool found;
    int32_t at = place_of(d, symbol, &found);
    return found ? at : -1;
}

int32_t demand_count(const struct demand *d)
{
    return d->count;
}

const struct demand_item *demand_item(const struct demand *d, int32_t at)
{
    return d->items[at];
}

static bool is_trial(const struct demand_item *item)
{
    return item->stage == DEMAND_ON_TRIAL && !item->known;
}

static struct demand_item *take_out(struct demand *d, int32_t at)
{
    struct demand_item *item = d->items[at];
    d->taken -= !item->configured;
    d->trials -= is_trial(item);
    d->count--;
    memmove(d->items + at, d->items + at + 1,
            (size_t)(d->count - at) * sizeof(struct demand_item *));
    d->is_full = false;
    return item;
}

static void end(struct demand *d, int32_t at, enum demand_end why)
{
    struct demand_item *item = take_out(d, at);
    d->ended(d->arg, item, why);
    free_item(item);
}

static bool make_room(struct demand *d)
{
    if (d->count < d->cap)
        return true;
    int32_t cap = d->cap ? d->cap * 2 : 16;
    struct demand_item **items = realloc(d->items, (size_t)cap * sizeof(struct demand_item *));
    if (!items)
        return false;
    d->items = items;
    d->cap = cap;
    return true;
}

static struct demand_item *begin(struct demand *d, const char *symbol)
{
    bool found;
    int32_t at = place_of(d, symbol, &found);
    struct demand_item *item = make_room(d) ? calloc(1, sizeof(*item)) : NULL;
    if (!item)
        return NULL;
    *item = (struct demand_item){.symbol = strdup(symbol), .instrument = -1, .order = ++d->orders};
    if (!item->symbol) {
        free(item);
        return NULL;
    }
    memmove(d->items + at + 1, d->items + at,
            (size_t)(d->count - at) * sizeof(struct demand_item *));
    d->items[at] = item;
    d->count++;
    d->taken++;
    return item;
}

/* --- clients ---------------------------------------------------------------------------------- */

/* The one that nobody has wanted for longest, and for long enough; -1: none. */
static int32_t replaceable(const struct demand *d, int64_t now_ms)
{
    int32_t best = -1;
    for (int32_t i = 0; i < d->count; i++) {
        const struct demand_item *item = d->items[i];
        if (!item->configured && now_ms - item->wanted_ms >= UNWANTED_MS &&
            (best < 0 || item->wanted_ms < d->items[best]->wanted_ms))
            best = i;
    }
    return best;
}

static bool has_place(struct demand *d, int64_t now_ms)
{
    if (d->taken < d->max)
        return true;
    int32_t old = d->max > 0 && d->taken == d->max ? replaceable(d, now_ms) : -1;
    if (old < 0)
        return false;
    end(d, old, DEMAND_REPLACED);
    return true;
}

static bool is_unknown(const struct demand *d, const char *symbol, enum demand_listing listing)
{
    return listing == DEMAND_UNLISTED || symbol_set_has(&d->refused, symbol) ||
           (listing == DEMAND_NO_LIST && d->refused.count >= DEMAND_REFUSED_MAX);
}

enum demand_answer demand_want(struct demand *d, const char *symbol, enum demand_listing listing,
                               int64_t now_ms)
{
    int32_t at = demand_find(d, symbol);
    if (at >= 0) {
        d->items[at]->wanted_ms = now_ms;
        return DEMAND_YES;
    }
    if (d->max == 0)
        return DEMAND_OFF;
    if (is_unknown(d, symbol, listing)) {
        d->unknown++;
        return DEMAND_UNKNOWN;
    }
    struct demand_item *item = has_place(d, now_ms) ? begin(d, symbol) : NULL;
    if (!item) {
        d->full++;
        d->is_full = true;
        return DEMAND_FULL;
    }
    item->known = listing == DEMAND_LISTED;
    item->wanted_ms = now_ms;
    return DEMAND_YES;
}

void demand_settle(struct demand *d, bool keep)
{
    for (int32_t i = d->count - 1; !keep && i >= 0; i--) {
        if (d->items[i]->order > d->settled) {
            bool was_full = d->is_full;
            free_item(take_out(d, i));
            d->is_full = was_full;
        }
    }
    d->settled = d->orders;
}

void demand_wanted(struct demand *d, int32_t at, int64_t now_ms)
{
    d->items[at]->wanted_ms = now_ms;
}

/* --- stages ----------------------------------------------------------------------------------- */

void demand_bind(struct demand *d, int32_t at, int32_t instrument)
{
    d->items[at]->instrument = instrument;
}

void demand_configured(struct demand *d, int32_t at, bool configured)
{
    d->taken += d->items[at]->configured - configured;
    d->items[at]->configured = configured;
}

static void set_stage(struct demand *d, struct demand_item *item, enum demand_stage stage)
{
    d->trials -= is_trial(item);
    item->stage = stage;
    d->trials += is_trial(item);
}

bool demand_try(struct demand *d, int32_t at)
{
    struct demand_item *item = d->items[at];
    if (item->stage != DEMAND_WAITS || item->instrument < 0 ||
        (!item->known && d->trials >= DEMAND_TRIALS))
        return false;
    set_stage(d, item, DEMAND_ON_TRIAL);
    return true;
}

void demand_proved(struct demand *d, int32_t at)
{
    set_stage(d, d->items[at], DEMAND_PROVED);
}

void demand_refused(struct demand *d, int32_t at)
{
    d->unknown++;
    if (d->refused.count < DEMAND_REFUSED_MAX)
        symbol_set_add(&d->refused, d->items[at]->symbol);
    end(d, at, DEMAND_REFUSED);
}

int demand_expire(struct demand *d, int64_t now_ms)
{
    int before = d->count;
    int32_t surplus = d->taken - d->max;
    for (int32_t i = d->count - 1; i >= 0; i--) {
        const struct demand_item *item = d->items[i];
        int64_t unwanted_ms = now_ms - item->wanted_ms;
        bool extra = surplus > 0 && !item->configured;
        if (unwanted_ms < (extra ? UNWANTED_MS : DEMAND_GRACE_MS))
            continue;
        surplus -= !item->configured;
        end(d, i, DEMAND_UNWANTED);
    }
    return before - d->count;
}

void demand_forgive(struct demand *d)
{
    symbol_set_finish(&d->refused);
    d->is_full = false;
}

struct demand_counts demand_counts(const struct demand *d)
{
    struct demand_counts counts = {
        .max = d->max,
        .taken = d->taken,
        .full = d->full,
        .unknown = d->unknown,
        .is_full = d->is_full,
    };
    for (int32_t i = 0; i < d->count; i++)
        counts.waiting += !d->items[i]->configured && d->items[i]->stage != DEMAND_PROVED;
    return counts;
}
