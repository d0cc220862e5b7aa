/*
 * probes: re-reads streamed instruments over REST, with the requests that polling does not use.
 *
 * Runs market/prober: owns its timer and sends requests through the poller. Reports to its owner
 * that a silent stream is correct, because the market is quiet, or that it misses changes.
 */
#ifndef FEED_PROBES_H
#define FEED_PROBES_H

#include "feed/poller.h"
#include "market/quote.h"

struct probes;

struct probes_parts {
    struct loop *loop;
    const struct config *config;
    struct poller *poller;
    struct recorder *recorder;
    struct source_table *sources;
    void *arg;
    void (*agreed)(void *arg); /* while silent, REST agreed for an instrument that trades often */
    /* `before`: its last values from the stream; those of REST are recorded already. */
    void (*diverged)(void *arg, int32_t instrument, const struct quote *before);
};

struct probes *probes_create(const struct probes_parts *parts); /* NULL: no memory */
void probes_destroy(struct probes *probes);

void probes_run(struct probes *probes, bool streaming); /* stops if not; call at each session */
void probes_heard(struct probes *probes, int32_t instrument, bool changed, int64_t now_ms);
void probes_lost(struct probes *probes, int32_t instrument);
/* As prober_reserve(), prober_relisted(). */
int probes_reserve(struct probes *probes, int32_t size);
void probes_relisted(struct probes *probes);
void probes_polled(struct probes *probes, const struct poll_told *told); /* call for every poll */

struct probes_stats {
    int64_t agreed, differed, divergences;
};
struct probes_stats probes_stats(const struct probes *probes);

#endif
