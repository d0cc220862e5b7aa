#include "market/change_union.h"

#include "base/clock.h"

/* A recorder whose coverage begins has stored the change that the first message was, if it was one,
 * at that time or a little later. */
#define FIRST_CHANGE_NS NS_PER_S

void change_union_begin(struct change_union *all, const struct coverage_part *spans,
                        size_t spans_count, change_union_fn *fn, void *arg)
{
    all->spans = spans;
    all->spans_count = spans_count;
    all->begun = 0;
    all->transition = true;
    all->awaited = -1;
    all->last.seq = 0;
    all->last.ts_recv = INT64_MIN;
    all->last.quote = quote_none();
    for (int i = 0; i < CHANGE_UNION_RECORDERS; i++)
        all->states[i].seq = 0;
    all->fn = fn;
    all->arg = arg;
}

/* --- taking ----------------------------------------------------------------------------------- */

static void take(struct change_union *all, const struct change_row *row)
{
    uint32_t changed = row->changed;
    if (all->transition || row->recorder != all->last.recorder)
        changed = quote_diff(&all->last.quote, &row->quote, ENTRY_ALL);
    all->transition = false;
    if (!changed && !all->last.seq) /* the first one is stored, also if it has no values */
        changed = row->changed;
    if (!changed) {
        all->last.recorder = row->recorder;
        return;
    }
    all->last = *row;
    all->last.changed = changed;
    all->fn(all->arg, &all->last);
}

/* The awaited recorder has confirmed its old state: it is a change if the union has another. */
static void take_awaited(struct change_union *all)
{
    struct change_row row = all->states[all->awaited];
    all->awaited = -1;
    row.ts_recv = all->ts_awaited;
    all->transition = true;
    take(all, &row);
}

/* --- transitions ------------------------------------------------------------------------------ */

/* What the recorder of this interval has already received and the union lacks. */
static void begin_span(struct change_union *all, const struct coverage_part *span)
{
    const struct change_row *state = &all->states[span->recorder];
    bool same =
        all->begun && span[-1].recorder == span->recorder && span[-1].ts_to == span->ts_from;
    all->begun++;
    if (same)
        return;
    all->transition = true;
    all->awaited = -1;
    if (!state->seq)
        return;
    if (span->begun && state->ts_recv < span->ts_from) {
        all->awaited = span->recorder;
        all->ts_awaited = span->ts_from;
    } else if (state->ts_recv > all->last.ts_recv) {
        struct change_row row = *state;
        take(all, &row);
    }
}

static void begin_until(struct change_union *all, int64_t ts)
{
    while (all->begun < all->spans_count && all->spans[all->begun].ts_from <= ts) {
        if (all->awaited >= 0)
            take_awaited(all);
        begin_span(all, &all->spans[all->begun]);
    }
}

/* The interval at `ts`; the last moment of one belongs to it unless another one begins. */
static const struct coverage_part *span_at(const struct change_union *all, int64_t ts)
{
    const struct coverage_part *span = all->begun ? &all->spans[all->begun - 1] : NULL;
    return span && ts <= span->ts_to ? span : NULL;
}

void change_union_add(struct change_union *all, const struct change_row *row)
{
    begin_until(all, row->ts_recv);
    if (all->awaited == row->recorder && row->ts_recv <= all->ts_awaited + FIRST_CHANGE_NS)
        all->awaited = -1;
    else if (all->awaited >= 0 && row->ts_recv > all->ts_awaited + FIRST_CHANGE_NS)
        take_awaited(all);
    all->states[row->recorder] = *row;
    const struct coverage_part *span = span_at(all, row->ts_recv);
    if (!span || span->recorder == row->recorder)
        take(all, row);
}

void change_union_end(struct change_union *all)
{
    begin_until(all, INT64_MAX);
    if (all->awaited >= 0)
        take_awaited(all);
}
