#include "market/shortfall.h"

/* Refused instruments were reported one by one, and a denial of all was reported as such. */
int32_t shortfall_silent(const struct subscription_state *state)
{
    return state->denied ? 0 : state->asked + state->waiting;
}

enum shortfall_news shortfall_look(struct shortfall *shortfall,
                                   const struct subscription_state *state, int64_t now_ms)
{
    bool silent = shortfall_silent(state) > 0, told = shortfall->told;
    if (silent && !shortfall->silent)
        shortfall->since_ms = now_ms;
    shortfall->silent = silent;
    /* If it delivers none at all it is mute: feed_state reports that. */
    if (silent && state->live && !told && now_ms - shortfall->since_ms >= SHORTFALL_MS) {
        shortfall->told = true;
        return SHORTFALL_BEGAN;
    }
    if (silent || !told || !state->live || state->denied)
        return SHORTFALL_NO_NEWS;
    shortfall->told = false;
    return SHORTFALL_ENDED;
}

void shortfall_closed(struct shortfall *shortfall)
{
    shortfall->silent = false;
}
