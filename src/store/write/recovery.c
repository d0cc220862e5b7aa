#include "store/write/recovery.h"

#include <stdio.h>

static void describe_loss(const struct inbox_loss *loss, char *out, size_t size)
{
    char from[CLOCK_TEXT], to[CLOCK_TEXT];
    char events[64] = "";
    if (loss->events)
        snprintf(events, sizeof(events), "%lld events%s", (long long)loss->events,
                 loss->rows ? " and " : " were dropped because the backlog was full");
    if (loss->rows)
        snprintf(out, size,
                 "%s%lld changes from %s to %s were dropped because the backlog was full; the last "
                 "state of each instrument was kept",
                 events, (long long)loss->rows, art_zone_text(from, loss->ts_first),
                 art_zone_text(to, loss->ts_last));
    else
        snprintf(out, size, "%s", events);
}

void recovery_describe(struct recovery *r, const struct trouble *t, const struct inbox_loss *loss,
                       struct now now)
{
    bool lost = loss->rows || loss->events;
    r->count = 0;
    if (t->told) {
        snprintf(r->delay, sizeof(r->delay), "writing again after %.1f s (%s)%s",
                 (double)(now.mono_ms - t->since_ms) / 1000, t->why,
                 lost ? "" : "; nothing was lost");
        r->events[r->count++] =
            (struct pending_event){now.wall_ns, EVENT_STORE_RECOVERED, NULL, r->delay};
    }
    if (lost) {
        describe_loss(loss, r->loss, sizeof(r->loss));
        r->events[r->count++] = (struct pending_event){now.wall_ns, EVENT_DROPPED, NULL, r->loss};
    }
}
