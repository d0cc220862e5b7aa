#include "store/write/coverage_rows.h"

#include "base/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- waiting to be written -------------------------------------------------------------------- */

void coverage_rows_open(struct coverage_rows *spans, const struct store_span *span)
{
    size_t at = (size_t)span->instrument;
    struct store_span *open = array_grow(spans->open, &spans->open_cap, at + 1, sizeof(*open));
    if (!open)
        return;
    spans->open = open;
    open[at] = *span;
}

/* What was open and does not fit among the ended ones is a gap: it must not go on. */
static void leave_out(struct coverage_rows *spans, const struct store_span *span)
{
    coverage_rows_open(
        spans, &(struct store_span){.instrument = span->instrument, .reason = span->reason});
    spans->left_out++;
}

void coverage_rows_close(struct coverage_rows *spans, const struct store_span *span)
{
    size_t at = (size_t)span->instrument;
    if (at < spans->open_cap)
        spans->open[at] = (struct store_span){0};
    struct store_span *closed = spans->closed_count == SPANS_CLOSED_MAX
                                    ? NULL
                                    : array_grow(spans->closed, &spans->closed_cap,
                                                 spans->closed_count + 1, sizeof(*closed));
    if (!closed) {
        leave_out(spans, span);
        return;
    }
    spans->closed = closed;
    closed[spans->closed_count++] = *span;
}

void coverage_rows_proof(struct coverage_rows *spans, const struct store_proof *proof)
{
    if (!proof->source)
        return;
    spans->proofs[proof->source] = *proof;
    spans->proved = true;
}

void coverage_rows_session(struct coverage_rows *spans, const struct store_session *session)
{
    if (spans->sessions_count < SPANS_SESSIONS)
        spans->sessions[spans->sessions_count++] = *session;
}

/*
 * Keeps every list, not only the last one: an instrument may have been removed and added again
 * while nothing could be written, and it was not to be recorded in between.
 */
int coverage_rows_watched(struct coverage_rows *spans, const int32_t *instruments, size_t count,
                          int64_t ts)
{
    struct coverage_rows_watch *watches =
        array_grow(spans->watches, &spans->watches_cap, spans->watches_count + 1, sizeof(*watches));
    int32_t *copy = malloc((count + 1) * sizeof(*copy));
    if (watches)
        spans->watches = watches;
    if (!watches || !copy) {
        free(copy);
        return -ENOMEM;
    }
    memcpy(copy, instruments, count * sizeof(*copy));
    if (spans->watches_count == SPANS_WATCHES)
        free(watches[--spans->watches_count].instruments);
    watches[spans->watches_count++] = (struct coverage_rows_watch){copy, count, ts};
    return 0;
}

bool coverage_rows_empty(const struct coverage_rows *spans)
{
    return !spans->open && !spans->proved && !spans->closed_count && !spans->sessions_count &&
           !spans->watches_count;
}

void coverage_rows_finish(struct coverage_rows *spans)
{
    for (size_t i = 0; i < spans->watches_count; i++)
        free(spans->watches[i].instruments);
    free(spans->watches);
    free(spans->open);
    free(spans->closed);
    *spans = (struct coverage_rows){0};
}
