#include "market/refusals.h"

#define RUN_MS 60000 /* without a refusal for so long a run is over */
#define LEAST  4     /* fewer are no pattern, unless they are all there is */
#define ENOUGH 20    /* of thousands, so many in a row are one */

/* A quarter of them; of two or three, all. One alone that is refused is simply refused. */
static int32_t suspicious(int32_t instruments)
{
    int32_t quarter = (instruments + 3) / 4;
    if (instruments < LEAST)
        return instruments < 2 ? INT32_MAX : instruments;
    if (quarter > ENOUGH)
        quarter = ENOUGH;
    return quarter > LEAST ? quarter : LEAST;
}

bool refusals_add(struct refusals *refusals, int32_t instruments, int64_t now_ms)
{
    /* What most others answer meanwhile is a matter of the refused ones. */
    bool over = refusals->answers >= refusals->count || now_ms - refusals->last_ms > RUN_MS;
    if (refusals->count == 0 || over)
        *refusals = (struct refusals){.since_ms = now_ms};
    refusals->count++;
    refusals->last_ms = now_ms;
    if (refusals->count < suspicious(instruments))
        return false;
    refusals->count = 0;
    return true;
}

void refusals_answered(struct refusals *refusals)
{
    if (refusals->count)
        refusals->answers++;
}
