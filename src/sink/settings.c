#include "sink/settings.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(name) offsetof(struct config_sink, name)

static const size_t texts[] = {
    TEXT(nats),
    TEXT(subject),
    TEXT(stream),
    TEXT(user),
    TEXT(password_file),
    TEXT(token_file),
    TEXT(credentials_file),
    TEXT(ca_file),
    TEXT(certificate_file),
    TEXT(key_file),
};
#define TEXTS (sizeof(texts) / sizeof(texts[0]))

static char **text_of(struct config_sink *sink, size_t i)
{
    return (char **)((char *)sink + texts[i]);
}

int sink_settings_copy(struct sink_settings *out, const struct config *config, const char *database)
{
    bool whole = true;
    *out = (struct sink_settings){.sink = config->sink, .shared = *config->lease.name};
    for (size_t i = 0; i < TEXTS; i++) {
        char **text = text_of(&out->sink, i);
        *text = strdup(*text);
        whole = whole && *text;
    }
    out->state_dir = strdup(config->state_dir);
    out->database = strdup(database);
    if (!whole || !out->state_dir || !out->database) {
        sink_settings_finish(out);
        return -ENOMEM;
    }
    snprintf(out->all, sizeof(out->all), "%s.>", out->sink.subject);
    snprintf(out->last, sizeof(out->last), "%s_LAST", out->sink.stream);
    return 0;
}

void sink_settings_finish(struct sink_settings *settings)
{
    for (size_t i = 0; i < TEXTS; i++)
        free(*text_of(&settings->sink, i));
    free(settings->state_dir);
    free(settings->database);
    *settings = (struct sink_settings){0};
}

struct nats_settings sink_settings_link(const struct sink_settings *settings)
{
    const struct config_sink *s = &settings->sink;
    return (struct nats_settings){
        .section = "sink",
        .servers = s->nats,
        .user = s->user,
        .password_file = s->password_file,
        .token_file = s->token_file,
        .credentials_file = s->credentials_file,
        .ca_file = s->ca_file,
        .certificate_file = s->certificate_file,
        .key_file = s->key_file,
        .name = "cinta sink",
    };
}

struct nats_stream_wish sink_settings_stream(const struct sink_settings *settings)
{
    const struct config_sink *s = &settings->sink;
    return (struct nats_stream_wish){
        .name = s->stream,
        .subject = settings->all,
        .description = "market data of cinta",
        .replicas = s->replicas,
        .max_age_ns = s->max_age_ns,
        .max_bytes = s->max_bytes,
        .duplicates_ns = s->duplicates_ns,
    };
}

struct nats_stream_wish sink_settings_last(const struct sink_settings *settings)
{
    const struct config_sink *s = &settings->sink;
    return (struct nats_stream_wish){
        .name = settings->last,
        .mirror_of = s->stream,
        .description = "the last market data of each subject",
        .replicas = s->replicas,
        .max_per_subject = 1,
    };
}
