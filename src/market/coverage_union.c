#include "market/coverage_union.h"

#include <stdlib.h>

static int by_begin(const void *one, const void *other)
{
    const struct coverage_part *a = one, *b = other;
    if (a->ts_from != b->ts_from)
        return a->ts_from < b->ts_from ? -1 : 1;
    return a->recorder - b->recorder;
}

/* --- the best one at each moment ---------------------------------------------------------------
 */

/* The browser terminal sends the best level only, but each change of it; a poll may miss changes.
 */
static int rank(enum source source)
{
    switch (source) {
    case SOURCE_STREAM:
        return 2;
    case SOURCE_MATRIZ:
        return 1;
    case SOURCE_REST:
        return 0;
    }
    return 0;
}

/* Parts in [low, high) have begun at `ts`; those before `low` have ended. */
struct sweep {
    const struct coverage_part *parts;
    size_t count, low, high;
    int64_t ts;
    const struct coverage_part *present; /* of the last interval of the result; NULL: none yet */
};

static bool preferred(const struct sweep *s, const struct coverage_part *a,
                      const struct coverage_part *b)
{
    if (rank(a->source) != rank(b->source))
        return rank(a->source) > rank(b->source);
    return s->present && a->recorder == s->present->recorder && b->recorder != s->present->recorder;
}

static const struct coverage_part *best(struct sweep *s)
{
    const struct coverage_part *found = NULL;
    while (s->high < s->count && s->parts[s->high].ts_from <= s->ts)
        s->high++;
    while (s->low < s->high && s->parts[s->low].ts_to <= s->ts)
        s->low++;
    for (size_t i = s->low; i < s->high; i++) {
        const struct coverage_part *part = &s->parts[i];
        if (part->ts_to > s->ts && (!found || preferred(s, part, found)))
            found = part;
    }
    return found;
}

static void extend(struct coverage_part *last, const struct coverage_part *part, int64_t ts_to)
{
    last->ts_to = ts_to;
    last->reason = ts_to == part->ts_to ? part->reason : NULL;
}

size_t coverage_union(struct coverage_part *parts, size_t count, struct coverage_part *out)
{
    size_t made = 0;
    if (count)
        qsort(parts, count, sizeof(*parts), by_begin);
    struct sweep s = {.parts = parts, .count = count, .ts = count ? parts[0].ts_from : 0};
    for (;;) {
        const struct coverage_part *part = best(&s);
        bool another = s.high < count;
        if (!part && !another)
            return made;
        int64_t ts_to = part && (!another || part->ts_to < parts[s.high].ts_from)
                            ? part->ts_to
                            : parts[s.high].ts_from;
        if (part && (part != s.present || out[made - 1].ts_to != s.ts)) {
            out[made] = *part;
            out[made].ts_from = s.ts;
            out[made++].begun = s.ts == part->ts_from;
        }
        if (part) {
            extend(&out[made - 1], part, ts_to);
            s.present = part;
        }
        s.ts = ts_to;
    }
}

/* --- what one recorder has missed --------------------------------------------------------------
 */

/* Joins it with an interval that ends where it begins. */
static size_t add_missed(struct coverage_part *out, size_t made, const struct coverage_part *part)
{
    if (part->ts_from >= part->ts_to)
        return made;
    if (made && out[made - 1].ts_to == part->ts_from)
        out[made - 1].ts_to = part->ts_to;
    else
        out[made++] = *part;
    return made;
}

size_t coverage_union_missed(const struct coverage_union_parts *given, int recorder,
                             struct coverage_part *out)
{
    const struct coverage_part *end = given->parts + given->count, *own = given->parts;
    size_t made = 0;
    int64_t ts_known = INT64_MIN; /* its own coverage up to this has been taken off */
    const char *reason = NULL;
    for (size_t i = 0; i < given->all_count; i++) {
        struct coverage_part rest = given->all[i];
        for (; own < end && own->ts_from < rest.ts_to; own++) {
            if (own->recorder != recorder)
                continue;
            struct coverage_part before = rest;
            before.ts_from = rest.ts_from > ts_known ? rest.ts_from : ts_known;
            before.ts_to = own->ts_from;
            before.reason = reason;
            made = add_missed(out, made, &before);
            if (own->ts_to > ts_known) {
                ts_known = own->ts_to;
                reason = own->reason;
            }
        }
        rest.ts_from = rest.ts_from > ts_known ? rest.ts_from : ts_known;
        rest.reason = reason;
        made = add_missed(out, made, &rest);
    }
    return made;
}
