#include "market/source_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct source_table {
    struct source_row *rows; /* by instrument */
    int32_t size;
    int32_t *list; /* the listed instruments */
    struct source_counts counts;
    enum source preferred; /* 0 = none */
    struct source_proof proofs[SOURCE_COUNT];
    enum session_level levels[CALENDARS_MAX];
};

struct source_table *source_table_create(void)
{
    struct source_table *t = calloc(1, sizeof(*t));
    for (int i = 0; t && i < CALENDARS_MAX; i++)
        t->levels[i] = SESSION_OPEN;
    return t;
}

void source_table_destroy(struct source_table *t)
{
    if (!t)
        return;
    free(t->rows);
    free(t->list);
    free(t);
}

/* --- transitions ------------------------------------------------------------------------------ */

static void enter(struct source_row *row, enum source_state state, enum source stream,
                  int64_t now_ms)
{
    row->state = state;
    row->stream = stream;
    row->entries = 0;
    row->since_ms = now_ms;
}

static void leave_stream(struct source_row *row, const struct source_event *event)
{
    enter(row, row->dropped_ms ? SOURCE_DROPPED : SOURCE_POLLED, 0, event->now_ms);
    row->probe_ms = 0;
}

/* Only the preferred stream takes the place of another one. */
static bool takes(const struct source_row *row, enum source stream, enum source preferred)
{
    return row->state != SOURCE_STREAMED || row->stream == stream || stream == preferred;
}

static void delivered(struct source_row *row, const struct source_event *event,
                      enum source preferred)
{
    if (!takes(row, event->stream, preferred))
        return;
    if (row->stream != event->stream) {
        enter(row, SOURCE_STREAMED, event->stream, event->now_ms);
        row->probe_ms = 0;
    }
    row->heard_ms = event->now_ms;
    row->entries |= event->entries;
    row->lost_ms = 0;
    row->on_trial = row->rest_first = false;
}

static void observed(struct source_row *row, const struct source_event *event)
{
    if (row->state == SOURCE_STREAMED)
        return;
    row->confirmed_ms = event->now_ms;
    row->lost_ms = 0;
    row->on_trial = row->rest_first = false;
}

static void end_probe(struct source_row *row, const struct source_event *event)
{
    if (row->probe_ms && event->kind == SOURCE_EV_AGREED)
        row->confirmed_ms = event->now_ms;
    row->probe_ms = 0;
}

static void lost(struct source_row *row, const struct source_event *event)
{
    if (row->state != SOURCE_STREAMED || row->stream != event->stream)
        return;
    leave_stream(row, event);
    row->lost_ms = event->at_ms;
}

static void released(struct source_row *row, const struct source_event *event)
{
    if (row->state == SOURCE_STREAMED)
        leave_stream(row, event);
    row->lost_ms = 0;
}

static void dropped(struct source_row *row, const struct source_event *event)
{
    row->dropped_ms = event->now_ms;
    row->dropped_until_ms = event->at_ms;
    if (row->state == SOURCE_POLLED)
        enter(row, SOURCE_DROPPED, 0, event->now_ms);
}

static void restored(struct source_row *row, const struct source_event *event)
{
    row->dropped_ms = row->dropped_until_ms = 0;
    if (row->state == SOURCE_DROPPED)
        enter(row, SOURCE_POLLED, 0, event->now_ms);
}

/* Data that have arrived are proof enough. */
static void doubted(struct source_row *row, const struct source_event *event)
{
    row->on_trial = !row->heard_ms && !row->confirmed_ms;
    row->rest_first = row->on_trial && event->rest_first;
}

static void take(struct source_row *row, const struct source_event *event, enum source preferred)
{
    switch (event->kind) {
    case SOURCE_EV_LISTED:
        return;
    case SOURCE_EV_UNLISTED:
        *row = (struct source_row){.since_ms = event->now_ms};
        return;
    case SOURCE_EV_DELIVERED:
        delivered(row, event, preferred);
        return;
    case SOURCE_EV_OBSERVED:
        observed(row, event);
        return;
    case SOURCE_EV_PROBED:
        row->probe_ms = row->state == SOURCE_STREAMED ? event->now_ms : 0;
        return;
    case SOURCE_EV_AGREED:
    case SOURCE_EV_UNPROVED:
        end_probe(row, event);
        return;
    case SOURCE_EV_LOST:
        lost(row, event);
        return;
    case SOURCE_EV_RELEASED:
        released(row, event);
        return;
    case SOURCE_EV_DROPPED:
        dropped(row, event);
        return;
    case SOURCE_EV_RESTORED:
        restored(row, event);
        return;
    case SOURCE_EV_DOUBTED:
        doubted(row, event);
        return;
    case SOURCE_EV_TRUSTED:
        row->on_trial = row->rest_first = false;
        return;
    case SOURCE_EV_SEGMENT:
        row->calendar = event->calendar;
        return;
    }
}

/* `by` is 1 for the row after a step, -1 for the same row before it. */
static void tally(struct source_counts *counts, const struct source_row *row, int by)
{
    if (row->state == SOURCE_UNLISTED)
        return;
    counts->listed += by;
    counts->state[row->state] += by;
    counts->streamed_by[row->stream] += row->stream ? by : 0;
    counts->listed_in[row->calendar] += by;
    counts->streamed_in[row->stream][row->calendar] += row->stream ? by : 0;
    counts->probed += row->probe_ms ? by : 0;
    counts->lost += row->lost_ms ? by : 0;
    counts->unobserved += row->lost_ms || row->state == SOURCE_DROPPED ? by : 0;
}

struct source_move source_table_step(struct source_table *t, int32_t instrument,
                                     const struct source_event *event)
{
    struct source_row *row = &t->rows[instrument];
    const struct source_row before = *row;
    bool data = event->kind == SOURCE_EV_DELIVERED || event->kind == SOURCE_EV_OBSERVED;
    if (row->state != SOURCE_UNLISTED)
        take(row, event, t->preferred);
    else if (event->kind == SOURCE_EV_LISTED)
        enter(row, SOURCE_POLLED, 0, event->now_ms);
    tally(&t->counts, &before, -1);
    tally(&t->counts, row, 1);
    return (struct source_move){
        .moved = row->state != before.state || row->stream != before.stream,
        .lost_ms = data ? before.lost_ms : 0,
        .proved = data && before.on_trial && !row->on_trial,
    };
}

/* --- the list --------------------------------------------------------------------------------- */

static int grow(struct source_table *t, int32_t size)
{
    if (size <= t->size)
        return 0;
    struct source_row *rows = realloc(t->rows, (size_t)size * sizeof(*rows));
    if (!rows)
        return -ENOMEM;
    memset(rows + t->size, 0, (size_t)(size - t->size) * sizeof(*rows));
    t->rows = rows;
    t->size = size;
    return 0;
}

static int32_t size_for(const int32_t *instruments, int32_t count)
{
    int32_t size = 0;
    for (int32_t i = 0; i < count; i++)
        size = instruments[i] >= size ? instruments[i] + 1 : size;
    return size;
}

/* The same list without repetitions; `wanted` gets a mark for each in it, and is all false. */
static int32_t *copy_list(const int32_t *instruments, int32_t *count, bool *wanted)
{
    int32_t *list = malloc(((size_t)*count + 1) * sizeof(*list));
    int32_t kept = 0;
    for (int32_t i = 0; list && i < *count; i++) {
        if (!wanted[instruments[i]])
            list[kept++] = instruments[i];
        wanted[instruments[i]] = true;
    }
    *count = kept;
    return list;
}

static int32_t unlist(struct source_table *t, const bool *wanted, int64_t now_ms)
{
    const struct source_event gone = {.kind = SOURCE_EV_UNLISTED, .now_ms = now_ms};
    int32_t removed = 0;
    for (int32_t i = 0; i < t->size; i++) {
        if (t->rows[i].state != SOURCE_UNLISTED && !wanted[i])
            removed += source_table_step(t, i, &gone).moved;
    }
    return removed;
}

int source_table_list(struct source_table *t, const int32_t *instruments, int32_t count,
                      int64_t now_ms, struct source_listing *out)
{
    const struct source_event listed = {.kind = SOURCE_EV_LISTED, .now_ms = now_ms};
    struct source_listing listing = {0};
    int rc = grow(t, size_for(instruments, count));
    bool *wanted = rc ? NULL : calloc((size_t)t->size + 1, sizeof(*wanted));
    int32_t *list = wanted ? copy_list(instruments, &count, wanted) : NULL;
    if (!list) {
        free(wanted);
        return -ENOMEM;
    }
    listing.removed = unlist(t, wanted, now_ms);
    for (int32_t i = 0; i < count; i++)
        listing.added += source_table_step(t, list[i], &listed).moved;
    free(wanted);
    free(t->list);
    t->list = list;
    if (out)
        *out = listing;
    return 0;
}

struct source_list source_table_listed(const struct source_table *t)
{
    return (struct source_list){.item = t->list, .count = t->counts.listed};
}

int32_t source_table_size(const struct source_table *t)
{
    return t->size;
}

void source_table_release(struct source_table *t, int64_t now_ms)
{
    const struct source_event released = {.kind = SOURCE_EV_RELEASED, .now_ms = now_ms};
    for (int32_t k = 0; k < t->counts.listed; k++)
        source_table_step(t, t->list[k], &released);
}

/* --- queries ---------------------------------------------------------------------------------- */

const struct source_row *source_table_row(const struct source_table *t, int32_t instrument)
{
    static const struct source_row unknown;
    return instrument < t->size ? &t->rows[instrument] : &unknown;
}

const struct source_counts *source_table_counts(const struct source_table *t)
{
    return &t->counts;
}

void source_table_set_level(struct source_table *t, int calendar, enum session_level level)
{
    t->levels[calendar] = level;
}

enum session_level source_table_level(const struct source_table *t, int32_t instrument)
{
    return t->levels[source_table_row(t, instrument)->calendar];
}

static int32_t streamed_in(const struct source_counts *counts, enum source stream, int calendar)
{
    int32_t sum = 0;
    for (int i = 1; i < SOURCE_COUNT; i++)
        sum += !stream || (int)stream == i ? counts->streamed_in[i][calendar] : 0;
    return sum;
}

enum session_level source_table_stream_level(const struct source_table *t, enum source stream)
{
    int streamed = -1, listed = SESSION_CLOSED;
    for (int i = 0; i < CALENDARS_MAX; i++) {
        int level = (int)t->levels[i];
        if (streamed_in(&t->counts, stream, i) && level > streamed)
            streamed = level;
        if (t->counts.listed_in[i] && level > listed)
            listed = level;
    }
    if (t->counts.listed == 0)
        return t->levels[0];
    return (enum session_level)(streamed >= 0 ? streamed : listed);
}

uint32_t source_table_calendars(const struct source_table *t)
{
    uint32_t calendars = 0;
    for (int i = 0; i < CALENDARS_MAX; i++)
        calendars |= t->counts.listed_in[i] ? UINT32_C(1) << i : 0;
    return calendars ? calendars : 1;
}

void source_table_prefer(struct source_table *t, enum source stream)
{
    t->preferred = stream;
}

bool source_table_takes(const struct source_table *t, int32_t instrument, enum source stream)
{
    return takes(source_table_row(t, instrument), stream, t->preferred);
}

void source_table_alive(struct source_table *t, enum source stream, struct source_proof proof)
{
    t->proofs[stream] = proof;
}

struct source_proof source_table_proof(const struct source_table *t, enum source stream)
{
    return t->proofs[stream];
}

void source_table_clock_jumped(struct source_table *t, struct now now)
{
    for (int i = 0; i < SOURCE_COUNT; i++)
        t->proofs[i].at.wall_ns = now.wall_ns;
}

int64_t source_row_known_ms(const struct source_row *row)
{
    return row->heard_ms > row->confirmed_ms ? row->heard_ms : row->confirmed_ms;
}

int64_t source_table_proof_ms(const struct source_table *t, int32_t instrument)
{
    const struct source_row *row = source_table_row(t, instrument);
    int64_t alive_ms = row->stream ? t->proofs[row->stream].at.mono_ms : 0;
    int64_t proof_ms = source_row_known_ms(row);
    return alive_ms > proof_ms ? alive_ms : proof_ms;
}
