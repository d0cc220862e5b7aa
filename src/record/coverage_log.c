#include "record/coverage_log.h"

#include "base/array.h"
#include "base/clock_watch.h"
#include "market/coverage.h"
#include "market/source_table.h"
#include "record/events.h"
#include "store/read/reader.h"
#include "store/write/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SWEEP_MS     4000
#define LATE_MS      (SWEEP_MS + 2000) /* an observation is in the database so much later, at most */
#define OVERDUE_MIN  3000              /* ms; a slow answer at 1 s intervals is not a gap */
#define OVERDUE_FOLD 3                 /* overdue after so many usual intervals */
#define PAST_DAYS    31 /* past sessions written after the service was off, at most */

struct coverage_log {
    struct loop *loop;
    struct store *store;
    struct events *events;
    struct source_table *sources;
    struct clock_watch clock;
    struct coverage *coverage;
    struct loop_timer *timer;
    struct now now;          /* time of the present sweep */
    struct store_span *open; /* owned; to be stored by the present sweep */
    size_t open_count, open_cap;
    bool left_out;                            /* some of it, without memory */
    struct source_proof proved[SOURCE_COUNT]; /* the last ones that were stored, by stream */
    int64_t reopened; /* store_stats.reopened when all open intervals were reported */
    struct calendar_set sessions;
    int64_t day; /* the last one whose session was written; 0 = none yet */
};

/* --- the clock -------------------------------------------------------------------------------- */

/* Call before recording an observation at this time, so that no interval includes a clock jump. */
static struct now look(struct coverage_log *v)
{
    char words[CLOCK_JUMP_WORDS];
    struct now now = loop_now(v->loop);
    struct clock_jump jump = clock_watch_look(&v->clock, now, loop_boot_ms(v->loop));
    if (jump.change == CLOCK_STEADY)
        return now;
    coverage_clock_jumped(v->coverage, now);
    events_report(v->events, LOG_LEVEL_WARN, EVENT_CLOCK_JUMPED, NULL, "%s",
                  clock_jump_words(words, jump));
    return now;
}

/* --- from coverage to the store --------------------------------------------------------------- */

static void on_ended(void *arg, const struct coverage_span *span)
{
    struct coverage_log *v = arg;
    const struct store_span closed = {.instrument = span->instrument,
                                      .source = span->source,
                                      .ts_from = span->ts_from,
                                      .ts_to = span->ts_to,
                                      .reason = span->reason};
    store_spans_closed(v->store, &closed, 1);
}

static int64_t due_ns(const struct coverage_log *v, int64_t due_ms)
{
    return v->now.wall_ns + (due_ms - v->now.mono_ms + LATE_MS) * NS_PER_MS;
}

static void on_open(void *arg, const struct coverage_span *span)
{
    struct coverage_log *v = arg;
    struct store_span *open = array_grow(v->open, &v->open_cap, v->open_count + 1, sizeof(*open));
    if (!open) {
        v->left_out = true;
        return;
    }
    v->open = open;
    open[v->open_count++] = (struct store_span){
        .instrument = span->instrument,
        .source = span->source,
        .ts_from = span->ts_from,
        .ts_to = span->ts_to,
        .ts_due = due_ns(v, span->due_ms),
    };
}

/* The proof of a stream that has a new one since the last sweep. True: there is one. */
static bool take_proof(struct coverage_log *v, enum source stream, struct store_proof *out)
{
    struct source_proof proof = source_table_proof(v->sources, stream), *last = &v->proved[stream];
    if (proof.at.wall_ns == last->at.wall_ns && proof.due_ms == last->due_ms)
        return false;
    *last = proof;
    *out = (struct store_proof){stream, proof.at.wall_ns, due_ns(v, proof.due_ms)};
    return true;
}

/* The database may have been replaced, or have ended all open intervals, when it was reopened. */
static void look_for_reopening(struct coverage_log *v)
{
    int64_t reopened = store_stats(v->store).reopened;
    if (reopened == v->reopened && !v->left_out)
        return;
    v->reopened = reopened;
    v->left_out = false;
    memset(v->proved, 0, sizeof(v->proved));
    coverage_tell_again(v->coverage);
}

/* All in one call, because the last proof of a stream extends each of its open intervals: also
 * after a clock was set back, it must not be older than they are. */
static void sweep(struct coverage_log *v)
{
    look_for_reopening(v);
    coverage_sweep(v->coverage, v->now.mono_ms, on_open, v);
    struct store_open open = {.spans = v->open, .count = v->open_count};
    bool proved = false;
    for (int stream = SOURCE_STREAM; stream < SOURCE_COUNT; stream++)
        proved |= take_proof(v, (enum source)stream, &open.proofs[stream]);
    if ((open.count || proved) && !v->left_out)
        store_spans_open(v->store, &open);
    v->open_count = 0;
}

/* --- sessions --------------------------------------------------------------------------------- */

/* The auctions count: data are expected in them too. A segment has a row on each day, so that its
 * instruments do not get the hours of the others. */
static void write_session(struct coverage_log *v, int calendar, int64_t day, bool present)
{
    const struct segment_calendar *of = &v->sessions.each[calendar];
    struct store_session session = {.day = day, .present = present};
    struct calendar_times times = {0};
    bool trading = calendar_session(&of->calendar, day, &times);
    session.ts_open = times.pre_open_ns;
    session.ts_close = times.end_ns;
    snprintf(session.segment, sizeof(session.segment), "%s", of->segment);
    if (trading || present || calendar)
        store_session(v->store, &session);
}

static void write_day(struct coverage_log *v, int64_t day, bool present)
{
    for (int i = 0; i < v->sessions.count; i++)
        write_session(v, i, day, present);
}

/* The sessions since the last one written. Past ones get today's hours, as theirs are not known. */
static void write_sessions(struct coverage_log *v, int64_t today)
{
    int64_t day = v->day && v->day < today ? v->day + 1 : today;
    if (day < today - PAST_DAYS)
        day = today - PAST_DAYS;
    for (; day <= today; day++)
        write_day(v, day, day == today);
    v->day = today;
}

void coverage_log_calendar(struct coverage_log *v, const struct calendar_set *sessions)
{
    v->sessions = *sessions;
    write_sessions(v, art_day(look(v).wall_ns));
}

static void on_timer(void *arg)
{
    struct coverage_log *v = arg;
    v->now = look(v);
    sweep(v);
    if (v->day && art_day(v->now.wall_ns) != v->day)
        write_sessions(v, art_day(v->now.wall_ns));
    loop_timer_set(v->timer, SWEEP_MS);
}

/* --- observations from the feed --------------------------------------------------------------- */

static int64_t overdue_ms(int64_t refresh_ms)
{
    int64_t ms = OVERDUE_FOLD * refresh_ms;
    return ms > OVERDUE_MIN ? ms : OVERDUE_MIN;
}

void coverage_log_polled(struct coverage_log *v, int32_t instrument, int64_t refresh_ms)
{
    coverage_polled(v->coverage, instrument, look(v), overdue_ms(refresh_ms));
}

void coverage_log_unanswered(struct coverage_log *v, int32_t instrument, enum event_kind why)
{
    coverage_unanswered(v->coverage, instrument, why);
}

void coverage_log_gave_up(struct coverage_log *v, int32_t instrument, enum event_kind why)
{
    coverage_lost(v->coverage, instrument, 0, why);
}

void coverage_log_pace(struct coverage_log *v, coverage_log_pace_fn *refresh_ms, void *arg)
{
    struct source_list list = source_table_listed(v->sources);
    int64_t now_ms = look(v).mono_ms;
    for (int32_t k = 0; k < list.count; k++)
        coverage_expect(v->coverage, list.item[k], now_ms,
                        overdue_ms(refresh_ms(arg, list.item[k])));
}

void coverage_log_streamed(struct coverage_log *v, int32_t instrument)
{
    coverage_streamed(v->coverage, instrument, look(v));
}

void coverage_log_stream_alive(struct coverage_log *v, enum source stream, int64_t stale_ms)
{
    struct now now = look(v);
    source_table_alive(v->sources, stream, (struct source_proof){now, now.mono_ms + stale_ms});
}

void coverage_log_stream_lost(struct coverage_log *v, int32_t instrument, int64_t proof_ms,
                              enum event_kind why)
{
    struct now now = look(v);
    int64_t ago_ms = now.mono_ms - proof_ms;
    coverage_lost(v->coverage, instrument, now.wall_ns - ago_ms * NS_PER_MS, why);
}

void coverage_log_streams_gone(struct coverage_log *v, enum event_kind why)
{
    coverage_streams_gone(v->coverage, why);
}

/* --- instruments to record -------------------------------------------------------------------- */

/* One on trial may not exist: nothing is missing when it has no data. */
static size_t watched(const struct coverage_log *v, int32_t *out)
{
    struct source_list list = source_table_listed(v->sources);
    size_t count = 0;
    for (int32_t k = 0; k < list.count; k++) {
        if (!source_table_row(v->sources, list.item[k])->on_trial)
            out[count++] = list.item[k];
    }
    return count;
}

/* Without memory the database has the list before. */
void coverage_log_relisted(struct coverage_log *v)
{
    struct now now = look(v);
    int32_t *list = calloc((size_t)source_table_listed(v->sources).count + 1, sizeof(*list));
    if (list)
        store_watch(v->store, list, watched(v, list), now.wall_ns);
    free(list);
    coverage_relisted(v->coverage, now);
}

/* --- life ------------------------------------------------------------------------------------- */

static int on_last_session(void *arg, int columns, const struct reader_value *values)
{
    struct coverage_log *v = arg;
    int32_t day;
    if (columns == 1 && clock_parse_day(values[0].text, &day))
        v->day = day;
    return 0;
}

static int find_last_session(struct coverage_log *v, const char *path, struct err *err)
{
    struct reader *reader;
    int rc = reader_open(&reader, path, err);
    if (rc)
        return rc;
    rc = reader_select(reader, READER_QUERY("SELECT max(date) FROM session"), on_last_session, v,
                       err);
    reader_close(reader);
    return rc;
}

int coverage_log_create(struct coverage_log **out, const struct coverage_log_parts *parts,
                        struct err *err)
{
    struct coverage_log *v = calloc(1, sizeof(*v));
    if (!v)
        return err_set(err, -ENOMEM, "out of memory");
    v->loop = parts->loop;
    v->store = parts->store;
    v->events = parts->events;
    v->sources = parts->sources;
    v->coverage = coverage_create(v->sources, on_ended, v);
    v->timer = loop_timer_create(v->loop, on_timer, v);
    int rc = v->coverage && v->timer ? find_last_session(v, parts->path, err)
                                     : err_set(err, -ENOMEM, "out of memory");
    if (rc) {
        coverage_log_destroy(v);
        return rc;
    }
    loop_timer_set(v->timer, SWEEP_MS);
    *out = v;
    return 0;
}

void coverage_log_destroy(struct coverage_log *v)
{
    if (!v)
        return;
    if (v->coverage && v->events)
        look(v);
    if (v->coverage)
        coverage_end_all(v->coverage, EVENT_STOPPED);
    coverage_destroy(v->coverage);
    loop_timer_destroy(v->timer);
    free(v->open);
    free(v);
}
