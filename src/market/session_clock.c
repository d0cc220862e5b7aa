#include "market/session_clock.h"

#include "base/clock.h"
#include "base/rng.h"

struct session_clock session_clock_init(uint64_t seed)
{
    struct rng rng = {seed};
    int64_t spread_ms = rng_below(&rng, SESSION_WAKE_MAX_MS - SESSION_WAKE_MIN_MS + 1);
    return (struct session_clock){.wake_ns = (SESSION_WAKE_MIN_MS + spread_ms) * NS_PER_MS};
}

static enum session_level level_of(enum calendar_phase phase, bool soon)
{
    switch (phase) {
    case PHASE_CLOSED:
        return soon ? SESSION_WAKING : SESSION_CLOSED;
    case PHASE_PRE_OPEN:
    case PHASE_CLOSING:
        return SESSION_AUCTION;
    case PHASE_OPEN:
        break;
    }
    return SESSION_OPEN;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Takes the present phase and level of a calendar. Returns when they change next. */
static int64_t take(struct session_clock *clock, int at, const struct calendar *calendar,
                    int64_t wall_ns)
{
    enum calendar_phase phase = calendar_phase(calendar, wall_ns);
    int64_t next_ns = calendar_next_ns(calendar, wall_ns);
    int64_t wakes_ns = next_ns == INT64_MAX ? INT64_MAX : next_ns - clock->wake_ns;
    clock->phase[at] = phase;
    clock->level[at] = level_of(phase, wall_ns >= wakes_ns);
    return phase == PHASE_CLOSED && wakes_ns > wall_ns ? wakes_ns : next_ns;
}

static void compare(struct session_look *look, const struct session_clock *before,
                    const struct session_clock *now, int at)
{
    const uint32_t bit = UINT32_C(1) << at;
    bool woken = now->level[at] == SESSION_WAKING && before->level[at] == SESSION_CLOSED;
    look->phases |= !before->known || now->phase[at] != before->phase[at] ? bit : 0;
    look->levels |= !before->known || now->level[at] != before->level[at] ? bit : 0;
    look->woken |= before->known && woken ? bit : 0;
}

struct session_look session_clock_look(struct session_clock *clock, const struct calendar_set *set,
                                       int64_t wall_ns)
{
    const struct session_clock before = *clock;
    struct session_look look = {0};
    int64_t until_ns = art_next_day_ns(wall_ns);
    for (int i = 0; i < set->count; i++) {
        until_ns = earlier(until_ns, take(clock, i, &set->each[i].calendar, wall_ns));
        compare(&look, &before, clock, i);
    }
    clock->known = true;
    clock->day = art_day(wall_ns);
    look.new_day = before.known && clock->day != before.day;
    look.wait_ms = earlier((until_ns - wall_ns) / NS_PER_MS + 1, SESSION_CLOCK_WAIT_MS);
    return look;
}
