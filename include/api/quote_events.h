/*
 * quote_events: the clients of GET /events: Server-Sent Events with quotes and the state of the
 * feed.
 *
 * Owns the clients' choices and the timers of their events. Each client gets the state of the feed,
 * then the quotes that it chose in the order of symbols, in portions and no faster than it reads,
 * then each change; after a change of the list, `gone` for each quote that is not recorded any
 * more. An event is written once for all clients; one that waits for a slow client is replaced by
 * the newer one of the same instrument.
 */
#ifndef API_QUOTE_EVENTS_H
#define API_QUOTE_EVENTS_H

#include "api/api_metrics.h"
#include "api/context.h"
#include "api/quote_list.h"

struct quote_events;

struct quote_events_parts {
    struct loop *loop;
    const struct market *market;
    struct quote_list *list;
    struct api_metrics *metrics;              /* told of each change that is sent */
    void (*feed)(void *arg, struct buf *out); /* the state of the feed as a JSON object */
    void *arg;
};

struct quote_events *quote_events_create(const struct quote_events_parts *parts); /* or NULL */
void quote_events_destroy(struct quote_events *events); /* after the server, which ends them */

/* Answers GET /events?match=GLOB&seen=1. */
enum web_action quote_events_answer(struct quote_events *events, const struct api_call *call);

/* Whether any client wants its changes now. */
bool quote_events_wanted(const struct quote_events *events, int32_t instrument);
/* For whoever observes the market: takes note, and calls nobody back. */
void quote_events_changed(struct quote_events *events, int32_t instrument);
void quote_events_feed(struct quote_events *events); /* its state may be another one */
/* Other instruments are recorded: every client is told which are gone, and gets all quotes again.
 */
void quote_events_relisted(struct quote_events *events);

struct quote_events_stats {
    int open;
    int64_t sent; /* quotes, to all clients together */
};
struct quote_events_stats quote_events_stats(const struct quote_events *events);

#endif
