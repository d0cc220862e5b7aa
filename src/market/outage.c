#include "market/outage.h"

#include <stddef.h>

#define RELAPSE_ANSWERS 20 /* with fewer answers between them, two outages count as one */

int64_t backoff_ms(struct rng *rng, int64_t first_ms, int failures)
{
    int64_t ceiling = first_ms;
    for (int i = 1; i < failures && ceiling < BACKOFF_MAX_MS; i++)
        ceiling *= 2;
    if (ceiling > BACKOFF_MAX_MS)
        ceiling = BACKOFF_MAX_MS;
    return ceiling / 4 + rng_below(rng, ceiling - ceiling / 4 + 1);
}

bool outage_fail(struct outage *outage, const struct outage_failure *failure, struct rng *rng,
                 int64_t *until_ms)
{
    int64_t now_ms = failure->now_ms;
    bool began = outage->cause == OUTAGE_NONE;
    /* Requests that were in flight when it began fail too: together they are one failure, also if
     * another of them was answered in between. */
    if (outage->failures && failure->asked_ms <= outage->failed_ms)
        return false;
    if (began) {
        outage->cause = failure->cause;
        outage->since_ms = now_ms;
        if (outage->answers >= RELAPSE_ANSWERS)
            outage->failures = 0;
    }
    outage->failures++;
    outage->failed_ms = now_ms;
    int64_t again_ms = now_ms + backoff_ms(rng, BACKOFF_MIN_MS, outage->failures);
    if (again_ms > *until_ms)
        *until_ms = again_ms;
    return began;
}

bool outage_answer(struct outage *outage)
{
    bool ended = outage->cause != OUTAGE_NONE;
    outage->cause = OUTAGE_NONE;
    outage->answers = ended ? 1 : outage->answers + 1;
    return ended;
}

const char *outage_name(enum outage_cause cause)
{
    switch (cause) {
    case OUTAGE_NONE:
        return NULL;
    case OUTAGE_UNREACHABLE:
        return "unreachable";
    case OUTAGE_PAGES:
        return "pages";
    case OUTAGE_REFUSALS:
        return "refusals";
    }
    return NULL;
}
