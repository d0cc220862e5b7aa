#include "config/config_parsed.h"

#include "base/utf8.h"
#include "config/config_keys.h"
#include "market/calendar_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static struct config_value *make_values(void)
{
    return calloc(config_keys_count, sizeof(struct config_value));
}

bool config_parsed_init(struct config_parsed *parsed)
{
    *parsed = (struct config_parsed){.values = make_values()};
    return parsed->values != NULL;
}

static void finish_values(struct config_value *values)
{
    for (size_t i = 0; values && i < config_keys_count; i++) {
        for (size_t t = 0; t < values[i].texts_count; t++)
            free(values[i].texts[t]);
        free(values[i].texts);
        free(values[i].written);
    }
    free(values);
}

void config_parsed_finish(struct config_parsed *parsed)
{
    finish_values(parsed->values);
    for (size_t i = 0; i < parsed->segments_count; i++) {
        free(parsed->segments[i].name);
        finish_values(parsed->segments[i].values);
    }
    *parsed = (struct config_parsed){0};
}

/* --- segments --------------------------------------------------------------------------------- */

struct config_segment *config_parsed_segment(struct config_parsed *parsed, const char *name)
{
    for (size_t i = 0; i < parsed->segments_count; i++) {
        if (strcasecmp(parsed->segments[i].name, name) == 0)
            return &parsed->segments[i];
    }
    return NULL;
}

static int check_name(const char *name, struct err *err)
{
    char shown[64];
    utf8_clean(shown, sizeof(shown), name, strlen(name));
    if (!*name || strlen(name) >= SEGMENT_BYTES || strpbrk(name, " \t"))
        return err_set(err, -EINVAL,
                       "segment \"%s\": not a name of 1 to %d characters without blanks: the "
                       "broker's segments have names such as MERV or DDF",
                       shown, SEGMENT_BYTES - 1);
    return 0;
}

int config_parsed_add_segment(struct config_parsed *parsed, const char *name, int line,
                              struct err *err)
{
    int rc = check_name(name, err);
    if (rc)
        return rc;
    if (parsed->segments_count == CONFIG_SEGMENTS_MAX)
        return err_set(err, -EINVAL, "segment \"%s\": more than %d segments", name,
                       CONFIG_SEGMENTS_MAX);
    struct config_segment segment = {strdup(name), line, make_values()};
    if (!segment.name || !segment.values) {
        free(segment.name);
        free(segment.values);
        return err_set(err, -ENOMEM, "out of memory");
    }
    parsed->segments[parsed->segments_count++] = segment;
    return 0;
}

/* --- values ----------------------------------------------------------------------------------- */

struct config_value *config_value_of(struct config_value *values, const char *section,
                                     const char *name)
{
    const struct config_key *key = config_key_find(section, name);
    if (!key)
        abort();
    return &values[key - config_keys];
}
