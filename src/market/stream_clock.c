#include "market/stream_clock.h"

#include "base/clock.h"

#define OLD_IN_ROW   50               /* old frames in a row: the broker's clock was set back */
#define OLD_OF_ONE   20               /* the same of one instrument: its last timestamp was wrong */
#define AHEAD_IN_ROW 50               /* frames ahead in a row: our clock is behind */
#define AHEAD_NS     (120 * NS_PER_S) /* a timestamp further ahead is not trusted */
#define STRETCH_NS   (60 * NS_PER_S)

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

/* The broker's clock was set back: earlier timestamps are ignored. */
static void begin_era(struct stream_clock *c)
{
    int era = c->era + 1;
    *c = stream_clock_init();
    c->era = era;
}

static bool is_far_ahead(const struct stream_clock *c, int64_t event_ns, int64_t recv_ns)
{
    int64_t ahead_ns = 0; /* our clock, relative to the broker's */
    stream_clock_offset(c, &ahead_ns);
    return event_ns > recv_ns + AHEAD_NS && event_ns > recv_ns - ahead_ns + AHEAD_NS;
}

static bool is_old(struct stream_clock *c, struct stream_stamp *last, int64_t event_ns)
{
    if (last->era != c->era || event_ns >= last->event_ns) {
        last->old_in_row = 0;
        return false;
    }
    if (++c->old_in_row >= OLD_IN_ROW) {
        begin_era(c);
        return false;
    }
    return ++last->old_in_row < OLD_OF_ONE;
}

bool stream_clock_take(struct stream_clock *c, struct stream_stamp *last, int64_t event_ns,
                       int64_t recv_ns)
{
    if (!event_ns)
        return true;
    if (is_far_ahead(c, event_ns, recv_ns) && ++c->ahead_in_row < AHEAD_IN_ROW)
        return true; /* and not stored: the next frame would look old compared with it */
    if (is_old(c, last, event_ns))
        return false;
    c->old_in_row = c->ahead_in_row = 0;
    *last = (struct stream_stamp){.event_ns = event_ns, .era = c->era};
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
