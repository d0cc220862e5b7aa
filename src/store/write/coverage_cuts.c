#include "store/write/coverage_cuts.h"

#include <string.h>

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Removes the cuts that overlap or touch `cut`, and returns the union. */
static struct coverage_cut absorb(struct coverage_cuts *cuts, struct coverage_cut cut)
{
    size_t kept = 0;
    for (size_t i = 0; i < cuts->count; i++) {
        const struct coverage_cut old = cuts->cut[i];
        if (old.ts_from > cut.ts_to || old.ts_to < cut.ts_from)
            cuts->cut[kept++] = old;
        else
            cut = (struct coverage_cut){smaller(old.ts_from, cut.ts_from),
                                        larger(old.ts_to, cut.ts_to)};
    }
    cuts->count = kept;
    return cut;
}

/*
 * Spans are written after the rows queued before them, so no written span overlaps a new cut. A cut
 * may begin before earlier ones: the clock was set back, or everything until now is in another
 * file.
 */
void coverage_cuts_add(struct coverage_cuts *cuts, struct coverage_cut added)
{
    const struct coverage_cut cut = absorb(cuts, added);
    size_t at = cuts->count;
    while (at > 0 && cuts->cut[at - 1].ts_from > cut.ts_from)
        at--;
    if (cuts->count < COVERAGE_CUTS) {
        memmove(&cuts->cut[at + 1], &cuts->cut[at], (cuts->count - at) * sizeof(cut));
        cuts->cut[at] = cut;
        cuts->count++;
    } else if (at == COVERAGE_CUTS) {
        cuts->cut[at - 1].ts_to = cut.ts_to;
    } else {
        cuts->cut[at].ts_from = cut.ts_from;
    }
}

bool coverage_cuts_split(const struct coverage_cuts *cuts, struct store_span *span,
                         struct store_span *piece)
{
    for (size_t i = 0; i < cuts->count; i++) {
        const struct coverage_cut *cut = &cuts->cut[i];
        if (span->ts_from >= cut->ts_to || span->ts_to <= cut->ts_from)
            continue;
        *piece = *span;
        piece->ts_to = cut->ts_from;
        piece->reason = EVENT_DROPPED;
        span->ts_from = cut->ts_to;
        return true;
    }
    return false;
}
