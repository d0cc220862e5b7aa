#include "store/write/inbox.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

void inbox_init(struct inbox *inbox, size_t rows_max)
{
    *inbox = (struct inbox){.rows_max = rows_max};
    ring_init(&inbox->ring, rows_max);
}

void inbox_finish(struct inbox *inbox)
{
    for (size_t i = 0; i < inbox->events_count; i++)
        batch_event_finish(&inbox->events[i]);
    for (size_t i = 0; i < inbox->instruments_count; i++)
        batch_instrument_finish(&inbox->instruments[i]);
    free(inbox->events);
    free(inbox->instruments);
    free(inbox->seen);
    free(inbox->kept);
    free(inbox->known);
    coverage_rows_finish(&inbox->spans);
    ring_finish(&inbox->ring);
    inbox_init(inbox, inbox->rows_max);
}

/* Room for `need` items; new items are zeroed. Aborts when out of memory. */
static void *grow(void *items, size_t *cap, size_t need, size_t item_bytes)
{
    size_t more = *cap ? *cap : 64;
    if (need <= *cap)
        return items;
    while (more < need)
        more *= 2;
    items = realloc(items, more * item_bytes);
    if (!items)
        abort();
    memset((char *)items + *cap * item_bytes, 0, (more - *cap) * item_bytes);
    *cap = more;
    return items;
}

static char *copy_text(const char *text)
{
    char clean[STORE_DETAIL_BYTES];
    utf8_clean(clean, sizeof(clean), text, strlen(text));
    char *copy = strdup(clean);
    if (!copy)
        abort();
    return copy;
}

void inbox_instrument(struct inbox *inbox, int32_t index, const char *market_id, const char *symbol)
{
    if ((size_t)index != inbox->instruments_total)
        return;
    inbox->instruments = grow(inbox->instruments, &inbox->instruments_cap,
                              inbox->instruments_count + 1, sizeof(*inbox->instruments));
    inbox->instruments[inbox->instruments_count++] =
        (struct batch_instrument){copy_text(market_id), copy_text(symbol)};
    inbox->instruments_total++;
}

static void drop(struct inbox *inbox, const struct store_snapshot *row)
{
    size_t at = (size_t)row->instrument;
    inbox->kept = grow(inbox->kept, &inbox->kept_cap, at + 1, sizeof(*inbox->kept));
    inbox->kept[at] = *row;
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
    row->instrument = change->instrument;
    row->source = change->present->source;
    row->seq = change->present->seq;
    row->ts_recv = change->present->ts_recv;
    row->changed = change->changed;
    row->quote = change->present->quote;
}

void inbox_change(struct inbox *inbox, const struct market_change *change, size_t held_rows)
{
    size_t room = inbox->rows_max > held_rows ? inbox->rows_max - held_rows : 1;
    struct store_snapshot oldest, *row;
    while (inbox->ring.count >= room && ring_take(&inbox->ring, &oldest, 1))
        drop(inbox, &oldest);
    while (!(row = ring_push(&inbox->ring))) {
        if (!ring_take(&inbox->ring, &oldest, 1)) { /* out of memory even for one row */
            fill(&oldest, change);
            drop(inbox, &oldest);
            return;
        }
        drop(inbox, &oldest);
    }
    fill(row, change);
}

void inbox_known(struct inbox *inbox, const struct store_known *known)
{
    inbox->known =
        grow(inbox->known, &inbox->known_cap, inbox->known_count + 1, sizeof(*inbox->known));
    inbox->known[inbox->known_count++] = *known;
}

void inbox_seen(struct inbox *inbox, const int32_t *index, const int64_t *ts_seen, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t at = (size_t)index[i];
        inbox->seen = grow(inbox->seen, &inbox->seen_cap, at + 1, sizeof(*inbox->seen));
        inbox->seen[at] = ts_seen[i];
    }
}

void inbox_event(struct inbox *inbox, int64_t ts, enum event_kind kind, const char *symbol,
                 const char *detail)
{
    if (inbox->events_count == INBOX_EVENTS_MAX) {
        inbox->loss.events++;
        return;
    }
    inbox->events =
        grow(inbox->events, &inbox->events_cap, inbox->events_count + 1, sizeof(*inbox->events));
    inbox->events[inbox->events_count++] =
        (struct batch_event){ts, kind, symbol ? copy_text(symbol) : NULL, copy_text(detail)};
}

static size_t known(const struct inbox *inbox, size_t cap)
{
    return cap < inbox->instruments_total ? cap : inbox->instruments_total;
}

void inbox_take(struct inbox *inbox, struct batch *batch)
{
    batch->rows_count = ring_take(&inbox->ring, batch->rows, BATCH_ROWS);
    batch->events = inbox->events;
    batch->events_count = inbox->events_count;
    batch->instruments = inbox->instruments;
    batch->instruments_count = inbox->instruments_count;
    batch->seen = inbox->seen;
    batch->seen_count = known(inbox, inbox->seen_cap);
    batch->kept = inbox->kept;
    batch->kept_count = known(inbox, inbox->kept_cap);
    batch->known = inbox->known;
    batch->known_count = inbox->known_count;
    inbox->events = NULL;
    inbox->instruments = NULL;
    inbox->seen = NULL;
    inbox->kept = NULL;
    inbox->known = NULL;
    inbox->events_count = inbox->events_cap = 0;
    inbox->instruments_count = inbox->instruments_cap = 0;
    inbox->seen_cap = inbox->kept_cap = 0;
    inbox->known_count = inbox->known_cap = 0;
    if (inbox->ring.count)
        return;
    inbox->loss.events += inbox->spans.left_out;
    inbox->spans.left_out = 0;
    batch->spans = inbox->spans;
    inbox->spans = (struct coverage_rows){0};
}

void inbox_loss_told(struct inbox *inbox, const struct inbox_loss *told)
{
    inbox->loss.rows -= told->rows;
    inbox->loss.events -= told->events;
    /* Rows dropped since then are newer than this, unless the clock was set back. */
    if (inbox->loss.ts_first == told->ts_first)
        inbox->loss.ts_first = told->ts_last;
}
