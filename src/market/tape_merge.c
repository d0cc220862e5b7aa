#include "market/tape_merge.h"

#include <math.h>
#include <stdlib.h>

/* --- order ------------------------------------------------------------------------------------ */

static int compare(double a, double b)
{
    return (a > b) - (a < b);
}

/* Unknown sizes come first. */
static int compare_sizes(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(b) - isnan(a);
    return compare(a, b);
}

static int compare_times(const struct tape_item *a, const struct tape_item *b)
{
    if (a->ts_event != b->ts_event)
        return a->ts_event < b->ts_event ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

static int by_time(const void *one, const void *other)
{
    return compare_times(one, other);
}

static int by_price(const void *one, const void *other)
{
    const struct tape_item *a = one, *b = other;
    int order = compare(a->price, b->price);
    return order ? order : compare_times(a, b);
}

static int by_price_and_size(const void *one, const void *other)
{
    const struct tape_item *a = one, *b = other;
    int order = compare(a->price, b->price);
    if (order == 0)
        order = compare_sizes(a->size, b->size);
    return order ? order : compare_times(a, b);
}

static bool same_price(const struct tape_item *a, const struct tape_item *b)
{
    return compare(a->price, b->price) == 0;
}

static bool same_price_and_size(const struct tape_item *a, const struct tape_item *b)
{
    return same_price(a, b) && compare_sizes(a->size, b->size) == 0;
}

/* --- matching --------------------------------------------------------------------------------- */

/* Items of one price, or of one price and size, in order of time. */
struct span {
    struct tape_item *items;
    size_t count;
};

/* How much earlier and later than ours the time in the list may be. */
struct window {
    enum { OF_ALL, OF_UNKNOWN_SIZE, OF_UNDATED } of; /* which of ours */
    int64_t whole_ns;                                /* only ours at a multiple of it */
    int64_t before_ns, after_ns;
};

static const struct window windows[] = {
    {OF_ALL, 1, 0, 0},
    {OF_ALL, NS_PER_S, 0, NS_PER_S - NS_PER_MS},
    {OF_UNKNOWN_SIZE, NS_PER_MIN, 0, NS_PER_MIN - NS_PER_MS},
    {OF_ALL, 1, TAPE_MERGE_BEFORE_NS, TAPE_MERGE_AFTER_NS},
    {OF_UNDATED, 1, NS_PER_DAY, TAPE_MERGE_AFTER_NS},
};
#define WINDOWS (sizeof(windows) / sizeof(windows[0]))

static bool takes_part(const struct tape_item *item, const struct window *window, bool unknown_size)
{
    return !item->matched && isnan(item->size) >= unknown_size &&
           item->ts_event % window->whole_ns == 0 && (window->of != OF_UNDATED || item->undated);
}

static void join(struct tape_item *our, struct tape_item *their)
{
    our->matched = their->matched = true;
    our->with = their->at;
    their->with = our->at;
}

/* One pass over both: what is too early for one of ours is too early for all later ones. */
static void match(struct span ours, struct span theirs, const struct window *window,
                  bool unknown_size)
{
    size_t next = 0;
    for (size_t i = 0; i < ours.count; i++) {
        struct tape_item *item = &ours.items[i];
        if (!takes_part(item, window, unknown_size))
            continue;
        int64_t from = item->ts_event - window->before_ns, to = item->ts_event + window->after_ns;
        while (next < theirs.count &&
               (theirs.items[next].matched || theirs.items[next].ts_event < from))
            next++;
        if (next == theirs.count)
            return;
        if (theirs.items[next].ts_event <= to)
            join(item, &theirs.items[next]);
    }
}

typedef bool same_fn(const struct tape_item *a, const struct tape_item *b);
typedef int order_fn(const void *a, const void *b);

/* The items at the beginning of `rest` that are of one group; removes them from it. */
static struct span take_group(struct span *rest, same_fn *same)
{
    struct span group = {rest->items, 0};
    while (group.count < rest->count && same(&rest->items[group.count], group.items))
        group.count++;
    rest->items += group.count;
    rest->count -= group.count;
    return group;
}

static void match_group(struct span ours, struct span theirs, bool unknown_size)
{
    for (size_t i = 0; i < WINDOWS; i++) {
        if (windows[i].of != OF_UNKNOWN_SIZE || unknown_size)
            match(ours, theirs, &windows[i], unknown_size);
    }
}

static void sort(struct span items, order_fn *order)
{
    if (items.count)
        qsort(items.items, items.count, sizeof(*items.items), order);
}

static void match_groups(struct span ours, struct span theirs, order_fn *order, same_fn *same)
{
    bool unknown_size = same == same_price;
    sort(ours, order);
    sort(theirs, order);
    while (ours.count && theirs.count) {
        if (same(ours.items, theirs.items))
            match_group(take_group(&ours, same), take_group(&theirs, same), unknown_size);
        else if (order(ours.items, theirs.items) < 0)
            take_group(&ours, same);
        else
            take_group(&theirs, same);
    }
}

static bool has_unknown_size(struct span items)
{
    for (size_t i = 0; i < items.count; i++) {
        if (isnan(items.items[i].size))
            return true;
    }
    return false;
}

static void forget_matches(struct span items)
{
    for (size_t i = 0; i < items.count; i++)
        items.items[i].matched = false;
}

void tape_merge(struct tape_item *ours, size_t ours_count, struct tape_item *theirs,
                size_t theirs_count)
{
    struct span our = {ours, ours_count}, their = {theirs, theirs_count};
    forget_matches(our);
    forget_matches(their);
    match_groups(our, their, by_price_and_size, same_price_and_size);
    if (has_unknown_size(our))
        match_groups(our, their, by_price, same_price);
}

void tape_merge_sort(struct tape_item *items, size_t count)
{
    sort((struct span){items, count}, by_time);
}

int64_t tape_merge_until(int64_t ts)
{
    return (ts + NS_PER_MS) / NS_PER_S * NS_PER_S - NS_PER_MS;
}
