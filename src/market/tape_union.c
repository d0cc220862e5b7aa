#include "market/tape_union.h"

#include "base/clock.h"

#include <math.h>
#include <stdlib.h>

/* --- groups of one price and second -------------------------------------------------------------
 */

struct span {
    struct tape_union_item *items;
    size_t count;
};

static int compare_groups(const struct tape_union_item *a, const struct tape_union_item *b)
{
    int64_t a_s = a->ts_event / NS_PER_S, b_s = b->ts_event / NS_PER_S;
    if (a_s != b_s)
        return a_s < b_s ? -1 : 1;
    return (a->price > b->price) - (a->price < b->price);
}

static int by_group(const void *one, const void *other)
{
    const struct tape_union_item *a = one, *b = other;
    int order = compare_groups(a, b);
    if (order)
        return order;
    if (a->ts_event != b->ts_event)
        return a->ts_event < b->ts_event ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

static struct span sorted(struct tape_union_item *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        items[i].matched = false;
    if (count)
        qsort(items, count, sizeof(*items), by_group);
    return (struct span){items, count};
}

/* The first group of `rest`; removes it from there. */
static struct span take_group(struct span *rest)
{
    struct span group = {rest->items, 0};
    while (group.count < rest->count && compare_groups(&rest->items[group.count], group.items) == 0)
        group.count++;
    rest->items += group.count;
    rest->count -= group.count;
    return group;
}

/* --- matching -----------------------------------------------------------------------------------
 */

struct rule {
    bool whole_second; /* one of them may have it; otherwise the times are equal */
    bool unknown_size; /* one of them may have it; otherwise the sizes are equal */
};

/* The most exact one first. */
static const struct rule rules[] = {{false, false}, {true, false}, {false, true}, {true, true}};
#define RULES (sizeof(rules) / sizeof(rules[0]))

static bool same_time(const struct tape_union_item *a, const struct tape_union_item *b,
                      bool whole_second)
{
    return a->ts_event == b->ts_event ||
           (whole_second && (a->ts_event % NS_PER_S == 0 || b->ts_event % NS_PER_S == 0));
}

static bool same_size(const struct tape_union_item *a, const struct tape_union_item *b,
                      bool unknown_size)
{
    if (isnan(a->size) || isnan(b->size))
        return unknown_size || (isnan(a->size) && isnan(b->size));
    return a->size == b->size;
}

static void match(struct span a, struct span b, const struct rule *rule)
{
    for (size_t i = 0; i < a.count; i++) {
        for (size_t j = 0; j < b.count && !a.items[i].matched; j++) {
            if (!b.items[j].matched && same_time(&a.items[i], &b.items[j], rule->whole_second) &&
                same_size(&a.items[i], &b.items[j], rule->unknown_size))
                a.items[i].matched = b.items[j].matched = true;
        }
    }
}

void tape_union(struct tape_union_item *a, size_t a_count, struct tape_union_item *b,
                size_t b_count)
{
    struct span as = sorted(a, a_count), bs = sorted(b, b_count);
    while (as.count && bs.count) {
        int order = compare_groups(as.items, bs.items);
        struct span one = {NULL, 0}, other = {NULL, 0};
        if (order <= 0)
            one = take_group(&as);
        if (order >= 0)
            other = take_group(&bs);
        for (size_t i = 0; i < RULES; i++)
            match(one, other, &rules[i]);
    }
}
