#include "merge/outages.h"

#include "base/array.h"

#include <stdlib.h>

bool outages_add(struct outages *all, size_t instrument, const struct coverage_part *part)
{
    int64_t length_ns = part->ts_to - part->ts_from;
    all->missed_ns[part->recorder] += length_ns;
    if (length_ns < OUTAGE_LEAST_NS)
        return true;
    struct outage *larger = array_grow(all->item, &all->cap, all->count + 1, sizeof(*all->item));
    if (!larger)
        return false;
    all->item = larger;
    all->item[all->count++] = (struct outage){part->recorder, part->ts_from, part->ts_to,
                                              part->reason,   length_ns,     instrument};
    return true;
}

static int by_begin(const void *one, const void *other)
{
    const struct outage *a = one, *b = other;
    if (a->recorder != b->recorder)
        return a->recorder - b->recorder;
    if (a->ts_from != b->ts_from)
        return a->ts_from < b->ts_from ? -1 : 1;
    return (a->ts_to > b->ts_to) - (a->ts_to < b->ts_to);
}

static void join(struct outage *group, const struct outage *part)
{
    if (part->ts_to > group->ts_to)
        group->ts_to = part->ts_to;
    if (part->longest_ns > group->longest_ns) {
        group->longest_ns = part->longest_ns;
        group->reason = part->reason;
    }
}

bool outages_group(struct outages *all, size_t instruments)
{
    size_t *group_of = calloc(instruments + 1, sizeof(*group_of)), made = 0;
    if (!group_of)
        return false;
    if (all->count)
        qsort(all->item, all->count, sizeof(*all->item), by_begin);
    for (size_t i = 0; i < all->count; i++) {
        const struct outage part = all->item[i];
        struct outage *last = made ? &all->item[made - 1] : NULL;
        if (last && last->recorder == part.recorder && part.ts_from <= last->ts_to) {
            join(last, &part);
        } else {
            last = &all->item[made++];
            *last = part;
            last->instruments = 0;
        }
        last->instruments += group_of[part.instruments] != made;
        group_of[part.instruments] = made;
    }
    all->count = made;
    free(group_of);
    return true;
}

void outages_finish(struct outages *all)
{
    free(all->item);
    *all = (struct outages){0};
}
