/*
 * api_settings: a copy of section serve of the configuration, and the rules that follow from it.
 */
#ifndef API_API_SETTINGS_H
#define API_API_SETTINGS_H

#include "config/config.h"
#include "serve/access.h"

#include <stdbool.h>

struct api_settings {
    char *listen, *token; /* owned, as the lists */
    struct config_strings origins, hosts;
};

/* -ENOMEM or 0; then api_settings_finish(). */
int api_settings_copy(struct api_settings *out, const struct config_serve *serve);
void api_settings_finish(struct api_settings *settings); /* a zeroed one too */
bool api_settings_equal(const struct api_settings *settings, const struct config_serve *serve);
/* Borrows from `settings`. */
struct access_rules api_settings_rules(const struct api_settings *settings);

#endif
