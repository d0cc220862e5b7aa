#include "replica/source_settings.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(name) offsetof(struct config_source, name)

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

static char **text_of(struct config_source *source, size_t i)
{
    return (char **)((char *)source + texts[i]);
}

int source_settings_copy(struct source_settings *out, const struct config_source *source)
{
    bool whole = true;
    *out = (struct source_settings){.source = *source};
    for (size_t i = 0; i < TEXTS; i++) {
        char **text = text_of(&out->source, i);
        *text = strdup(*text);
        whole = whole && *text;
    }
    if (!whole) {
        source_settings_finish(out);
        return -ENOMEM;
    }
    snprintf(out->all, sizeof(out->all), "%s.>", out->source.subject);
    snprintf(out->last, sizeof(out->last), "%s_LAST", out->source.stream);
    return 0;
}

void source_settings_finish(struct source_settings *settings)
{
    for (size_t i = 0; i < TEXTS; i++)
        free(*text_of(&settings->source, i));
    *settings = (struct source_settings){0};
}

struct nats_settings source_settings_link(const struct source_settings *settings)
{
    const struct config_source *s = &settings->source;
    return (struct nats_settings){
        .section = "source",
        .servers = s->nats,
        .user = s->user,
        .password_file = s->password_file,
        .token_file = s->token_file,
        .credentials_file = s->credentials_file,
        .ca_file = s->ca_file,
        .certificate_file = s->certificate_file,
        .key_file = s->key_file,
        .name = "cinta replica",
    };
}

struct nats_stream_wish source_settings_stream(const struct source_settings *settings)
{
    return (struct nats_stream_wish){.name = settings->source.stream, .subject = settings->all};
}

struct nats_stream_wish source_settings_last(const struct source_settings *settings)
{
    return (struct nats_stream_wish){.name = settings->last, .mirror_of = settings->source.stream};
}
