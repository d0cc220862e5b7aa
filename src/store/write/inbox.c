#include "store/write/inbox.h"

void inbox_init(struct inbox *inbox, size_t rows_max)
{
    *inbox = (struct inbox){.rows_max = rows_max};
    ring_init(&inbox->ring, rows_max);
}

void inbox_finish(struct inbox *inbox)
{
    pending_finish(&inbox->pending);
    ring_finish(&inbox->ring);
    inbox_init(inbox, inbox->rows_max);
}

void inbox_instrument(struct inbox *inbox, int32_t index, const char *market_id, const char *symbol)
{
    if ((size_t)index != inbox->instruments_total)
        return;
    pending_instrument_add(&inbox->pending, market_id, symbol);
    inbox->instruments_total++;
}

static void drop(struct inbox *inbox, const struct store_snapshot *row)
{
    if (!row->past)
        pending_keep(&inbox->pending, row);
    struct inbox_loss *loss = &inbox->loss;
    bool first = loss->rows++ == 0;
    /* The clock may have been set back since the last one. */
    if (first || row->ts_recv < loss->ts_first)
        loss->ts_first = row->ts_recv;
    if (first || row->ts_recv > loss->ts_last)
        loss->ts_last = row->ts_recv;
}

static void fill(struct store_snapshot *row, const struct market_change *change)
{
    row->past = false;
    row->instrument = change->instrument;
    row->source = change->present->source;
    row->seq = change->present->seq;
    row->ts_recv = change->present->ts_recv;
    row->changed = change->changed;
    row->quote = change->present->quote;
}

/* NULL: it was dropped for lack of memory. */
static struct store_snapshot *push(struct inbox *inbox, const struct market_change *change,
                                   size_t held_rows)
{
    size_t room = inbox->rows_max > held_rows ? inbox->rows_max - held_rows : 1;
    struct store_snapshot oldest, *row;
    while (inbox->ring.count >= room && ring_take(&inbox->ring, &oldest, 1))
        drop(inbox, &oldest);
    while (!(row = ring_push(&inbox->ring))) {
        if (!ring_take(&inbox->ring, &oldest, 1)) { /* out of memory even for one row */
            fill(&oldest, change);
            drop(inbox, &oldest);
            return NULL;
        }
        drop(inbox, &oldest);
    }
    fill(row, change);
    row->place = inbox->place;
    return row;
}

void inbox_change(struct inbox *inbox, const struct market_change *change, size_t held_rows)
{
    push(inbox, change, held_rows);
}

void inbox_past(struct inbox *inbox, const struct market_change *change, size_t held_rows)
{
    struct store_snapshot *row = push(inbox, change, held_rows);
    if (row)
        row->past = true;
}

void inbox_known(struct inbox *inbox, const struct store_known *known)
{
    pending_known_add(&inbox->pending, known);
}

void inbox_seen(struct inbox *inbox, const int32_t *index, const int64_t *ts_seen, size_t count)
{
    for (size_t i = 0; i < count; i++)
        pending_seen(&inbox->pending, (size_t)index[i], ts_seen[i]);
}

void inbox_event(struct inbox *inbox, int64_t ts, enum event_kind kind, const char *symbol,
                 const char *detail)
{
    if (inbox->pending.events_count == INBOX_EVENTS_MAX)
        inbox->loss.events++;
    else
        pending_event_add(&inbox->pending, ts, kind, symbol, detail);
}

static size_t at_most(size_t count, size_t limit)
{
    return count < limit ? count : limit;
}

void inbox_take(struct inbox *inbox, struct batch *batch)
{
    struct pending *taken = &batch->pending;
    batch->rows_count = ring_take(&inbox->ring, batch->rows, BATCH_ROWS);
    *taken = inbox->pending;
    inbox->pending = (struct pending){0};
    taken->seen_count = at_most(taken->seen_count, inbox->instruments_total);
    taken->kept_count = at_most(taken->kept_count, inbox->instruments_total);
    batch->place = inbox->ring.count ? batch->rows[batch->rows_count - 1].place : inbox->place;
    if (inbox->ring.count) {
        inbox->pending.spans = taken->spans;
        taken->spans = (struct coverage_rows){0};
        /* The ledger's last seq is that of the last change that was written, or after it. */
        inbox->pending.skipped_seqs = taken->skipped_seqs;
        inbox->pending.skipped_to = taken->skipped_to;
        taken->skipped_seqs = taken->skipped_to = 0;
        return;
    }
    inbox->loss.events += taken->spans.left_out;
    taken->spans.left_out = 0;
}

void inbox_loss_told(struct inbox *inbox, const struct inbox_loss *told)
{
    inbox->loss.rows -= told->rows;
    inbox->loss.events -= told->events;
    /* Rows dropped since then are newer than this, unless the clock was set back. */
    if (inbox->loss.ts_first == told->ts_first)
        inbox->loss.ts_first = told->ts_last;
}
