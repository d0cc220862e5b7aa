#include "market/stream_clock.h"

#include "base/clock.h"

#define OLD_IN_ROW 50 /* without one in order: nobody shuffles frames like that */
#define STRETCH_NS (60 * NS_PER_S)

struct stream_clock stream_clock_init(void)
{
    return (struct stream_clock){.least_ns = INT64_MAX, .least_before_ns = INT64_MAX};
}

static void note_delay(struct stream_clock *c, int64_t delay_ns, int64_t recv_ns)
{
    int64_t age_ns = recv_ns - c->stretch_began_ns;
    if (age_ns < 0 || age_ns >= STRETCH_NS) {
        c->least_before_ns = age_ns >= 0 && age_ns < 2 * STRETCH_NS ? c->least_ns : INT64_MAX;
        c->least_ns = INT64_MAX;
        c->stretch_began_ns = recv_ns;
    }
    if (delay_ns < c->least_ns)
        c->least_ns = delay_ns;
}

bool stream_clock_take(struct stream_clock *c, struct stream_stamp *last, int64_t event_ns,
                       int64_t recv_ns)
{
    if (!event_ns)
        return true;
    bool old = event_ns < last->event_ns && last->taken_ns >= c->valid_from_ns;
    if (old && ++c->old_in_row < OLD_IN_ROW)
        return false;
    if (old) { /* the broker's clock was set back */
        *c = stream_clock_init();
        c->valid_from_ns = recv_ns;
    }
    c->old_in_row = 0;
    *last = (struct stream_stamp){event_ns, recv_ns};
    note_delay(c, recv_ns - event_ns, recv_ns);
    return true;
}

bool stream_clock_offset(const struct stream_clock *c, int64_t *ahead_ns)
{
    int64_t least_ns = c->least_ns < c->least_before_ns ? c->least_ns : c->least_before_ns;
    if (least_ns == INT64_MAX)
        return false;
    *ahead_ns = least_ns;
    return true;
}
