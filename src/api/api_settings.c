#include "api/api_settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int copy_strings(struct config_strings *out, const struct config_strings *from)
{
    out->item = calloc(from->count + 1, sizeof(*out->item));
    if (!out->item)
        return -ENOMEM;
    for (; out->count < from->count; out->count++) {
        out->item[out->count] = strdup(from->item[out->count]);
        if (!out->item[out->count])
            return -ENOMEM;
    }
    return 0;
}

static void free_strings(struct config_strings *strings)
{
    for (size_t i = 0; i < strings->count; i++)
        free(strings->item[i]);
    free(strings->item);
}

static bool same_strings(const struct config_strings *a, const struct config_strings *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (strcmp(a->item[i], b->item[i]) != 0)
            return false;
    }
    return true;
}

int api_settings_copy(struct api_settings *out, const struct config_serve *serve)
{
    *out = (struct api_settings){
        .listen = strdup(serve->listen),
        .token = strdup(serve->token),
    };
    if (out->listen && out->token && copy_strings(&out->origins, &serve->origins) == 0 &&
        copy_strings(&out->hosts, &serve->hosts) == 0)
        return 0;
    api_settings_finish(out);
    return -ENOMEM;
}

void api_settings_finish(struct api_settings *settings)
{
    free(settings->listen);
    free(settings->token);
    free_strings(&settings->origins);
    free_strings(&settings->hosts);
    *settings = (struct api_settings){0};
}

bool api_settings_equal(const struct api_settings *settings, const struct config_serve *serve)
{
    return strcmp(settings->listen, serve->listen) == 0 &&
           strcmp(settings->token, serve->token) == 0 &&
           same_strings(&settings->origins, &serve->origins) &&
           same_strings(&settings->hosts, &serve->hosts);
}

struct access_rules api_settings_rules(const struct api_settings *settings)
{
    return (struct access_rules){
        .hosts = (const char *const *)settings->hosts.item,
        .origins = (const char *const *)settings->origins.item,
        .hosts_count = (int)settings->hosts.count,
        .origins_count = (int)settings->origins.count,
        .token = settings->token,
    };
}
