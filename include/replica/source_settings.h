/*
 * source_settings: a copy of section source, for the thread that reads.
 */
#ifndef REPLICA_SOURCE_SETTINGS_H
#define REPLICA_SOURCE_SETTINGS_H

#include "config/config.h"
#include "nats/stream.h"
#include "sink/subject.h"

struct source_settings {
    struct config_source source;     /* its texts are owned here */
    char all[SINK_PREFIX_BYTES + 4]; /* the subjects of all messages: "md.>" */
    char last[64];                   /* name of the stream with the last message of each subject */
};

/* -ENOMEM; then there is nothing to finish. */
int source_settings_copy(struct source_settings *out, const struct config_source *source);
void source_settings_finish(struct source_settings *settings);

struct nats_settings source_settings_link(const struct source_settings *settings);

/* What the streams are, to look for them. */
struct nats_stream_wish source_settings_stream(const struct source_settings *settings);
struct nats_stream_wish source_settings_last(const struct source_settings *settings);

#endif
