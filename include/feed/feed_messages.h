/*
 * feed_messages: the event messages of a feed.
 *
 * Decides only what is repeated: a stream that is unavailable for days is reported when that begins
 * and when the reason changes.
 */
#ifndef FEED_FEED_MESSAGES_H
#define FEED_FEED_MESSAGES_H

#include "market/calendar.h"
#include "market/market.h"
#include "market/unobserved.h"

struct events;

struct feed_messages {
    struct events *events; /* borrowed */
    int32_t instruments;   /* of the feed */
    char lost[512];        /* reason of the last of consecutive losses; "" = none */
};

void feed_messages_open(struct feed_messages *messages, const char *url, int64_t took_ms);
void feed_messages_streaming(struct feed_messages *messages, bool was_stale);
/* `polled`: number of instruments that fall back to polling. */
void feed_messages_stale(struct feed_messages *messages, const char *why, int64_t silence_ms,
                         int32_t polled);
void feed_messages_lost(struct feed_messages *messages, const char *why, bool refused,
                        int32_t polled, int64_t next_try_ms);
void feed_messages_seen(struct feed_messages *messages, const struct unobserved_summary *summary);
/* `before`: the last values of the stream; `now`: the values of REST, as recorded. */
void feed_messages_diverged(struct feed_messages *messages, const char *symbol,
                            const struct quote *before, const struct market_quote *now,
                            int64_t now_ms);
/* A calendar is in another phase, until `until_ns`, ns UTC; INT64_MAX = no end. `whose`: "the
 * market", or a segment. */
void feed_messages_session(struct feed_messages *messages, const char *whose,
                           enum calendar_phase phase, int64_t until_ns);
/* A session begins at `at_ns`, ns UTC. */
void feed_messages_waking(struct feed_messages *messages, const char *whose, int64_t at_ns);
/* The holidays of that year are not all known. */
void feed_messages_holidays(struct feed_messages *messages, int year);

#endif
