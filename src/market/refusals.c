#include "market/refusals.h"

#define RUN_MS 60000 /* after so long without a refusal the run ends */
#define LEAST  4     /* fewer are not enough, unless there are fewer instruments */
#define ENOUGH 20    /* so many are always enough */

/* A quarter of the instruments, 4 to 20; of two or three, all; never for a single instrument. */
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
    /* If as many others are answered as are refused, the cause is the refused symbols. */
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
