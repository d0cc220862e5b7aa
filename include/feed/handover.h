/*
 * handover: moves instruments between polling and a stream, as data arrive and streams are lost.
 *
 * Records each move in the source table and passes it on to all that depend on it: the poller, the
 * probes, the coverage and the event messages. Measures for how long lost instruments were
 * unobserved. Decides nothing: stream_source says when a stream has lost its instruments.
 */
#ifndef FEED_HANDOVER_H
#define FEED_HANDOVER_H

#include "market/event_kind.h"
#include "market/quote.h"
#include "market/unobserved.h"

#include <stdbool.h>
#include <stdint.h>

struct coverage_log;
struct feed_messages;
struct poll_told;
struct poller;
struct probes;
struct source_table;

struct handover {
    struct source_table *sources; /* all are borrowed */
    struct poller *poller;
    struct probes *probes;
    struct coverage_log *coverage;
    struct feed_messages *messages;
    struct unobserved unobserved;
    /* The trial of an instrument has ended: its first data have arrived, or REST refuses it. */
    void (*tried)(void *arg, int32_t instrument, bool has_data);
    void *arg;
};

/* Data of an instrument from a stream where it is live: it is streamed from now on. */
struct handover_delivery {
    enum source stream;
    uint32_t entries;
    int64_t now_ms;
};
void handover_delivered(struct handover *h, int32_t instrument,
                        const struct handover_delivery *delivery);
/* A stream sent data of an instrument that is not live there. */
void handover_observed(struct handover *h, int32_t instrument, int64_t now_ms);
/* A request for it ended. */
void handover_polled(struct handover *h, const struct poll_told *told);

/* How a stream loses an instrument; it is polled again, first after delay_ms. */
struct handover_loss {
    enum source stream;
    int64_t now_ms, delay_ms;
    int64_t proof_ms; /* when its data were last known to be current */
    enum event_kind why;
};
void handover_lost(struct handover *h, int32_t instrument, const struct handover_loss *loss);
/* All of the stream. They are due within delay_ms, spread over it. Returns how many. */
int32_t handover_lost_all(struct handover *h, struct handover_loss loss);

#endif
