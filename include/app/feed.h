/*
 * feed: what the broker says about a list of instruments, from wherever it can be had.
 *
 * Owns a poller, a streamer and the machine that decides which of them is the source
 * (market/feed_state). What is streamed is not polled; what is not heard is. It probes the stream
 * with the rate polling leaves over, tells in words what happens, and measures how long nobody
 * looked; what it knows of is vouched for (app/vouch).
 */
#ifndef APP_FEED_H
#define APP_FEED_H

#include "app/poller.h"
#include "app/probes.h"
#include "app/streamer.h"
#include "market/feed_state.h"

struct feed;
struct vouch;

struct feed_parts {
    struct loop *loop;
    const struct config *config;
    struct keeper *keeper;
    struct recorder *recorder;
    struct events *events;
    struct vouch *vouch;
    void (*moved)(void *arg); /* to another mode, from within; NULL: nobody asks */
    void *arg;
};

/* Parameters and `previous` as poller_create(). */
int feed_create(struct feed **out, const struct feed_parts *parts,
                const struct config_strings *symbols, const struct plan_feed *learned,
                struct feed *previous, struct err *err);
void feed_destroy(
    struct feed *feed); /* its stream is gone; the coverage of it is ended by others */

void feed_wake(struct feed *feed); /* the keeper has a token, or a new one */

struct plan_feed feed_learned(const struct feed *feed); /* of the broker, for the next one */

struct feed_report {
    enum feed_mode mode;
    int64_t mode_for_ms;
    char why[256];          /* it is in this mode */
    const char *stream_url; /* borrowed */
    bool streaming_enabled; /* by the configuration */
    bool in_session;
    int64_t session_changes_ns;  /* ns UTC; INT64_MAX = never */
    int64_t connections, losses; /* of the stream */
    int64_t connected_for_ms;    /* -1 = it is not */
    int64_t retry_in_ms;         /* -1 = none is planned */
    int64_t unreadable;          /* entries of messages whose value could not be read */
    int32_t filling;             /* lost by the stream, not read again yet */
    int32_t unobserved;          /* those, and those dropped for the day */
    int64_t blind_longest_ms;    /* since the start */
    struct probes_stats probes;
    struct poller_state poller;
    struct streamer_state stream;
};
void feed_report(const struct feed *feed, struct feed_report *out);

#endif
