#include "market/tape_plan.h"

#include "base/array.h"

#include <math.h>
#include <stdlib.h>

#define FINAL_AFTER_NS (3 * NS_PER_MIN) /* the last trades come up to half a minute late */
#define REST_MAX_MS    MS_PER_HOUR
#define RETRY_MIN_MS   MS_PER_MIN
#define RETRY_MAX_MS   MS_PER_HOUR

#define WHOLE_DAY      1000.0 /* trades, estimated, of a day of which the tape has none */
#define UNKNOWN_VOLUME 0.5    /* less than a trade that is known to be missing */
#define WANTED         1e12   /* before everything else */

struct tape_plan_row {
    int64_t from_ms;     /* not before; 0 = at once */
    int64_t rest_ms;     /* until the next list of the same day */
    int64_t day;         /* of the last list */
    double missing;      /* when that was requested */
    int failures;        /* in a row */
    int64_t refused_day; /* in Argentina; 0 = never */
};

void tape_plan_init(struct tape_plan *plan, int64_t renewed_ms)
{
    *plan =
        (struct tape_plan){.lag_ns = renewed_ms * NS_PER_MS * 3 / 2, .rest_ms = renewed_ms * 10};
}

void tape_plan_finish(struct tape_plan *plan)
{
    free(plan->rows);
    *plan = (struct tape_plan){0};
}

/* --- what is missing -------------------------------------------------------------------------- */

int64_t tape_plan_final_ns(const struct calendar *calendar, int64_t day)
{
    struct calendar_times times;
    if (calendar->always || !calendar_session(calendar, day, &times))
        times.end_ns = art_day_begins_ns(day + 1);
    return times.end_ns + FINAL_AFTER_NS;
}

/* Volumes are sums of doubles: a difference in the last digits is none. */
static double missing_volume(const struct tape_need *need)
{
    double missing = need->broker_volume - need->volume;
    return missing > need->broker_volume * 1e-9 ? missing : 0;
}

static double missing_trades(const struct tape_need *need)
{
    double missing = missing_volume(need);
    if (missing == 0 || need->trades == 0 || !(need->volume > 0))
        return missing == 0 ? 0 : WHOLE_DAY;
    return fmax(1, missing * (double)need->trades / need->volume);
}

/* Whether trades may be missing of an instrument without a known volume. An instrument of which
 * neither a trade nor a gap is known has nothing to request. */
static bool may_lack(const struct tape_need *need, bool final)
{
    return need->ts_gap > need->ts_complete || (final && need->trades > 0);
}

/* A list is merged up to the end of its day at the latest, in whole milliseconds. */
static bool has_final_list(const struct tape_need *need)
{
    int64_t last_ns = art_day_begins_ns(need->day + 1) - NS_PER_MS;
    return need->ts_complete >= (need->final_ns < last_ns ? need->final_ns : last_ns);
}

double tape_plan_worth(const struct tape_plan *plan, const struct tape_need *need, int64_t now_ns)
{
    bool final = now_ns - plan->lag_ns >= need->final_ns;
    if (need->wanted)
        return WANTED;
    if (has_final_list(need))
        return 0;
    if (isnan(need->broker_volume))
        return may_lack(need, final) ? UNKNOWN_VOLUME : 0;
    return missing_trades(need);
}

int64_t tape_plan_complete_ns(const struct tape_plan *plan, int64_t asked_ns, int64_t newest_ns)
{
    int64_t renewed_ns = asked_ns - plan->lag_ns;
    return newest_ns > renewed_ns ? newest_ns : renewed_ns;
}

/* --- which one -------------------------------------------------------------------------------- */

static bool may_ask(const struct tape_plan *plan, int32_t instrument, struct now now)
{
    if ((size_t)instrument >= plan->rows_cap)
        return true;
    const struct tape_plan_row *row = &plan->rows[instrument];
    return now.mono_ms >= row->from_ms && row->refused_day != art_day(now.wall_ns);
}

int64_t tape_plan_next(const struct tape_plan *plan, const struct tape_need *needs, size_t count,
                       struct now now)
{
    int64_t best = -1;
    double best_worth = 0;
    for (size_t i = 0; i < count; i++) {
        double worth = tape_plan_worth(plan, &needs[i], now.wall_ns);
        if (worth <= best_worth || !may_ask(plan, needs[i].instrument, now))
            continue;
        best = (int64_t)i;
        best_worth = worth;
    }
    return best;
}

/* --- what became of it ------------------------------------------------------------------------ */

static struct tape_plan_row *row_of(struct tape_plan *plan, int32_t instrument)
{
    plan->rows =
        array_must_grow(plan->rows, &plan->rows_cap, (size_t)instrument + 1, sizeof(*plan->rows));
    return &plan->rows[instrument];
}

static int64_t doubled(int64_t wait_ms, int64_t most_ms)
{
    return wait_ms * 2 < most_ms ? wait_ms * 2 : most_ms;
}

void tape_plan_asked(struct tape_plan *plan, const struct tape_need *need, int64_t now_ms)
{
    struct tape_plan_row *row = row_of(plan, need->instrument);
    double missing = isnan(need->broker_volume) ? 0 : missing_volume(need);
    bool in_vain = row->rest_ms && row->day == need->day && missing >= row->missing;
    row->rest_ms = in_vain ? doubled(row->rest_ms, REST_MAX_MS) : plan->rest_ms;
    row->from_ms = now_ms + row->rest_ms;
    row->day = need->day;
    row->missing = missing;
}

void tape_plan_answered(struct tape_plan *plan, int32_t instrument)
{
    row_of(plan, instrument)->failures = 0;
}

void tape_plan_failed(struct tape_plan *plan, int32_t instrument, int64_t now_ms)
{
    struct tape_plan_row *row = row_of(plan, instrument);
    int64_t wait_ms = RETRY_MIN_MS;
    for (int i = 0; i < row->failures && wait_ms < RETRY_MAX_MS; i++)
        wait_ms = doubled(wait_ms, RETRY_MAX_MS);
    row->failures++;
    row->from_ms = now_ms + wait_ms;
}

void tape_plan_unasked(struct tape_plan *plan, int32_t instrument)
{
    row_of(plan, instrument)->from_ms = 0;
}

void tape_plan_refused(struct tape_plan *plan, int32_t instrument, struct now now)
{
    row_of(plan, instrument)->refused_day = art_day(now.wall_ns);
}
