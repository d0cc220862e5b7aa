/*
 * stream_source: one stream as a source of market data: when to connect it, and whether to trust
 * it.
 *
 * Owns the dialect, the connection (feed/streamer) and the state machine that decides
 * (market/feed_state). Takes instruments from polling as their data arrive, and gives them back
 * when the stream ends or is mute (feed/handover). Connects only while its owner wants it, and
 * reports to it when its mode changes.
 */
#ifndef FEED_STREAM_SOURCE_H
#define FEED_STREAM_SOURCE_H

#include "feed/streamer.h"
#include "market/feed_state.h"

struct stream_source;
struct coverage_log;
struct feed_messages;
struct handover;
struct probes;

/* All are borrowed, except the dialect. */
struct stream_source_parts {
    struct loop *loop;
    const struct config *config;
    const struct dialect *dialect; /* copied; taken, also on failure */
    struct recorder *recorder;
    struct events *events;
    struct source_table *sources;
    struct request_budget *budget;
    struct coverage_log *coverage;
    struct store *store;
    struct handover *handover;
    struct probes *probes;
    void *arg;
    void (*changed)(void *arg); /* its mode, or whether it is denied; from inside its calls */
};

/* It is not wanted at first. */
int stream_source_create(struct stream_source **out, const struct stream_source_parts *parts,
                         struct err *err);
void stream_source_destroy(struct stream_source *source); /* closes the connection */

/* Whether it is to connect. One that is not wanted any more gives its instruments back. */
void stream_source_want(struct stream_source *source, bool wanted);
/* Its instruments are requested again: it takes them from another stream, if it is preferred. */
void stream_source_subscribe(struct stream_source *source);

/* As streamer_reserve(), streamer_relisted(). */
int stream_source_reserve(struct stream_source *source, int32_t size);
void stream_source_relisted(struct stream_source *source);

void stream_source_login(struct stream_source *source); /* there may be a new login */
/* Levels or segments have changed in the source table; call it once before all others too. */
void stream_source_session(struct stream_source *source);
void stream_source_new_day(struct stream_source *source); /* refused ones are requested again */

/* Whether it delivers data that may be used: it streams, and is not denied. */
bool stream_source_delivers(const struct stream_source *source);

/* What probes have found: the silent stream is right; it misses changes of an instrument. */
void stream_source_agreed(struct stream_source *source);
void stream_source_diverged(struct stream_source *source, int32_t instrument);

struct stream_source_state {
    const char *dialect; /* its name, a constant */
    enum source source;
    enum feed_mode mode;
    int64_t mode_for_ms;
    const char *why; /* reason of the mode; borrowed */
    const char *url; /* borrowed */
    bool wanted;
    int64_t connections, losses;
    int64_t refusals;         /* of the losses: refused handshakes */
    int64_t silences;         /* times that it was connected but silent, and subscribed again */
    int64_t connected_for_ms; /* -1 = not connected */
    int64_t retry_in_ms;      /* -1 = no retry is scheduled */
    struct streamer_state stream;
};
struct stream_source_state stream_source_state(const struct stream_source *source);

#endif
