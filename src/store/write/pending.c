#include "store/write/pending.h"

#include "base/array.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

static char *copy_text(const char *text)
{
    char clean[STORE_DETAIL_BYTES];
    utf8_clean(clean, sizeof(clean), text, strlen(text));
    char *copy = strdup(clean);
    if (!copy)
        abort();
    return copy;
}

void pending_event_add(struct pending *p, int64_t ts, enum event_kind kind, const char *symbol,
                       const char *detail)
{
    p->events = array_must_grow(p->events, &p->events_cap, p->events_count + 1, sizeof(*p->events));
    p->events[p->events_count++] =
        (struct pending_event){ts, kind, symbol ? copy_text(symbol) : NULL, copy_text(detail)};
}

void pending_given_add(struct pending *p, const struct store_given *given)
{
    p->given = array_must_grow(p->given, &p->given_cap, p->given_count + 1, sizeof(*p->given));
    struct store_given *copy = &p->given[p->given_count++];
    *copy = *given;
    copy->event = given->event ? copy_text(given->event) : NULL;
    copy->symbol = given->symbol ? copy_text(given->symbol) : NULL;
    copy->detail = given->detail ? copy_text(given->detail) : NULL;
    if (given->instruments)
        instrument_list_share(given->instruments);
}

void pending_instrument_add(struct pending *p, const char *market_id, const char *symbol)
{
    p->instruments = array_must_grow(p->instruments, &p->instruments_cap, p->instruments_count + 1,
                                     sizeof(*p->instruments));
    p->instruments[p->instruments_count++] =
        (struct pending_instrument){copy_text(market_id), copy_text(symbol)};
}

void pending_seen(struct pending *p, size_t instrument, int64_t ts_seen)
{
    p->seen = array_must_grow(p->seen, &p->seen_count, instrument + 1, sizeof(*p->seen));
    p->seen[instrument] = ts_seen;
}

void pending_keep(struct pending *p, const struct store_snapshot *state)
{
    size_t at = (size_t)state->instrument;
    p->kept = array_must_grow(p->kept, &p->kept_count, at + 1, sizeof(*p->kept));
    p->kept[at] = *state;
}

void pending_known_add(struct pending *p, const struct store_known *known)
{
    p->known = array_must_grow(p->known, &p->known_cap, p->known_count + 1, sizeof(*p->known));
    p->known[p->known_count++] = *known;
}

void pending_skip(struct pending *p, int64_t from, int64_t to)
{
    p->skipped_seqs += to - from;
    p->skipped_to = to;
}

bool pending_empty(const struct pending *p)
{
    return !p->events_count && !p->instruments_count && !p->seen_count && !p->kept_count &&
           !p->known_count && !p->given_count && !p->skipped_seqs && coverage_rows_empty(&p->spans);
}

void pending_instrument_finish(struct pending_instrument *instrument)
{
    free(instrument->market_id);
    free(instrument->symbol);
}

void pending_finish(struct pending *p)
{
    for (size_t i = 0; i < p->events_count; i++) {
        free(p->events[i].symbol);
        free(p->events[i].detail);
    }
    for (size_t i = 0; i < p->given_count; i++) {
        free((char *)p->given[i].event);
        free((char *)p->given[i].symbol);
        free((char *)p->given[i].detail);
        instrument_list_release(p->given[i].instruments);
    }
    free(p->given);
    for (size_t i = 0; i < p->instruments_count; i++)
        pending_instrument_finish(&p->instruments[i]);
    free(p->events);
    free(p->instruments);
    free(p->seen);
    free(p->kept);
    free(p->known);
    coverage_rows_finish(&p->spans);
    *p = (struct pending){0};
}
