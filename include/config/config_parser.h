/*
 * config_parser: parses the text of a configuration into one checked value for each config_key.
 *
 * The only module that uses libConfuse. Errors name file, line and key, and the nearest valid key
 * when one was misspelt; only the first error is reported.
 */
#ifndef CONFIG_CONFIG_PARSER_H
#define CONFIG_CONFIG_PARSER_H

#include "config/config_parsed.h"

#define CONFIG_BYTES_MAX (1024 * 1024)

/* -EINVAL or -ENOMEM; then `out` has nothing to finish. */
int config_parser_read(const char *text, size_t len_bytes, const char *name,
                       struct config_parsed *out, struct err *err);

#endif
