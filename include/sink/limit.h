/*
 * limit: which changes a recorder publishes when there are two of them (lease/lease).
 *
 * Pure. A recorder without the lease publishes only what it had recorded while it had it. What it
 * recorded while another one had it is never published.
 */
#ifndef SINK_LIMIT_H
#define SINK_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#define SINK_RANGES_MAX 8

/* The changes with from < seq <= to. */
struct sink_range {
    int64_t from, to;
};

struct sink_limit {    /* all zero: everything is published */
    int64_t opened_ms; /* monotonic: it is not closed since then; 0 = since the start */
    bool closed;       /* no events, no trades of the broker's lists, and only changes up to: */
    int64_t seq;
    int64_t others_ns; /* another recorder has published the trades up to then; 0 = none did */
    struct sink_range withheld[SINK_RANGES_MAX];
    int withheld_count;
};

/* The last change that may be published, of those up to last_seq. */
int64_t sink_limit_end(const struct sink_limit *limit, int64_t last_seq);
/* How long publishing waits for the broker's first list of instruments, which has their segments:
 * half a minute at most after the recorder began to ask the broker. 0 or less: not any more. */
int64_t sink_limit_hold_ms(const struct sink_limit *limit, int64_t started_ms, int64_t now_ms);
bool sink_limit_withholds(const struct sink_limit *limit, int64_t seq);

/* Each time another recorder takes the lease, seq goes on after a multiple of this. */
#define SINK_SEQ_BLOCK INT64_C(1000000000)
/* How many changes have a number above `from`, up to `to`. Numbers of an earlier block, whose end
 * is unknown, are not counted. */
int64_t sink_seq_distance(int64_t from, int64_t to);

#endif
