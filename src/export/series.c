#include "export/series.h"

#include "base/clock.h"

#define GRACE_NS NS_PER_MIN /* rows of a minute or a day may be written up to so much later */

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/*
 * Where to begin the search by time. A clock may have been set back, by less than a day, so rows up
 * to a day before the mark are included. A mark in the future comes from a wrong clock and gives no
 * limit.
 */
static int64_t look_from(int64_t ts_after, int64_t now_ns)
{
    return ts_after && ts_after <= now_ns ? ts_after - NS_PER_DAY : INT64_MIN;
}

/* The end of the last finished minute or day; never before `after`, in case the clock was set back.
 */
static int64_t closed_before(enum extract_table table, int64_t after, int64_t now_ns)
{
    int64_t ns = now_ns - GRACE_NS;
    int64_t end = table == EXTRACT_BARS ? ns - ns % NS_PER_MIN : art_day_begins_ns(art_day(ns));
    return larger(end, after);
}

struct series_step series_next(enum extract_table table, const struct mark *mark,
                               const struct extract_bounds *bounds, int64_t now_ns)
{
    struct series_step step = {
        .query = {.table = table,
                  .ts_from = INT64_MIN,
                  .ts_to = INT64_MAX,
                  .seq_from = INT64_MIN,
                  .seq_to = INT64_MAX,
                  .ts_reach = INT64_MIN,
                  .ts_new = INT64_MIN,
                  .listed_from = mark->listed,
                  .listed_to = mark->listed},
        .to = {mark->after, bounds->ts_last, mark->part + 1, true, mark->seq, mark->listed},
    };
    switch (table) {
    case EXTRACT_SNAPSHOTS:
        step.query.ts_from = look_from(mark->ts_after, now_ns);
        step.to.after = step.query.seq_to = larger(bounds->last_seq, mark->after);
        step.query.seq_from = mark->after;
        break;
    case EXTRACT_TRADES: /* by seq only: a trade of last week may be reported today */
        step.to.after = step.query.seq_to = larger(bounds->last_seq, mark->after);
        step.query.seq_from = mark->after;
        step.to.listed = step.query.listed_to = larger(bounds->last_listed, mark->listed);
        break;
    case EXTRACT_EVENTS:
        step.to.after = step.query.seq_to = larger(bounds->last_event_id, mark->after);
        step.query.seq_from = mark->after;
        break;
    case EXTRACT_BARS: /* new ones, and those that have changed since they were exported */
        step.query.ts_new = mark->part ? mark->after : INT64_MIN;
        step.query.seq_from = mark->seq;
        step.to.seq = larger(bounds->last_seq, mark->seq);
        step.to.listed = larger(bounds->last_listed, mark->listed);
        step.to.after = step.query.ts_to = closed_before(table, mark->after, now_ns);
        break;
    case EXTRACT_COVERAGE:
        step.query.ts_from = mark->part ? mark->after : INT64_MIN;
        step.to.after = step.query.ts_to = closed_before(table, mark->after, now_ns);
        break;
    }
    return step;
}
