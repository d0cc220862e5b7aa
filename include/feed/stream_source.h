/*
 * stream_source: one stream as a source of market data: when to connect it, and whether to trust
 * it.
 *
 * Owns the dialect, the connection (feed/streamer) and the state machine that decides
 * (market/feed_state). Takes instruments from polling as their data arrive, and gives them back
 * when the stream ends or is mute (feed/handover). Reports to observers when its mode changes.
 */
#ifndef FEED_STREAM_SOURCE_H
#define FEED_STREAM_SOURCE_H

#include "feed/streamer.h"
#include "market/feed_state.h"

struct stream_source;
struct coverage_log;
struct feed_messages;
struct handover;
struct observers;
struct probes;
struct token_keeper;

/* All are borrowed. */
struct stream_source_parts {
    struct loop *loop;
    const struct config *config;
    struct token_keeper *keeper;
    struct recorder *recorder;
    struct events *events;
    struct source_table *sources;
    struct request_budget *budget;
    struct coverage_log *coverage;
    struct store *store;
    struct observers *observers;
    struct feed_messages *messages;
    struct handover *handover;
    struct probes *probes; /* they run while the stream is trusted */
};

/*
 * `previous` (may be NULL) is the one being replaced: when the next connection is allowed is kept,
 * so that the broker does not get more of them.
 */
int stream_source_create(struct stream_source **out, const struct stream_source_parts *parts,
                         const struct stream_source *previous, struct err *err);
void stream_source_destroy(struct stream_source *source); /* closes the connection */

void stream_source_login(struct stream_source *source); /* there may be a new login */
/* The trading session is open or closed; call it once before all others, and at each change. */
void stream_source_session(struct stream_source *source, bool open);
void stream_source_new_day(struct stream_source *source); /* refused ones are requested again */

/* What probes have found: the silent stream is right; it misses changes of an instrument. */
void stream_source_agreed(struct stream_source *source);
void stream_source_diverged(struct stream_source *source, int32_t instrument);

struct stream_source_state {
    enum feed_mode mode;
    int64_t mode_for_ms;
    const char *why; /* reason of the mode; borrowed */
    const char *url; /* borrowed */
    bool enabled;    /* by the configuration */
    int64_t connections, losses;
    int64_t connected_for_ms; /* -1 = not connected */
    int64_t retry_in_ms;      /* -1 = no retry is scheduled */
    struct streamer_state stream;
};
struct stream_source_state stream_source_state(const struct stream_source *source);

#endif
