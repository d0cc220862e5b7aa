/*
 * probes: re-reads over REST what a stream has said, with the requests polling leaves over.
 *
 * The shell around market/prober: owns its timer and asks through the poller. Tells its owner what
 * was proved: that a quiet market is just quiet, or that the stream is mute about an instrument.
 */
#ifndef APP_PROBES_H
#define APP_PROBES_H

#include "app/poller.h"
#include "market/quote.h"

struct probes;

struct probes_parts {
    struct loop *loop;
    const struct config *config;
    struct poller *poller;
    struct recorder *recorder;
    void *arg;
    void (*vouched)(void *arg); /* in silence, a lively instrument agreed */
    /* `before`: what the stream had said of it; what REST says is recorded already. */
    void (*diverged)(void *arg, int32_t slot, const struct quote *before);
};

struct probes *probes_create(const struct probes_parts *parts, int32_t count); /* NULL: memory */
void probes_destroy(struct probes *probes);

void probes_run(struct probes *probes, bool streaming, bool in_session); /* or stop */
void probes_heard(struct probes *probes, int32_t slot, bool changed, int64_t now_ms);
void probes_lost(struct probes *probes, int32_t slot);
void probes_polled(struct probes *probes, const struct poll_told *told); /* any poll's end */

/* When the stream, or a probe that agreed, last spoke of it. */
int64_t probes_known_ms(const struct probes *probes, int32_t slot);

struct probes_stats {
    int64_t agreed, differed, divergences;
};
struct probes_stats probes_stats(const struct probes *probes);

#endif
