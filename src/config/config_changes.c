#include "config/config_changes.h"

#include "config/config_keys.h"
#include "config/config_parser.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *section, *shown;
    uint32_t bit;
} sections[] = {
    {"broker", "broker", CONFIG_BROKER},    {"poll", "poll", CONFIG_POLL},
    {"stream", "stream", CONFIG_STREAM},    {"instruments", "instruments", CONFIG_INSTRUMENTS},
    {"session", "session", CONFIG_SESSION}, {"store", "store", CONFIG_STORE},
    {"serve", "serve", CONFIG_SERVE},       {"export", "export", CONFIG_EXPORT},
    {"sink", "sink", CONFIG_SINK},          {"alert", "alert", CONFIG_ALERT},
    {"lease", "lease", CONFIG_LEASE},       {"source", "source", CONFIG_SOURCE},
    {"", "state_dir", CONFIG_STATE_DIR},
};
#define SECTIONS (sizeof(sections) / sizeof(sections[0]))

static uint32_t bit_of(const char *section)
{
    for (size_t i = 0; i < SECTIONS; i++) {
        if (strcmp(sections[i].section, section) == 0)
            return sections[i].bit;
    }
    return 0;
}

static bool same(const struct config_value *a, const struct config_value *b)
{
    if (a->number != b->number || a->yes != b->yes || a->texts_count != b->texts_count)
        return false;
    for (size_t i = 0; i < a->texts_count; i++) {
        if (strcmp(a->texts[i], b->texts[i]) != 0)
            return false;
    }
    return true;
}

/* A key that a segment does not set has the value of section session. */
static bool same_segment(const struct config_segment *a, const struct config_segment *b)
{
    if (strcmp(a->name, b->name) != 0)
        return false;
    for (size_t i = 0; i < config_keys_count; i++) {
        if (!a->values[i].line != !b->values[i].line || !same(&a->values[i], &b->values[i]))
            return false;
    }
    return true;
}

static bool same_segments(const struct config_parsed *a, const struct config_parsed *b)
{
    if (a->segments_count != b->segments_count)
        return false;
    for (size_t i = 0; i < a->segments_count; i++) {
        if (!same_segment(&a->segments[i], &b->segments[i]))
            return false;
    }
    return true;
}

uint32_t config_changes(const struct config *a, const struct config *b)
{
    uint32_t changed = same_segments(&a->parsed, &b->parsed) ? 0 : CONFIG_SESSION;
    for (size_t i = 0; i < config_keys_count; i++) {
        if (!same(&a->parsed.values[i], &b->parsed.values[i]))
            changed |= bit_of(config_keys[i].section);
    }
    return changed;
}

char *config_changes_words(char *out, size_t out_bytes, uint32_t changed)
{
    size_t used = 0;
    snprintf(out, out_bytes, "nothing");
    for (size_t i = 0; i < SECTIONS && used < out_bytes; i++) {
        if (changed & sections[i].bit)
            used += (size_t)snprintf(out + used, out_bytes - used, "%s%s", used ? ", " : "",
                                     sections[i].shown);
    }
    return out;
}
