#include "market/request_budget.h"

#include "base/clock.h"

#include <math.h>

#define GRACE_MS 100 /* a reserved turn that is not used so long after it is free again */
#define OTHERS_RATE                                                                                \
    1.0 /* per second at the full rate, at least: of requests that are not polls                   \
         */
#define UNLIMITED 1e9
#define STEPS_MAX 3.0 /* a start: login, list, connection */

/*
 * The ceilings are above what the senders do by themselves: they wait longer after each failure.
 * They hold when a sender is at fault, or another program invalidates the token again and again.
 */
static const struct {
    const char *name;
    double burst;      /* so many at once */
    double refill_ms;  /* and then one in this time */
    double allowed;    /* protocol section 11; of the profile, as the page does; 0: by the rate */
    int64_t period_ms; /* of `allowed`, and of the count */
} kinds[BUDGET_KINDS] = {
    [BUDGET_LOGIN] = {"login", 10, 60000, 1, MS_PER_DAY},
    [BUDGET_LIST] = {"list", 10, 120000, 1, MS_PER_DAY},
    [BUDGET_REFERENCE] = {"reference", 5, 600000, 1, MS_PER_DAY},
    [BUDGET_SEGMENT] = {"segment", 20, 60000, 1, MS_PER_DAY},
    [BUDGET_DETAIL] = {"detail", 10, 60000, 10, MS_PER_DAY},
    [BUDGET_STREAM] = {"stream", 20, 20000, 1, MS_PER_DAY},
    [BUDGET_PROFILE] = {"profile", 12, 30000, 72, MS_PER_DAY},
    [BUDGET_TRADES] = {"trades", 1, 30000, 1, 30000},
    [BUDGET_POLL] = {"poll", UNLIMITED, 1, 0, 60000},
};

const char *budget_kind_name(enum budget_kind kind)
{
    return kinds[kind].name;
}

struct request_budget budget_init(double rate)
{
    struct request_budget b = {.pace = rate_limit_init(rate),
                               .last_ms = INT64_MIN,
                               .steps = STEPS_MAX,
                               .trades_ms = (int64_t)kinds[BUDGET_TRADES].refill_ms};
    for (int k = 0; k < BUDGET_KINDS; k++)
        b.use[k].credit = kinds[k].burst;
    return b;
}

void budget_set_rate(struct request_budget *b, double rate)
{
    struct rate_limit learned = b->pace;
    b->pace = rate_limit_init(rate);
    rate_limit_resume(&b->pace, &learned);
}

void budget_set_trades_ms(struct request_budget *b, int64_t interval_ms)
{
    b->trades_ms = interval_ms;
}

void budget_try_now(struct request_budget *b)
{
    b->trying |= b->hold_until_ms > 0;
    b->hold_until_ms = 0;
    rate_limit_end_hold(&b->pace);
}

/* --- ceilings --------------------------------------------------------------------------------- */

static double refill_ms(const struct request_budget *b, enum budget_kind kind)
{
    return kind == BUDGET_TRADES ? (double)b->trades_ms : kinds[kind].refill_ms;
}

static double credit_at(const struct request_budget *b, enum budget_kind kind, int64_t now_ms)
{
    const struct budget_use *use = &b->use[kind];
    double earned = (double)(now_ms - use->credit_ms) / refill_ms(b, kind);
    return fmin(use->credit + earned, kinds[kind].burst);
}

static int64_t ceiling_wait_ms(const struct request_budget *b, enum budget_kind kind,
                               int64_t now_ms)
{
    double missing = 1 - credit_at(b, kind, now_ms);
    return missing > 0 ? (int64_t)ceil(missing * refill_ms(b, kind)) : 0;
}

int64_t budget_ceiling_ms(const struct request_budget *b, enum budget_kind kind, int64_t now_ms)
{
    return now_ms + ceiling_wait_ms(b, kind, now_ms);
}

static int64_t part_of(enum budget_kind kind, int64_t now_ms)
{
    return now_ms / (kinds[kind].period_ms / BUDGET_PARTS);
}

static void count_one(struct budget_use *use, enum budget_kind kind, int64_t now_ms)
{
    int64_t part = part_of(kind, now_ms);
    for (int i = 0; i < BUDGET_PARTS && use->part < part; i++)
        use->count[++use->part % BUDGET_PARTS] = 0;
    use->part = part;
    use->count[part % BUDGET_PARTS]++;
}

/* --- turns ------------------------------------------------------------------------------------ */

static bool connects(enum budget_kind kind)
{
    return kind == BUDGET_LOGIN || kind == BUDGET_LIST || kind == BUDGET_STREAM ||
           kind == BUDGET_PROFILE;
}

static double others_rate(const struct request_budget *b)
{
    return fmax(b->pace.full, OTHERS_RATE) * rate_limit_slowness(&b->pace);
}

/* The steps that may be sent at once; none while the broker wants fewer requests. */
static double steps_at(const struct request_budget *b, int64_t now_ms)
{
    if (b->trying || budget_slowed(b, now_ms))
        return 0;
    if (b->last_ms == INT64_MIN)
        return b->steps;
    return fmin(STEPS_MAX, b->steps + (double)(now_ms - b->last_ms) * others_rate(b) / 1000);
}

/* Requests that are not polls also get a turn a second when poll.rate is below one a second. */
static int64_t turn_ms(const struct request_budget *b)
{
    return b->last_ms == INT64_MIN ? INT64_MIN
                                   : b->last_ms + (int64_t)ceil(1000.0 / others_rate(b));
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t poll_from_ms(const struct request_budget *b, int64_t now_ms)
{
    int64_t from_ms = later((int64_t)ceil(b->pace.next_slot_ms), b->hold_until_ms);
    bool reserved = b->wanted_ms && now_ms <= b->wanted_ms + GRACE_MS;
    return reserved ? later(from_ms, b->wanted_ms + GRACE_MS + 1) : from_ms;
}

int64_t budget_from_ms(struct request_budget *b, enum budget_kind kind, int64_t now_ms)
{
    if (kind == BUDGET_POLL)
        return poll_from_ms(b, now_ms);
    bool at_once = connects(kind) && steps_at(b, now_ms) >= 1;
    int64_t from_ms = later(at_once ? now_ms : turn_ms(b), b->hold_until_ms);
    int64_t ceiling_ms = now_ms + ceiling_wait_ms(b, kind, now_ms);
    if (ceiling_ms > now_ms && ceiling_ms > from_ms)
        return ceiling_ms;
    if (from_ms > now_ms)
        b->wanted_ms = from_ms;
    return from_ms;
}

void budget_spend(struct request_budget *b, enum budget_kind kind, int64_t now_ms)
{
    struct budget_use *use = &b->use[kind];
    use->credit = credit_at(b, kind, now_ms) - 1;
    use->credit_ms = now_ms;
    count_one(use, kind, now_ms);
    b->steps = fmax(0, steps_at(b, now_ms) - 1);
    rate_limit_spend(&b->pace, now_ms);
    b->last_ms = now_ms;
    if (kind != BUDGET_POLL)
        b->wanted_ms = 0;
}

/* --- what the broker asks for ----------------------------------------------------------------- */

bool budget_slow(struct request_budget *b, int64_t asked_ms, int64_t now_ms, int64_t retry_after_ms)
{
    if (retry_after_ms > 0) {
        b->trying = true;
        b->hold_until_ms = later(b->hold_until_ms, now_ms + retry_after_ms);
    }
    return rate_limit_slow(&b->pace, asked_ms, now_ms, b->hold_until_ms);
}

bool budget_answered(struct request_budget *b, bool usable, int64_t now_ms)
{
    b->trying = false;
    return usable && rate_limit_recover(&b->pace, now_ms);
}

double budget_rate(const struct request_budget *b)
{
    return b->pace.rate;
}

int64_t budget_hold_ms(const struct request_budget *b, int64_t now_ms)
{
    return b->hold_until_ms > now_ms ? b->hold_until_ms - now_ms : 0;
}

bool budget_slowed(const struct request_budget *b, int64_t now_ms)
{
    return budget_hold_ms(b, now_ms) > 0 || b->pace.rate < b->pace.full;
}

struct budget_usage budget_usage(const struct request_budget *b, enum budget_kind kind,
                                 int64_t now_ms)
{
    const struct budget_use *use = &b->use[kind];
    int64_t oldest = part_of(kind, now_ms) - BUDGET_PARTS + 1, period_ms = kinds[kind].period_ms;
    struct budget_usage usage = {
        .allowed =
            kind == BUDGET_POLL ? b->pace.full * (double)period_ms / 1000 : kinds[kind].allowed,
        .period_ms = period_ms,
        .wait_ms = ceiling_wait_ms(b, kind, now_ms),
    };
    for (int64_t part = later(oldest, use->part - BUDGET_PARTS + 1); part <= use->part; part++)
        usage.used += part >= 0 ? use->count[part % BUDGET_PARTS] : 0;
    return usage;
}
