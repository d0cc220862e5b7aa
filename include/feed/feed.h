/*
 * feed: receives market data for the instruments of the source table, by streaming or polling.
 *
 * Owns the poller, the streams (feed/stream_set) and the probes that compare the two, and connects
 * them: instruments with data on the stream are not polled, all others are (feed/handover). Notices
 * when the sessions of the segments begin and end, and wakes before they begin. Reports the
 * observed times to record/coverage_log.
 */
#ifndef FEED_FEED_H
#define FEED_FEED_H

#include "feed/poller.h"
#include "feed/probes.h"
#include "feed/stream_set.h"
#include "market/feed_state.h"
#include "market/source_table.h"

struct feed;
struct coverage_log;
struct observers;
struct store;
struct terminal_session;

struct feed_parts {
    struct loop *loop;
    const struct config *config;
    struct token_keeper *keeper;
    struct terminal_session *terminal; /* NULL: no dialect needs it */
    struct recorder *recorder;
    struct events *events;
    struct source_table *sources;
    struct request_budget *budget;
    struct coverage_log *coverage;
    struct store *store;         /* asked whether to read the stream more slowly */
    struct observers *observers; /* told of the feed's mode */
    /* The trial of an instrument has ended (source_table.h): its first data have arrived, or REST
     * refuses it. Called from the loop; it may neither list instruments nor destroy the feed. */
    void (*tried)(void *arg, int32_t instrument, bool has_data);
    /* A session begins in some minutes. Called from the loop. */
    void (*waking)(void *arg);
    void *arg;
};

/*
 * Receives the instruments listed in the source table; those that REST refused before are polled
 * again. `learned` as in poller_create().
 */
int feed_create(struct feed **out, const struct feed_parts *parts, const struct plan_feed *learned,
                struct err *err);
void feed_destroy(struct feed *feed); /* closes the stream; the caller ends its coverage */

/*
 * Another list of instruments, without disturbing those that stay: first memory for instruments
 * below `size` (0, or -ENOMEM: the list must not change), then, after source_table_list(), the call
 * that takes it over. The stream stays connected; only the new instruments are subscribed.
 */
int feed_reserve(struct feed *feed, int32_t size);
void feed_relisted(struct feed *feed);

/* Instruments have another calendar in the source table. */
void feed_resegmented(struct feed *feed);

/* Those at which clients look are polled first; call it again when that changes. */
void feed_watch(struct feed *feed, bool (*watched)(void *arg, int32_t instrument), void *arg);

void feed_wake(struct feed *feed); /* there is a token, or a new one */

/* What was learned of the broker, for the next feed. */
struct plan_feed feed_learned(const struct feed *feed);

/* The calendar of a segment, or the general one. */
struct feed_segment {
    const char *name; /* "" = the general one; borrowed */
    enum calendar_phase phase;
    int64_t changes_ns; /* ns UTC; INT64_MAX = never */
    int32_t instruments;
};

struct feed_report {
    enum feed_mode mode;
    int64_t mode_for_ms;
    char why[256]; /* reason of the mode */
    struct stream_set_state streams;
    const char *stream_url;    /* of the one in use; borrowed */
    bool streaming_enabled;    /* by the configuration */
    enum calendar_phase phase; /* of all recorded instruments together */
    int64_t phase_changes_ns;  /* ns UTC; INT64_MAX = never */
    struct feed_segment segments[CALENDARS_MAX];
    int segments_count;           /* at least 1; the first one is the general calendar */
    int64_t connections, losses;  /* of the streams */
    int64_t connected_for_ms;     /* -1 = not connected */
    int64_t retry_in_ms;          /* -1 = no retry is scheduled */
    int64_t unreadable;           /* entries of messages whose value could not be read */
    struct source_counts sources; /* how many instruments are polled, streamed, lost ... */
    int64_t blind_longest_ms;     /* longest time an instrument was unobserved, since the start */
    struct probes_stats probes;
    struct poller_state poller;
    struct streamer_state stream; /* of the one in use; its counts are of all */
};
void feed_report(const struct feed *feed, struct feed_report *out);

#endif
