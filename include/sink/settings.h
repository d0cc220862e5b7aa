/*
 * settings: a copy of section sink, for the thread that publishes.
 */
#ifndef SINK_SETTINGS_H
#define SINK_SETTINGS_H

#include "config/config.h"
#include "nats/stream.h"
#include "sink/subject.h"

struct sink_settings {
    struct config_sink sink; /* its texts are owned here */
    char *state_dir, *database;
    bool shared; /* another recorder publishes into the stream too (section lease) */
    char all[SINK_PREFIX_BYTES + 4]; /* the subjects of all messages: "md.>" */
    char last[64];                   /* name of the stream with the last message of each subject */
};

/* -ENOMEM; then there is nothing to finish. */
int sink_settings_copy(struct sink_settings *out, const struct config *config,
                       const char *database);
void sink_settings_finish(struct sink_settings *settings);

struct nats_settings sink_settings_link(const struct sink_settings *settings);
/* The stream of all messages, and its mirror with the last one of each subject. */
struct nats_stream_wish sink_settings_stream(const struct sink_settings *settings);
struct nats_stream_wish sink_settings_last(const struct sink_settings *settings);

#endif
