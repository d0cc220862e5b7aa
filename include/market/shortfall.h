/*
 * shortfall: a stream that serves fewer instruments than it was asked for, and says nothing of it.
 *
 * Pure. A subscription has no acknowledgement but its first datum, so it is given half a minute.
 * Told when it begins and when it ends; a reconnection with the same shortfall is no news.
 */
#ifndef MARKET_SHORTFALL_H
#define MARKET_SHORTFALL_H

#include "market/subscription.h"

#include <stdbool.h>
#include <stdint.h>

#define SHORTFALL_MS 30000

struct shortfall {
    bool silent;      /* some are, at the last look */
    int64_t since_ms; /* without a break */
    bool told;
};

enum shortfall_news { SHORTFALL_NO_NEWS, SHORTFALL_BEGAN, SHORTFALL_ENDED };

/* A look at an open stream. */
enum shortfall_news shortfall_look(struct shortfall *shortfall,
                                   const struct subscription_state *state, int64_t now_ms);
void shortfall_closed(
    struct shortfall *shortfall); /* the stream ended: the half minute begins anew */

/* Asked for and not heard, for the words. */
int32_t shortfall_silent(const struct subscription_state *state);

#endif
