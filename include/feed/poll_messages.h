/*
 * poll_messages: the event messages of a poller, of single instruments and of the whole broker.
 *
 * Chooses kind, level and words; the poller decides when something is reported.
 */
#ifndef FEED_POLL_MESSAGES_H
#define FEED_POLL_MESSAGES_H

#include "base/err.h"
#include "feed/poll_outcome.h"
#include "market/planner.h"

struct events;

struct poll_messages {
    struct events *events;                        /* borrowed */
    char outage[sizeof(((struct err *)0)->text)]; /* first error of the present or last outage */
};

/* The kind of event of a poll that failed. */
enum event_kind poll_messages_kind(const struct poll_outcome *outcome);

/* A poll of this instrument failed, in a new way. */
void poll_messages_trouble(struct poll_messages *m, const char *symbol,
                           const struct poll_outcome *outcome);
/* It is answered again, after so many failures in a row; or its stream delivers it now. */
void poll_messages_recovered(struct poll_messages *m, const char *symbol, long failures,
                             int64_t failed_for_ms);
void poll_messages_streamed(struct poll_messages *m, const char *symbol, long failures);
/* `news` of planner_done(), which the outcome has caused; `plan`: the state after it. */
void poll_messages_broker(struct poll_messages *m, unsigned news,
                          const struct poll_outcome *outcome, const struct plan_state *plan,
                          int64_t now_ms);

#endif
