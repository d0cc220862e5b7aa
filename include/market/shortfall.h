/*
 * shortfall: a stream that delivers fewer instruments than requested, without an error.
 *
 * Pure. The only acknowledgement of a subscription is its first data, so it is given half a minute.
 * Reported when it begins and when it ends; not again after a reconnection with the same shortfall.
 */
#ifndef MARKET_SHORTFALL_H
#define MARKET_SHORTFALL_H

#include "market/subscription.h"

#include <stdbool.h>
#include <stdint.h>

#define SHORTFALL_MS 30000

struct shortfall {
    bool silent;      /* some instruments were, at the last call */
    int64_t since_ms; /* without interruption */
    bool told;        /* the beginning was reported */
};

enum shortfall_news { SHORTFALL_NO_NEWS, SHORTFALL_BEGAN, SHORTFALL_ENDED };

/* To be called while the stream is open. */
enum shortfall_news shortfall_look(struct shortfall *shortfall,
                                   const struct subscription_state *state, int64_t now_ms);
void shortfall_closed(
    struct shortfall *shortfall); /* the stream ended: the half minute starts again */

/* The number of instruments requested and not delivered, for the message. */
int32_t shortfall_silent(const struct subscription_state *state);

#endif
