#include "market/session_clock.h"

#include "base/clock.h"

struct session_look session_clock_look(struct session_clock *clock, const struct calendar *calendar,
                                       int64_t wall_ns)
{
    const struct session_clock before = *clock;
    int64_t until_ns = calendar_next_ns(calendar, wall_ns);
    int64_t day_ns = art_next_day_ns(wall_ns);
    int64_t wait_ms = ((until_ns < day_ns ? until_ns : day_ns) - wall_ns) / NS_PER_MS + 1;

    *clock = (struct session_clock){true, calendar_open(calendar, wall_ns), art_day(wall_ns)};
    return (struct session_look){
        .changed = !before.known || clock->open != before.open,
        .new_day = before.known && clock->day != before.day,
        .until_ns = until_ns,
        .wait_ms = wait_ms < SESSION_CLOCK_WAIT_MS ? wait_ms : SESSION_CLOCK_WAIT_MS,
    };
}
